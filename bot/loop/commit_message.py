"""Commit messages of the work branch and of the state ref, and how a step is found again by its trailers.

Trailers stand in one last block after an empty line; whatever a model wrote is cleaned of anything that GitHub or git
would obey there: trailers of our own, `skip-checks`, `[skip ci]` and its kin, closing keywords are left to the pull
request's body.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.ids import CommitSha
from bot.model.phase import Recording
from bot.model.run import Run

SUBJECT_LENGTH = 72
BODY_LENGTH = 4_000
_SKIP = re.compile(
    r"\[\s*(?:skip|no)[ -](?:ci|actions)\s*\]|\[\s*(?:ci|actions)[ -]skip\s*\]|\*\*\*NO_CI\*\*\*", re.IGNORECASE
)
_TRAILER = re.compile(r"^\s*[A-Za-z][A-Za-z0-9-]{0,60}\s*:\s", re.MULTILINE)
_MENTION = re.compile(r"@(?=\w)")


@dataclass(frozen=True, slots=True)
class StepTrailers:
    """What a commit of ours says about itself."""

    run: str
    step: int


def subject_of(run: Run, recording: Recording) -> str:
    """First line: imperative, without what GitHub would act upon, cut to 72 characters."""
    line = _harmless(" ".join(recording.subject.split()))
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def state_message(run: Run, recording: Recording) -> str:
    """The message of a step's commit on the state ref."""
    return _message(run, recording, {"RMO-Agent": recording.agent})


def code_message(run: Run, recording: Recording, state: CommitSha) -> str:
    """The message of a step's commit on the work branch; it names the state commit that it belongs to."""
    return _message(run, recording, {"RMO-State": state})


def _message(run: Run, recording: Recording, extra: Mapping[str, str]) -> str:
    assert run.frozen is not None
    trailers = {
        "RMO-Run": run.id,
        "RMO-Step": str(len(run.steps) + 1),
        **extra,
        "RMO-Action": recording.action_item,
        "RMO-Protocol": run.frozen.protocol,
        "RMO-Cost": f"{run.step_cost / 1e6:.6f} USD",
    }
    body = _body(recording.body)
    block = "\n".join(f"{name}: {value}" for name, value in trailers.items())
    return "\n\n".join(part for part in (subject_of(run, recording), body, block) if part) + "\n"


def _body(text: str) -> str:
    """Prose that can't be read as a trailer: a line `Name: value` is indented into the text with a dash."""
    lines = _harmless(text.strip()[:BODY_LENGTH]).splitlines()
    return "\n".join(f"- {line.strip()}" if _TRAILER.match(line) else line.rstrip() for line in lines)


def _harmless(text: str) -> str:
    printable = "".join(character for character in text if character == "\n" or character.isprintable())
    return _MENTION.sub("@\u200b", _SKIP.sub("", printable)).strip()


def trailers_of(message: str) -> StepTrailers | None:
    """The run and step that a commit of ours belongs to; None for anybody else's commit."""
    block = message.rstrip().rpartition("\n\n")[2]
    found = dict(line.split(": ", 1) for line in block.splitlines() if line.startswith("RMO-") and ": " in line)
    step = found.get("RMO-Step", "")
    if "RMO-Run" not in found or not step.isascii() or not step.isdigit() or len(step) > 9:
        return None
    return StepTrailers(found["RMO-Run"], int(step))
