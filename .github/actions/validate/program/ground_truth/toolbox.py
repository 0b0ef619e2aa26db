"""What every tool's module works with: the settings, the project, the record, and one way to start a tool."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ground_truth.processes import Ran, run
from ground_truth.project import Project
from ground_truth.record import Record
from ground_truth.settings import Settings


@dataclass(frozen=True)
class Toolbox:
    """Handed from one tool to the next."""

    settings: Settings
    project: Project
    record: Record

    def start(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        variables: Mapping[str, str] | None = None,
        output: str | None = None,
        directory: Path | None = None,
    ) -> Ran:
        """Run this interpreter with `arguments`, in the work tree; the log is the artifact's `name.log`.

        `output` names the report that its standard output becomes.
        """
        settings = self.settings
        with folded(name):
            return run(
                (settings.python, *arguments),
                directory=directory or settings.workspace,
                environment={**settings.environment, **(variables or {})},
                seconds=settings.seconds,
                log=settings.reports / f"{name}.log",
                output=settings.reports / output if output is not None else None,
            )


class folded:
    """A group of lines in the log that can be folded; a name in lower case, as it is used like a function."""

    def __init__(self, title: str) -> None:
        self._title = title

    def __enter__(self) -> None:
        _say(f"::group::{self._title}")

    def __exit__(self, *_: object) -> None:
        _say("::endgroup::")


def remark(level: str, message: str, **where: object) -> None:
    """A workflow command that GitHub turns into an annotation; hostile text stays within it.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    place = ",".join(f"{name}={_property(str(value))}" for name, value in where.items())
    _say(f"::{level}{f' {place}' if place else ''}::{_data(message)}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
