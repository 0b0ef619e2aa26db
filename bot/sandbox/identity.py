"""Who a sandboxed process is on the host.

An ordinary user's sandbox runs as that user, shown as 65534 inside. For root that would not do: a process that is
65534 inside but root outside still owns root's files in the kernel's eyes (it can write `/proc/sys/kernel/core_pattern`
through a fresh /proc) and is exempt from the limit on processes. Dropping to 65534 before the start is no way out
either, since bubblewrap could then not reach a Python below root's home. So root makes a user namespace that knows
two users, root and 65534; bubblewrap builds the sandbox as the first and the runner becomes the second, for good.
bubblewrap's own process then stays as process 1, out of the command's reach as another user's; with one user only,
the runner is process 1 itself. (Root's runner cannot be: the signal by which the kernel ends a sandbox whose launcher
died needs the right to be sent.)
A directory that is mounted must therefore be readable for everyone when the program runs as root.
"""

import asyncio
import contextlib
import os
import stat
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from bot.model.command import Mount
from bot.sandbox.errors import MountUnusable, NotStarted
from bot.sandbox.mend import host_facts, mend_for

SANDBOX_UID: Final = 65534
_MAP: Final = f"0 0 1\n{SANDBOX_UID} {SANDBOX_UID} 1\n"


def outside_uid() -> int:
    """The host's user id behind a sandboxed process; what it may write must belong to this user."""
    return SANDBOX_UID if os.geteuid() == 0 else os.geteuid()


@contextlib.asynccontextmanager
async def two_user_namespace() -> AsyncGenerator[int, None]:
    """A descriptor of a new user namespace of root and 65534; only root can make one.

    Raises NotStarted if the kernel or a container's policy forbids it.
    """
    holder = await asyncio.create_subprocess_exec(
        "unshare",
        "--user",
        "sh",
        "-c",
        "echo; read line",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.defpath},
        start_new_session=True,  # a Ctrl-C is for the program, which then lets go of it
    )
    try:
        if holder.stdout is None or not await holder.stdout.readline():
            complaint = b"" if holder.stderr is None else await holder.stderr.read()
            text = complaint.decode("utf-8", "replace").strip()
            raise NotStarted(f"no user namespace can be made: {text!r}", mend_for("unshare", host_facts()))
        process = Path("/proc") / str(holder.pid)
        try:
            (process / "uid_map").write_text(_MAP)
            (process / "gid_map").write_text(_MAP)
        except OSError as error:
            reason = error.strerror
            raise NotStarted(f"users cannot be mapped: {reason!r}", mend_for("unshare", host_facts())) from error
        descriptor = os.open(process / "ns" / "user", os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    finally:
        await holder.communicate(b"\n")


def check_mounts(mounts: tuple[Mount, ...]) -> None:
    """Raise MountUnusable, with the mend, if the sandbox's user could not use a mount as asked."""
    root = os.geteuid() == 0
    for mount in mounts:
        try:
            facts = os.stat(mount.host)
        except OSError as error:
            raise MountUnusable(f"{mount.host!r} cannot be mounted: {error.strerror}; make it first") from error
        if not root:
            continue
        needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(facts.st_mode) else 0)
        owned = facts.st_uid == SANDBOX_UID
        if not owned and facts.st_mode & needed != needed:
            raise MountUnusable(f"{mount.host!r} is closed to others than its owner; run `chmod o+rx` on it")
        if mount.writable and not owned and not facts.st_mode & stat.S_IWOTH:
            raise MountUnusable(f"{mount.host!r} is not writable inside; run `chown {SANDBOX_UID}` on it")
