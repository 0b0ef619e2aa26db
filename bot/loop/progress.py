"""How a run moves along its plan: the next item, the code so far, the end."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from bot.model.change import Overlay
from bot.model.failure import Failure
from bot.model.ids import CommitSha, TreeSha
from bot.model.phase import Judging, Planning, Recording, Stopping, StopReason, Working
from bot.model.run import RecordedFailure, Run


def stopping(run: Run, reason: StopReason, detail: str) -> Run:
    return replace(run, phase=Stopping(reason, detail))


def work_on_next(run: Run, now: datetime) -> Run:
    """The next item of the plan; CI's turn when none is left; the end when nothing was changed."""
    if run.pending_items:
        item, *rest = run.pending_items
        attempt = run.attempts.get(item.key, 0) + 1
        return replace(
            run,
            pending_items=tuple(rest),
            attempts={**run.attempts, item.key: attempt},
            phase=Working(item, attempt),
        )
    if run.code_head is None:
        return stopping(run, "no_change", _why_nothing_changed(run))
    return replace(run, phase=Judging(run.code_head, now))


def _why_nothing_changed(run: Run) -> str:
    summaries = [f"{finished.item.title}: {finished.summary}" for finished in run.finished_items]
    return "the plan was carried out without any change; " + ("; ".join(summaries) or "it has no items")


def tree_digest(code: Overlay) -> str:
    """Names the tree that `code` makes of the base commit; equal trees, equal digests."""
    return hashlib.sha256(json.dumps(sorted(code.items())).encode("utf-8", "surrogatepass")).hexdigest()


def with_code(run: Run, changes: Overlay, sha: CommitSha, tree: TreeSha | None) -> Run:
    """The run after a code commit."""
    code = {**run.code, **changes}
    trees = (*run.trees, tree_digest(code))
    return replace(run, code=code, code_head=sha, code_tree=tree, heads=(*run.heads, sha), trees=trees)


def noted(run: Run, action_item: str, attempt: int, failures: tuple[Failure, ...]) -> Run:
    """The run with `failures` on record for the step that is about to be committed; nothing else follows from them."""
    step = len(run.steps) + 1
    recorded = tuple(RecordedFailure(step, action_item, attempt, failure) for failure in failures)
    return replace(run, failures=(*run.failures, *recorded))


def with_failures(run: Run, action_item: str, attempt: int, failures: tuple[Failure, ...]) -> Run:
    """The run whose try has failed with `failures`: the next one has to mend them, and must not repeat them."""
    return replace(
        noted(run, action_item, attempt, failures),
        current_failures=failures,
        seen_fingerprints=run.seen_fingerprints | {failure.fingerprint for failure in failures},
    )


def repeated(run: Run, failures: tuple[Failure, ...]) -> tuple[Failure, ...]:
    """Those of `failures` that this run has already failed with once."""
    return tuple(failure for failure in failures if failure.fingerprint in run.seen_fingerprints)


def plan_again(problem: str) -> Planning:
    return Planning(problem=problem)


def recording_failure(work: Working, subject: str, body: str, then: Planning | Working | Stopping) -> Recording:
    """A try that left no code behind is a step all the same."""
    return Recording(
        agent="executor",
        action_item=work.item.action,
        subject=subject,
        body=body,
        changes={},
        finished=None,
        then=then,
    )
