"""The run as it will be once the step at hand is committed: what the state files of that very commit have to say."""

from bot.loop.apply import apply
from bot.loop.progress import work_on_next
from bot.model.ids import CommitSha, TreeSha
from bot.model.journal import Entry
from bot.model.outcome import StepCommitted
from bot.model.phase import Answering, Opening, Recording
from bot.model.run import Run
from bot.model.step import CommitStep

_UNKNOWN = "0" * 40
"""State files name no commit that is not made yet, so any SHA does."""


def after_commit(run: Run) -> Run:
    """`run` after its commit, with unknown SHAs, where the next agent will find it: past the opening of its draft."""
    assert isinstance(run.phase, Recording)
    now = run.last_at or run.request.requested_at
    changed = bool(run.phase.changes)
    outcome = StepCommitted(
        state_ref=run.state_ref,
        state_sha=CommitSha(_UNKNOWN),
        code_sha=CommitSha(_UNKNOWN) if changed else None,
        code_tree=TreeSha(_UNKNOWN) if changed else None,
    )
    step = CommitStep(len(run.steps) + 1)
    entry = Entry(run.last_seq + 1, step, outcome, started_at=now, ended_at=now, github_seconds=0.0)
    after = apply(run, entry)
    match after.phase:
        case Opening(then=None) | Answering(then=None):
            return work_on_next(after, now)
        case _:
            return after
