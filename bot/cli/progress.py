"""Progress on the terminal: live where there is one, plain lines elsewhere; and how a run becomes an exit code."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status

from bot.local.show import Show
from bot.model.errors import NeedsHuman


class Progress:
    """A spinner with the present activity, and a line for everything that has happened."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False)

    def doing(self, text: str) -> None:
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status("")
            self._status.start()
        self._status.update(text.replace("[", "\\["))

    def close(self) -> None:
        if self._status is not None:
            self._status.stop()


def run_to_end(work: Callable[[Show], Coroutine[Any, Any, dict[str, Any]]], json_file: Path | None) -> int:
    """Carry `work` out; 0 where its report says succeeded, else 1. The report goes to `json_file`, where given.

    The first Ctrl-C cancels the work and cleans up, a second one leaves at once.
    """
    if json_file is not None and not json_file.resolve().parent.is_dir():
        raise NeedsHuman(f"there is no directory {str(json_file.parent)!r} for the report; make it first")
    progress = Progress(Console(soft_wrap=True))
    try:
        report = asyncio.run(_interruptible(work(progress)))
    finally:
        progress.close()
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0 if report["run"]["status"] == "succeeded" else 1


async def _interruptible(work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        if task.cancelling():
            sys.stderr.write("rmo: left at once\n")
            sys.stderr.flush()
            raise SystemExit(1)
        sys.stderr.write("rmo: stopping; press Ctrl-C again to leave at once\n")
        task.cancel()

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        return await task
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error
    finally:
        loop.remove_signal_handler(signal.SIGINT)
