"""Docker and podman as backends: the engine isolates, the same runner works inside.

The image must be there already (`docker pull`): a self-test that fetches from the network would be none. No host
directory is writable from inside unless a mount asks for it, the root is read-only, and the writable places are
in-memory file systems, as with bubblewrap. The engine gets our list of refused system calls instead of its own,
which in older releases still allows io_uring; without capabilities nothing is lost by that.
"""

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bot.model.command import Command
from bot.sandbox.channel import program
from bot.sandbox.identity import check_mounts, outside_uid
from bot.sandbox.launch import Launch
from bot.sandbox.seccomp import CLONE_NEWUSER, EAFNOSUPPORT, ENOSYS, EPERM, REFUSED, TIOCSTI

WORK: Final = "/work"
_CLIENT_VARIABLES: Final = ("HOME", "PATH", "DOCKER_HOST", "CONTAINER_HOST", "XDG_RUNTIME_DIR")
_AF_VSOCK: Final = 40


def find_engine(name: Literal["docker", "podman"]) -> str | None:
    """The engine's client program on PATH."""
    return shutil.which(name)


def seccomp_profile() -> dict[str, object]:
    """The refusals of `seccomp` in the engines' own format (OCI runtime specification, linux.seccomp)."""

    def rule(name: str, errno: int, *conditions: dict[str, object]) -> dict[str, object]:
        return {"names": [name], "action": "SCMP_ACT_ERRNO", "errnoRet": errno, "args": list(conditions)}

    def bits(mask: int) -> dict[str, object]:
        return {"index": 0, "value": mask, "valueTwo": mask, "op": "SCMP_CMP_MASKED_EQ"}

    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [
            *(rule(name, EPERM) for name in REFUSED),
            rule("clone3", ENOSYS),
            rule("clone", EPERM, bits(CLONE_NEWUSER)),
            rule("unshare", EPERM, bits(CLONE_NEWUSER)),
            rule("ioctl", EPERM, {"index": 1, "value": TIOCSTI, "op": "SCMP_CMP_EQ"}),
            rule("socket", EAFNOSUPPORT, {"index": 0, "value": _AF_VSOCK, "op": "SCMP_CMP_EQ"}),
        ],
    }


def arguments(command: Command, *, image: str, name: str, profile: str) -> list[str]:
    """What follows the client's name to run the runner in a fresh container of `image`."""
    limits = command.limits
    user = str(outside_uid())
    scratch = f"rw,nosuid,nodev,exec,mode=1777,size={limits.scratch_bytes}"
    result = ["run", "--rm", "--interactive", "--pull", "never", "--name", name]
    result += ["--network", command.network, "--read-only", "--cap-drop", "ALL"]
    result += ["--security-opt", "no-new-privileges", "--security-opt", f"seccomp={profile}"]
    result += ["--user", f"{user}:{user}", "--ipc", "private", "--hostname", "sandbox"]
    result += ["--pids-limit", str(limits.processes), "--memory", str(limits.address_space_bytes)]
    result += ["--memory-swap", str(limits.address_space_bytes), "--log-driver", "none", "--workdir", WORK]
    for path in (WORK, "/tmp"):
        result += ["--tmpfs", f"{path}:{scratch}"]
    for mount in command.mounts:
        access = "" if mount.writable else ",readonly"
        result += ["--mount", f"type=bind,source={os.path.realpath(mount.host)},target={mount.inside}{access}"]
    return [*result, "--entrypoint", "python3", image, "-I", "-S", "-c", program()]


@dataclass(frozen=True, slots=True)
class Container:
    """The backend; `binary` is the client program of the engine."""

    name: Literal["docker", "podman"]
    binary: str
    image: str
    client: Mapping[str, str]
    """The environment of the client program, of which only what leads to the engine is passed on."""
    python: str = "python3"

    def mend(self) -> str:
        return f"see that `{self.name} info` answers and the image is there: `{self.name} pull {self.image}`"

    @contextlib.asynccontextmanager
    async def opened(self, command: Command) -> AsyncGenerator[Launch, None]:
        """Raises MountUnusable."""
        check_mounts(command.mounts)
        container = f"rmo-{secrets.token_hex(8)}"
        with tempfile.TemporaryDirectory(prefix="rmo-") as directory:
            profile = Path(directory) / "seccomp.json"
            profile.write_text(json.dumps(seccomp_profile()), encoding="utf-8")
            yield Launch(
                argv=(self.binary, *arguments(command, image=self.image, name=container, profile=str(profile))),
                work=WORK,
                uid=None,
                own_processes=True,
                environment={"PATH": os.defpath, "HOME": str(Path.home())}
                | {name: self.client[name] for name in _CLIENT_VARIABLES if name in self.client},
                stop=(self.binary, "rm", "--force", container),
            )
