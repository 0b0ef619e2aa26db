"""Running one command under limits, reading its floods, and leaving nothing of it alive."""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import time

TYPE_CHECKING = False  # the real one costs the import of typing at every start
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

    from bot.sandbox.inside.plan import Limits, Plan

_OPEN_FILES = 4096
_CHUNK = 65536
_DRAIN_SECONDS = 1.0


def lower_limits(limits: Limits) -> None:
    """Lower the limits of this process (hard and soft) to what was asked, never above what is already set."""
    wanted = [
        (resource.RLIMIT_AS, limits["address_space"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ]
    for which, value in wanted:
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(which, (value, value))
        except (ValueError, OSError):
            if sys.platform == "linux":
                raise  # macOS has no address space limit; Linux must obey


def become_command(plan: Plan, streams: tuple[int, int]) -> NoReturn:
    """In the child: never returns."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(streams[0], 1)
        os.dup2(streams[1], 2)
        os.closerange(3, 256)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.chdir(plan["work"])
        lower_limits(plan["limits"])
        os.execvpe(plan["argv"][0], plan["argv"], plan["environment"])
    except OSError as error:
        os.write(2, f"cannot run {plan['argv'][0]!r}: {error.strerror}\n".encode("utf-8", "backslashreplace"))
    finally:
        os._exit(127)


def woken(_number: int, _frame: FrameType | None) -> None:
    """A handler of our own makes the signal write to the wake-up pipe; there is nothing else to do."""


class Stream:
    """One output of the command: kept up to a cap, then read and only counted."""

    def __init__(self, descriptor: int, cap: int) -> None:
        self.descriptor, self.cap, self.kept, self.dropped = descriptor, cap, bytearray(), 0

    def take(self) -> bool:
        """Read once; False at the end of the stream."""
        chunk = os.read(self.descriptor, _CHUNK)
        room = self.cap - len(self.kept)
        self.kept += chunk[:room]
        self.dropped += max(0, len(chunk) - room)
        return bool(chunk)


def reap(child: int) -> int | None:
    """Take in whoever has ended, orphans too where we are the namespace's init; the child's status, if it was it."""
    status: int | None = None
    while True:
        try:
            ended, raw = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if ended == 0:
            return status
        if ended == child:
            status = raw


def sweep(plan: Plan, group: int) -> None:
    """End everything the command left behind; in a PID namespace of our own that is all but us."""
    try:
        if plan["outer_processes"] is None:
            os.killpg(group, signal.SIGKILL)
        else:
            os.kill(-1, signal.SIGKILL)
    except OSError:
        pass  # nothing was left


def run(plan: Plan) -> tuple[dict[str, object], list[bytes]]:
    """Run the command to its end or to the wall, with nothing of it alive afterwards."""
    wake_read, wake_write = os.pipe()
    for end in (wake_read, wake_write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, woken)
    pipes = [os.pipe(), os.pipe()]
    child = os.fork()
    if child == 0:
        become_command(plan, (pipes[0][1], pipes[1][1]))
    streams: dict[int, Stream] = {}
    poller = select.poll()
    for read, write in pipes:
        os.close(write)
        streams[read] = Stream(read, plan["limits"]["output"])
        poller.register(read, select.POLLIN)
    kept = list(streams.values())
    poller.register(wake_read, select.POLLIN)
    deadline = time.monotonic() + plan["limits"]["wall"]
    status: int | None = None
    timed_out = False
    while streams or status is None:
        left = deadline - time.monotonic()
        if left <= 0:
            timed_out = status is None
            break
        for descriptor, _ in poller.poll(left * 1000):
            if descriptor == wake_read:
                os.read(wake_read, _CHUNK)
            elif not streams[descriptor].take():
                poller.unregister(descriptor)
                del streams[descriptor]
        if status is None:
            status = reap(child)
            if status is not None:
                sweep(plan, child)
                deadline = min(deadline, time.monotonic() + _DRAIN_SECONDS)
    if status is None:
        sweep(plan, child)
        status = os.waitpid(child, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    facts: dict[str, object] = {
        "exit": None if timed_out else (128 - code if code < 0 else code),
        "timed_out": timed_out,
        "dropped": sum(stream.dropped for stream in kept),
    }
    return facts, [bytes(stream.kept) for stream in kept]
