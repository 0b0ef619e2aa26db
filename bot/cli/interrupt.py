"""Ctrl-C: the first one ends the work and cleans up, a second one waits a second at most, a third one not at all.

The handlers stay for the rest of the process: Python's own would answer a late second Ctrl-C with a traceback.
"""

import asyncio
import atexit
import os
import shutil
import signal
from collections.abc import Coroutine
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

Result = TypeVar("Result")

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PATIENCE = 1.0
"""Seconds that a second signal leaves to what is being cleaned up."""
_REMOVALS = 5
"""Tries at removing a directory that dying children may still write to."""


class Interrupted(BaseException):
    """A person or a supervisor asked the process to end."""


def heed() -> None:
    """From now on Ctrl-C raises Interrupted, which the command line would not turn into an exit code of its own."""
    signal.signal(signal.SIGINT, _interrupted)
    # The interpreter drops our handlers before it is gone: a signal in that moment changes nothing any more.
    for number in (*SIGNALS, signal.SIGALRM):
        atexit.register(signal.signal, number, signal.SIG_IGN)


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted


def run_interruptibly(work: Coroutine[Any, Any, Result], directory: Path) -> Result:
    """What `work` gives, in an event loop of its own; the first signal cancels it.

    Work that takes the cancellation for its ordinary end gives its result all the same. A second signal ends the
    process a second later, if it has not ended by then, with exit code 1 and without `directory`. Raises Interrupted.
    """
    from bot.cli.logs import keep_secrets_out_of_logs  # slow: not needed to print the help

    keep_secrets_out_of_logs()
    return asyncio.run(_watched(work, directory))


async def _watched(work: Coroutine[Any, Any, Result], directory: Path) -> Result:
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        os.write(2, b"rmo: left at once; run it again to start over\n")
        for _ in range(_REMOVALS):
            shutil.rmtree(directory, ignore_errors=True)
            if not directory.exists():
                break
        os._exit(1)

    def hurry(_number: int, _frame: FrameType | None) -> None:
        for number in (*SIGNALS, signal.SIGALRM):
            signal.signal(number, leave)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, hurry)
        os.write(2, b"rmo: stopping; press Ctrl-C again to leave at once\n")
        loop.call_soon_threadsafe(task.cancel)

    for number in SIGNALS:
        signal.signal(number, stop)
    try:
        return await task
    except asyncio.CancelledError as error:
        raise Interrupted from error
