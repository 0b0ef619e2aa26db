"""Commit messages of the work branch and of the state ref, and how a step is found again by its trailers.

Trailers stand in one last block after an empty line; whatever a model wrote is cleaned of anything that GitHub or git
would obey there: trailers of our own, `skip-checks`, `[skip ci]` and its kin, closing keywords are left to the pull
request's body.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.loop.convention import with_kind
from bot.model.ids import CommitSha
from bot.model.phase import Recording
from bot.model.run import Run

SUBJECT_LENGTH = 72
BODY_LENGTH = 4_000
_SKIP = re.compile(
    r"\[\s*(?:skip|no)[\s_-]+(?:ci|actions|checks|travis|appveyor|azp|azurepipelines|circleci)\s*\]"
    r"|\[\s*(?:ci|actions)[\s_-]+skip\s*\]|\*\*\*NO_CI\*\*\*",
    re.IGNORECASE,
)
_TRAILER = re.compile(r"^\s*[A-Za-z0-9][A-Za-z0-9-]*\s*:")
"""What git reads as `Name: value` where it stands in the last block: https://git-scm.com/docs/git-interpret-trailers"""
_CLOSES = re.compile(r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(\s*:\s*|\s+)(?=#|gh-|[\w.-]+/|https?:)", re.IGNORECASE)
_OTHERS_ISSUE = re.compile(r"(?<=[\w.-])#(?=[0-9])|(?<=[a-z]:)(?=//\S+/(?:issues|pull)/[0-9])", re.IGNORECASE)
"""A reference into another repository, where GitHub would tell of it."""
_MENTION = re.compile(r"@(?=\w)")


@dataclass(frozen=True, slots=True)
class StepTrailers:
    """What a commit of ours says about itself."""

    run: str
    step: int


def subject_of(run: Run, recording: Recording) -> str:
    """First line: imperative, without what GitHub would act upon, cut to 72 characters."""
    line = _harmless(" ".join(recording.subject.split())) or f"Carry out {recording.action_item}"
    if run.frozen is not None and run.frozen.conventional_commits:
        line = with_kind(line, recording.action_item)
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


def merge_message(run: Run, base: CommitSha) -> str:
    """The message of the merge that brings the base branch in, found again by the same trailers."""
    assert run.frozen is not None
    subject = f"Merge {run.frozen.base.branch} at {base[:12]}"
    trailers = {"RMO-Run": run.id, "RMO-Step": str(len(run.steps) + 1), "RMO-Action": "update_base"}
    return f"{subject}\n\n" + "\n".join(f"{name}: {value}" for name, value in trailers.items()) + "\n"


def _body(text: str) -> str:
    """Prose that can't be read as a trailer: a line `Name: value` is indented into the text with a dash."""
    lines = _harmless(text.strip()[:BODY_LENGTH]).splitlines()
    return "\n".join(f"- {line.strip()}" if _TRAILER.match(line) else line.rstrip() for line in lines)


def _harmless(text: str) -> str:
    shown = "".join(character for character in text if character == "\n" or character.isprintable())
    # Until none is left: what one leaves behind, taken out, can be the next.
    while (without := _SKIP.sub("", shown)) != shown:
        shown = without
    shown = _CLOSES.sub("\\1\u200b\\2", _OTHERS_ISSUE.sub(lambda found: f"\u200b{found[0]}", shown))
    return _MENTION.sub("@\u200b", shown).strip()


def trailers_of(message: str) -> StepTrailers | None:
    """The run and step that a commit of ours belongs to; None for anybody else's commit."""
    block = message.rstrip().rpartition("\n\n")[2]
    found = dict(line.split(": ", 1) for line in block.splitlines() if line.startswith("RMO-") and ": " in line)
    step = found.get("RMO-Step", "")
    if "RMO-Run" not in found or not step.isascii() or not step.isdigit() or len(step) > 9:
        return None
    return StepTrailers(found["RMO-Run"], int(step))
