"""What `act --json` printed, turned into jobs with steps, annotations, logs and conclusions.

Pure. One JSON object a line; a line that is none, or one that was cut off by a limit, is passed over. A matrix leg's
own result is made from its steps, because act reports a failed leg's result for its siblings too.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from bot.localhub.actions.runs import JobOutcome
from bot.localhub.state.checks import AnnotationLevel, LineAnnotation
from bot.localhub.state.workflows import JobStep
from bot.model.check import Conclusion

MOST_OF_A_LEVEL = 10
"""Annotations of one level that a step may leave, as on GitHub."""
MOST_LOG_CHARACTERS = 4_000_000
_LEVELS: dict[str, AnnotationLevel] = {"error": "failure", "warning": "warning", "notice": "notice"}
_CHECKOUT = re.compile(r"^.*/hostexecutor/")
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][0-9A-B]|[\x08\r]")
_EXIT = re.compile(r"exit status (\d+)")

Line = Mapping[str, object]
Ended = Literal["finished", "timed out", "succeeded out of sight", "failed out of sight"]
"""How act ended; out of sight is what came after more output than is kept."""
_UNSAID: dict[Ended, tuple[Conclusion, str]] = {
    "finished": ("failure", "The job was begun, and its end was never told."),
    "timed out": ("timed_out", "The job did not end within its limit of time."),
    "succeeded out of sight": ("success", "The job wrote more than is kept of its output; it ended in success."),
    "failed out of sight": ("failure", "The job wrote more than is kept of its output; its run ended in failure."),
}
"""Of a job without a result: what it counts as, and why."""


@dataclass(slots=True)
class _Leg:
    key: str
    matrix: dict[str, object]
    name: str
    result: str | None = None
    failed: bool = False
    unsupported: str | None = None
    continued: set[str] = field(default_factory=set[str])
    steps: dict[str, JobStep] = field(default_factory=dict[str, JobStep])
    annotations: list[LineAnnotation] = field(default_factory=list[LineAnnotation])
    counts: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    log: list[str] = field(default_factory=list[str])
    logged: int = 0
    summary: list[str] = field(default_factory=list[str])


def read_log(stdout: bytes, *, ended: Ended) -> list[JobOutcome]:
    """The jobs that act told of; one that was begun and has no result was ended from outside."""
    legs: dict[tuple[str, str], _Leg] = {}
    for raw in stdout.decode(errors="replace").splitlines():
        line = _parse(raw)
        if line is not None and "jobID" in line:
            matrix = line.get("matrix")
            values = cast("dict[str, object]", matrix) if isinstance(matrix, dict) else {}
            key = str(line["jobID"])
            identity = key, json.dumps(values, sort_keys=True)
            leg = legs.setdefault(identity, _Leg(key, values, str(line.get("job", key)).strip()))
            _take(leg, line)
    failed_keys = {leg.key for leg in legs.values() if leg.failed}
    return [_outcome(leg, failed_keys, ended) for leg in legs.values()]


def _parse(raw: str) -> Line | None:
    try:
        content: object = json.loads(raw)
    except ValueError:
        return None
    return cast("Line", content) if isinstance(content, dict) else None


def _take(leg: _Leg, line: Line) -> None:
    message = str(line.get("msg", ""))
    identity = line.get("stepID") or line.get("stepid")
    path = [str(each) for each in cast("Sequence[object]", identity)] if isinstance(identity, list) else []
    if "jobResult" in line:
        leg.result = str(line["jobResult"])
    elif "Skipping unsupported platform" in message:
        leg.unsupported = message.split("`-P ", 1)[-1].split("=", 1)[0]
    if line.get("raw_output"):
        for text in _plain(message).splitlines():
            _write(leg, line, text)
    elif message == "Failed but continue next step" and path:
        leg.continued.add(path[0])
    elif "command" in line:
        _command(leg, line, path)
    elif line.get("level") == "error" and len(path) == 1:
        _failure(leg, line, message)
    elif message.startswith("⭐ Run Main") and len(path) == 1:
        _write(leg, line, f"##[group]Run {message.removeprefix('⭐ Run Main ').splitlines()[0]}")
        _write(leg, line, "##[endgroup]")
    if "stepResult" in line and len(path) == 1:
        _step(leg, line, path[0])


def _plain(text: str) -> str:
    """Without terminal control: GitHub's runner gives programs no terminal, act does."""
    return _TERMINAL.sub("", text)


def _write(leg: _Leg, line: Line, text: str) -> None:
    if leg.logged < MOST_LOG_CHARACTERS:
        # GitHub's runner counts in tenths of a microsecond, act in seconds.
        stamp = str(line.get("time", "")).removesuffix("Z")
        entry = f"{stamp}.0000000Z {text}"
        leg.logged += len(entry) + 1
        leg.log.append(entry if leg.logged < MOST_LOG_CHARACTERS else "##[warning]the log is cut off here")


def _command(leg: _Leg, line: Line, path: list[str]) -> None:
    command = str(line["command"])
    if command == "summary":
        leg.summary.append(str(line.get("content", "")))
    level = _LEVELS.get(command)
    if level is None:
        return
    given = line.get("kvPairs")
    pairs = cast("dict[str, str]", given) if isinstance(given, dict) else {}
    message = _plain(str(line.get("arg", "")))
    _write(leg, line, f"##[{command}]{message}")
    step = path[0] if path else ""
    leg.counts[step, level] = leg.counts.get((step, level), 0) + 1
    if leg.counts[step, level] <= MOST_OF_A_LEVEL:
        start = _number(pairs.get("line"), 1)
        leg.annotations.append(
            LineAnnotation(
                path=_CHECKOUT.sub("", pairs.get("file") or ".github"),
                start_line=start,
                end_line=_number(pairs.get("endLine"), start),
                level=level,
                message=message,
                title=pairs.get("title"),
                start_column=_column(pairs.get("col")),
                end_column=_column(pairs.get("endColumn")),
            )
        )


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default


def _column(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _failure(leg: _Leg, line: Line, message: str) -> None:
    """A step's end in words, the way GitHub words it."""
    exited = _EXIT.fullmatch(message)
    text = f"Process completed with exit code {exited[1]}." if exited else _plain(message)
    _write(leg, line, f"##[error]{text}")
    leg.annotations.append(LineAnnotation(".github", 1, 1, "failure", text))


def _step(leg: _Leg, line: Line, identity: str) -> None:
    stage = str(line.get("stage", ""))
    if stage == "Pre":
        return
    name = str(line.get("step", "")).strip().splitlines()
    shown = f"{'Post ' if stage == 'Post' else ''}{name[0] if name else identity}"
    result = str(line["stepResult"])
    conclusion: Conclusion = "success"
    if result == "failure":
        conclusion = "failure"
        leg.failed = leg.failed or identity not in leg.continued
    elif result == "skipped":
        conclusion = "skipped"
    leg.steps[f"{stage}/{identity}"] = JobStep(shown, len(leg.steps) + 1, conclusion)


def _outcome(leg: _Leg, failed_keys: set[str], ended: Ended) -> JobOutcome:
    summary = "".join(leg.summary) or None
    conclusion: Conclusion
    if leg.unsupported is not None:
        conclusion = "skipped"
        summary = f"No runner with the label {leg.unsupported!r} is available on loopback; the job did not run."
    elif leg.result is None:
        conclusion, summary = _UNSAID[ended]
    elif leg.result == "success":
        conclusion = "success"
    else:
        sibling = bool(leg.matrix) and not leg.failed and leg.key in failed_keys
        conclusion = "success" if sibling else "failure"
    return JobOutcome(
        key=leg.key,
        matrix=leg.matrix,
        conclusion=conclusion,
        steps=tuple(leg.steps.values()),
        annotations=tuple(leg.annotations),
        log="".join(f"{entry}\n" for entry in leg.log),
        summary=summary,
        name=leg.name.split("/", 1)[-1],
    )
