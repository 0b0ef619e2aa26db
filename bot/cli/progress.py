"""Progress on the terminal: live where there is one, plain lines elsewhere; and how a run becomes an exit code."""

import json
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status

from bot.cli.interrupt import Interrupted, run_interruptibly
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


Complaint = Callable[[dict[str, Any]], str | None]
"""Given a report: in one line why it tells of no success; None where it does."""
Work = Callable[[Show, Path], Coroutine[Any, Any, dict[str, Any]]]
"""Given where to show progress, and a directory that is removed at the end."""


def run_to_end(work: Work, json_file: Path | None, complaint: Complaint | None = None) -> int:
    """Carry `work` out; 0 where its report says succeeded, else 1, and why in one line on standard error.

    Without a `complaint` the report is a run's.

    The report goes to `json_file`, where given.
    """
    if json_file is not None and not json_file.resolve().parent.is_dir():
        raise NeedsHuman(f"there is no directory {str(json_file.parent)!r} for the report; make it first")
    progress = Progress(Console(soft_wrap=True))
    with tempfile.TemporaryDirectory(prefix="rmo-", ignore_cleanup_errors=True) as directory:
        try:
            report = run_interruptibly(work(progress, Path(directory)), Path(directory))
        except Interrupted:
            sys.stderr.write("rmo: interrupted; nothing of this run is kept; run it again to start over\n")
            return 1
        finally:
            progress.close()
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    wrong = (complaint or _of_a_run)(report)
    if wrong is None:
        return 0
    sys.stderr.write(f"rmo: {wrong}\n")
    return 1


def _of_a_run(report: dict[str, Any]) -> str | None:
    if report["run"]["status"] == "succeeded":
        return None
    from bot.local.outcome import in_one_line

    return in_one_line(report)
