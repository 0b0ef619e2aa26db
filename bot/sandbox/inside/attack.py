"""What hostile code would try from inside; a sandbox that does not withstand all of it is not used.

Run as a command in the sandbox under test, with one JSON argument naming what lies outside. It writes the name of
each probe with whether it was withstood to `report.json`, leaves a daemon behind and floods standard output.
"""

from __future__ import annotations

import ctypes
import errno
import glob
import json
import mmap
import os
import signal
import socket
import sys
import time

TYPE_CHECKING = False  # the real one costs the import of typing at every start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypedDict

    class Outside(TypedDict):
        canary: str
        port: int
        socket: str
        abstract: str
        writable: str
        mounted: str
        pid: int
        born: str
        environment: list[str]
        processes: int
        memory: int
        scratch: int
        flood: int
        token: str


_CLONE_NEWUSER = 0x10000000
_REFUSED_CALLS = {"x86_64": (250, 425, 101, 321), "aarch64": (219, 425, 117, 280)}
_AF_VSOCK = 40


def fails(action: Callable[[], object]) -> bool:
    try:
        action()
    except OSError:
        return True
    return False


def home(outside: Outside) -> bool:
    return fails(lambda: open(outside["canary"], "rb").read(1))


def own_environment(outside: Outside) -> bool:
    return {f"{name}={value}" for name, value in os.environ.items()} <= set(outside["environment"])


def foreign_environments(outside: Outside) -> bool:
    """Also that of the launcher, which is process 1 inside: what it was started with must not be readable."""
    seen: set[str] = set()
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                seen |= {entry.decode("utf-8", "replace") for entry in file.read().split(b"\0") if entry}
        except OSError:
            continue
    return seen <= set(outside["environment"])


def connects(family: int, address: object) -> Callable[[], object]:
    def connect() -> None:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            client.connect(address)  # pyright: ignore[reportArgumentType] # each family has its own address type

    return connect


def loopback(outside: Outside) -> bool:
    return fails(connects(socket.AF_INET, ("127.0.0.1", outside["port"])))


def path_socket(outside: Outside) -> bool:
    return fails(connects(socket.AF_UNIX, outside["socket"]))


def abstract_socket(outside: Outside) -> bool:
    return fails(connects(socket.AF_UNIX, "\0" + outside["abstract"]))


def hypervisor_socket(_outside: Outside) -> bool:
    return fails(lambda: socket.socket(_AF_VSOCK, socket.SOCK_STREAM).close())


def write_outside(outside: Outside) -> bool:
    places = [outside["writable"], "/usr", "/etc", "/"]
    return all(fails(lambda p=place: open(p + "/rmo-probe", "w").close()) for place in places)


def mounted_hooks(outside: Outside) -> bool:
    hook = outside["mounted"] + "/.git/hooks/pre-commit"
    return os.path.isdir(os.path.dirname(hook)) and fails(lambda: open(hook, "w").close())


def kernel_settings(_outside: Outside) -> bool:
    settings = ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger")
    return all(fails(lambda p=path: os.close(os.open(p, os.O_WRONLY))) for path in settings)


def host_processes(outside: Outside) -> bool:
    try:
        with open(f"/proc/{outside['pid']}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[19] != outside["born"]
    except OSError:
        return True


def process_limit(outside: Outside) -> bool:
    children: list[int] = []
    try:
        while len(children) < outside["processes"] + 8:
            child = os.fork()
            if child == 0:
                time.sleep(30)
                os._exit(0)
            children.append(child)
    except OSError:
        return True
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return False


def memory_limit(outside: Outside) -> bool:
    return fails(lambda: mmap.mmap(-1, outside["memory"] * 2).close())


def scratch_limit(outside: Outside) -> bool:
    path = "fill"
    block = b"\0" * 1024**2

    def fill() -> None:
        with open(path, "wb", buffering=0) as file:
            for _ in range(outside["scratch"] // len(block) + 8):
                if file.write(block) != len(block):
                    raise OSError(errno.ENOSPC, "short write")

    try:
        return fails(fill)
    finally:
        os.unlink(path)


def user_namespace(_outside: Outside) -> bool:
    return ctypes.CDLL(None).unshare(_CLONE_NEWUSER) != 0


def kernel_calls(_outside: Outside) -> bool:
    """keyctl, io_uring_setup, ptrace, bpf: refused by the filter, not just for want of good arguments."""
    library = ctypes.CDLL(None, use_errno=True)
    for number in _REFUSED_CALLS.get(os.uname().machine, ()):
        if library.syscall(number, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            return False
    return True


def leave_daemon(token: str) -> None:
    """Something that has left the session and its parent; the host looks for the token afterwards."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)", token])
        os._exit(0)
    os.wait()


EVERYWHERE = (home, own_environment, loopback, path_socket, write_outside, mounted_hooks, process_limit)
LINUX = (
    foreign_environments,
    abstract_socket,
    hypervisor_socket,
    kernel_settings,
    host_processes,
    memory_limit,
    scratch_limit,
    user_namespace,
    kernel_calls,
)


def main() -> None:
    outside: Outside = json.loads(sys.argv[1])
    probes = EVERYWHERE + (LINUX if sys.platform == "linux" else ())
    withstood = {probe.__name__: probe(outside) for probe in probes}
    with open("report.json", "w", encoding="ascii") as file:
        json.dump(withstood, file)
    leave_daemon(outside["token"])
    block = b"x" * 1024**2
    for _ in range(outside["flood"] // len(block)):
        sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
