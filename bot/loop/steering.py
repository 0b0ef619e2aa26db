"""What people and events outside make of a run: wishes taken in, reviews, going back, a base branch that moved."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from bot.loop.planning import next_key
from bot.loop.progress import stopping, tree_digest, work_on_next
from bot.model.action import PlannedItem
from bot.model.ids import ActionId, CommentId, ItemKey, MicroDollars
from bot.model.outcome import BaseMerged, Obeyed, ReviewAnswered, ReviewsRead, RolledBack
from bot.model.phase import (
    Answering,
    Approving,
    Consulting,
    Ended,
    GoingBack,
    Inspecting,
    Judging,
    Phase,
    Planning,
    Preparing,
    Presenting,
    Proving,
    Recording,
    Reviewing,
    Stopping,
    StopReason,
    Updating,
    Working,
)
from bot.model.repository import RepositoryConfig
from bot.model.run import Run
from bot.model.steering import ReviewRemark
from bot.model.wish import Wish

ADDRESS_REVIEW = ActionId("address_review")
MOST_BASE_MERGES = 3
"""In one run: a base branch that moves faster than the checks run must not keep it from its end."""
FINAL_REASONS: frozenset[StopReason] = frozenset(
    {"edited", "branch_moved", "not_permitted", "repository_moved", "unsafe_checks", "duplicate", "secret_found"}
)
"""Ends after which nothing but a new label begins anything."""
_GOING_BACK_ENDS = (Planning, Reviewing, Working, Inspecting, Approving, Judging, Proving, Presenting)
"""Phases that can be given up without losing sight of anything on GitHub."""


def obeyed_next(run: Run, wishes: tuple[Wish, ...]) -> Wish | None:
    """The wish that the run takes in now; None where there is none, or another moment is the right one.

    What takes up a run again waits until the run has ended; going back to a step need not wait.
    """
    return next((wish for wish in wishes if _is_the_moment(run.phase, wish)), None)


def _is_the_moment(phase: Phase, wish: Wish) -> bool:
    match wish.kind:
        case "budget":
            return True
        case "approve":
            return isinstance(phase, Approving | Ended)
        case "rollback":
            return isinstance(phase, (*_GOING_BACK_ENDS, Ended))
        case "review" | "checks" | "base":
            return isinstance(phase, Ended)
        case _:
            return False


def refusal(run: Run, wish: Wish) -> str:
    """Why the run cannot obey, in words for the one who wishes; empty where it can."""
    match wish.kind:
        case "approve":
            return "" if isinstance(run.phase, Approving) else "there is no plan that waits for approval"
        case "budget":
            return "" if run.frozen is not None else "the run has not begun yet"
        case "rollback" if run.code_head is None:
            return "no code was pushed yet"
        case "rollback" if wish.value not in run.codes:
            return _why_no_way_back(run, wish.value)
        case _:
            pass
    if not isinstance(run.phase, Ended):
        return ""
    if run.pull_request is None or run.code_head is None:
        return "the run has no pull request"
    if is_over_for_good(run.phase, wish):
        return f"the run has ended for good: {run.phase.detail}"
    if run.revisits >= _config(run).revisits:
        return f"the run was taken up again {run.revisits} times, which is its limit; label the issue again"
    return ""


def _why_no_way_back(run: Run, step: int) -> str:
    if 1 <= step <= len(run.steps):
        return f"the base branch was brought in after step {step}, and going back would undo its commits"
    return f"there is no step {step} to go back to"


def is_over_for_good(end: Ended, wish: Wish) -> bool:
    """Whether nothing but a new label goes on from there."""
    return end.reason in FINAL_REASONS or (end.reason == "cancelled" and wish.kind != "rollback")


def obeyed(run: Run, outcome: Obeyed, now: datetime) -> Run:
    """The run with the wish taken in, or with the reason why it was not."""
    wish = outcome.wish
    if outcome.refused:
        return _ended_again(replace(run, refused_wishes=(*run.refused_wishes, outcome.refused)))
    match wish.kind:
        case "approve":
            # The time that a run may take begins now: what it took to plan was for people to decide on.
            return work_on_next(replace(run, approved_by=wish.by, worked=timedelta(), status_due=True), now)
        case "budget":
            assert run.frozen is not None
            # The usual amount, once a person says it, is a ceiling for all of the run, too.
            extra = MicroDollars(wish.value - run.frozen.budget.cost or -1)
            return _ended_again(replace(run, extra_cost=extra, status_due=not isinstance(run.phase, Ended)))
        case "review":
            # Whether there is any news is seen then.
            return replace(_resumed(run), phase=Consulting(), status_due=False)
        case "checks":
            assert run.code_head is not None
            return replace(_resumed(run), phase=Judging(run.code_head, now))
        case "base":
            return replace(_resumed(run), phase=Updating())
        case "rollback":
            run = _resumed(run) if isinstance(run.phase, Ended) else run
            return replace(run, phase=GoingBack(wish.value), pending_items=(), status_due=True)
        case "cancel" | "edited":
            raise ValueError(f"a wish to end is no wish to obey: {wish!r}")
        case _ as unreachable:
            assert_never(unreachable)


def _ended_again(run: Run) -> Run:
    """A run that had ended and is not taken up says its last word once more: the newest entry is what tells an end."""
    return stopping(run, run.phase.reason, run.phase.detail) if isinstance(run.phase, Ended) else run


def _resumed(run: Run) -> Run:
    """Taken up again, with fresh budgets."""
    assert isinstance(run.phase, Ended)
    return replace(
        run,
        revisits=run.revisits + 1,
        worked=timedelta(),
        spent_before=run.spent,
        previous_end=run.phase,
        pending_items=(),
        current_failures=(),
        status_due=True,
    )


def reviews_read(run: Run, outcome: ReviewsRead, now: datetime) -> Run:
    """Each remark becomes an item; without any the run is where it was."""
    known = {remark.id for remark in run.remarks}
    new = tuple(remark for remark in outcome.remarks if remark.id not in known)
    if not new:
        # Somebody else's remark has brought them along before: that is no time that counts.
        assert run.previous_end is not None
        ended = replace(run, revisits=run.revisits - 1)
        return stopping(ended, run.previous_end.reason, run.previous_end.detail)
    first = next_key(run)
    items = tuple(_item(remark, ItemKey(str(first + number))) for number, remark in enumerate(new))
    asked = {item.key: remark.id for item, remark in zip(items, new, strict=True)}
    # Whoever asks for it may have a test changed; nobody else may, as it shows the issue.
    asked_about = {remark.place.path for remark in new}
    run = replace(
        run,
        reproduction_paths=run.reproduction_paths - asked_about,
        remarks=(*run.remarks, *new),
        remark_items={**run.remark_items, **asked},
        pending_items=items,
        status_due=True,
    )
    return work_on_next(run, now)


def _item(remark: ReviewRemark, key: ItemKey) -> PlannedItem:
    place = remark.place
    where = f"{place.path}:{place.line}" if place.line else place.path or "the change as a whole"
    said = f"A reviewer asks for this at {where}:\n\n{remark.text}"
    if place.hunk:
        said = f"{said}\n\nThe lines that it was written at:\n\n{place.hunk}"
    return PlannedItem(
        key=key,
        action=ADDRESS_REVIEW,
        title=f"Do what {remark.author} asks for at {where}",
        instructions=said,
        expected_files=(place.path,) if place.path else (),
        postconditions=("What the remark asks for is done; everything else is as it was.",),
    )


def remark_to_answer(run: Run, key: ItemKey | None) -> CommentId | None:
    """The remark that the item deals with, where nobody was told yet."""
    remark = run.remark_items.get(key) if key is not None else None
    return remark if remark is not None and remark not in run.answered else None


def unanswered(run: Run) -> CommentId | None:
    """A remark that the run is about to leave without a word."""
    return next((remark.id for remark in run.remarks if remark.id not in run.answered), None)


def review_answered(run: Run, outcome: ReviewAnswered, now: datetime) -> Run:
    run = replace(run, answered=run.answered | {outcome.remark})
    match run.phase:
        case Answering(then=None):
            return work_on_next(run, now)
        case Answering(then=then):
            return replace(run, phase=then)
        case _:
            return run


def rolled_back(run: Run, outcome: RolledBack, now: datetime) -> Run:
    """The commit that goes back is a step like any other; the checks judge what it leaves."""
    assert isinstance(run.phase, GoingBack)
    head = run.code_head
    assert head is not None
    judging = Judging(head, now)
    subject = f"Go back to step {outcome.step}"
    body = f"The tree is that of step {outcome.step} again."
    if not outcome.changes:
        return replace(run, phase=judging)
    recording = Recording(
        agent="processor",
        action_item="roll_back",
        subject=subject,
        body=body,
        changes=outcome.changes,
        finished=None,
        then=judging,
    )
    return replace(run, phase=recording, current_failures=())


def base_merged(run: Run, outcome: BaseMerged, now: datetime) -> Run:
    """A new base means new tests of it, and another verdict; a conflict is told and nothing else."""
    assert run.frozen is not None
    assert isinstance(run.phase, Updating)
    if outcome.conflicts:
        names = ", ".join(outcome.conflicts)
        detail = f"the base branch has changed what this change touches, and git cannot merge them: {names}"
        return replace(run, phase=Presenting(False, Stopping("conflict", detail)), status_due=True)
    if outcome.code_sha is None:
        return replace(run, phase=_after_update(run, now))
    before = run.frozen.base
    run = replace(
        run,
        frozen=replace(run.frozen, base=outcome.base),
        code=outcome.code,
        code_head=outcome.code_sha,
        heads=(*run.heads, outcome.code_sha),
        code_tree=outcome.code_tree,
        codes={},
        trees=(*run.trees, tree_digest(outcome.code)),
        base_merges=run.base_merges + 1,
        status_due=True,
    )
    recording = Recording(
        agent="processor",
        action_item="update_base",
        subject=f"Merge {outcome.base.branch} at {outcome.base.sha[:12]}",
        body=f"The base branch has moved on from {before.sha[:12]}.",
        changes={},
        finished=None,
        then=Preparing(then=Judging(outcome.code_sha, now)),
    )
    return replace(run, phase=recording)


def _after_update(run: Run, now: datetime) -> Phase:
    assert isinstance(run.phase, Updating)
    if run.phase.then is not None:
        return run.phase.then
    assert run.code_head is not None
    return Judging(run.code_head, now)


def wants_update(run: Run) -> bool:
    """Whether the base branch is looked at before the change is presented."""
    return _config(run).keep_up_to_date and run.base_merges < MOST_BASE_MERGES


def _config(run: Run) -> RepositoryConfig:
    assert run.frozen is not None
    return run.frozen.config
