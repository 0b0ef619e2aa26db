"""Runs as the words are about them, put together by hand: what the loop makes of outcomes is no matter here."""

from dataclasses import replace
from datetime import timedelta

from bot.model.action import Plan, PlannedItem
from bot.model.check import CheckRun, Passed
from bot.model.ids import CommentId, CommitSha, ItemKey, MicroDollars, PullRequestNumber, TreeSha
from bot.model.phase import Author, Ended, FinishedItem
from bot.model.run import BaseChecks, Frozen, PullRequest, RecordedFailure, Run, Spent, StepCommit
from bot.model.steering import Place, ReviewRemark
from tests.unit.loop.story import PROOF, REQUEST, START, failure, frozen, item, sha

HEAD = CommitSha(sha(16))
PIN = replace(item("Pin it", "reproduce_issue", ("tests/test_a.py",)), key=ItemKey("1"))
MEND = replace(item("Mend it"), key=ItemKey("2"))
ADDRESS = replace(item("Do what ada asks for", "address_review"), key=ItemKey("3"))
REMARK = ReviewRemark(CommentId(71), "thread", "ada", "Please rename this.", Place("a.py", 3), head=HEAD)
GENERAL = ReviewRemark(CommentId(72), "review", "ada", "More tests, please.")


def step(seq: int, agent: Author, subject: str, code: int | None = None, cost: int = 0) -> StepCommit:
    code_sha = CommitSha(sha(code)) if code is not None else None
    return StepCommit(seq, agent, "fix_defect", subject, CommitSha(sha(100 + seq)), code_sha, 1.25, MicroDollars(cost))


def done(
    what: PlannedItem, *paths: str, attempt: int = 1, code: int | None = 16, summary: str = "changed"
) -> FinishedItem:
    return FinishedItem(what, attempt, summary, paths, CommitSha(sha(code)) if code is not None else None)


def fresh() -> Run:
    """Frozen, and nothing more."""
    return Run(REQUEST, frozen=frozen(), base_checks=BaseChecks(False, "no sandbox"))


def planned() -> Run:
    return replace(fresh(), plan=Plan("a plan", (PIN, MEND)), plan_digests=("d1",), pending_items=(PIN, MEND))


def finished() -> Run:
    """A pull request that is ready, with one item that took two tries."""
    check = CheckRun(1, "test", HEAD, 15368, "completed", "success", None, None, "", "")
    return replace(
        planned(),
        phase=Ended("completed", "all checks passed: test", START + timedelta(minutes=25)),
        comment=CommentId(5),
        pending_items=(),
        finished_items=(
            done(PIN, "tests/test_a.py", code=12),
            done(MEND, "a.py", code=14),
            done(MEND, "a.py", attempt=2),
        ),
        code_head=HEAD,
        code_tree=TreeSha(sha(17)),
        steps=(step(1, "thinker", "Plan"), step(2, "executor", "Mend | it", 14, 250_000), step(3, "ci", "Verdict")),
        pull_request=PullRequest(PullRequestNumber(13), "http://hub/octo/tally/pull/13", "PR_13", draft=False),
        checks=(check,),
        verdict=Passed(("test",)),
        proof=PROOF,
        failures=(RecordedFailure(2, "fix_defect", 1, failure("x")),),
        notes=("try the other branch",),
        spent=Spent(3, 6, 60, 30),
    )


def reviewed() -> Run:
    """Two remarks: one is dealt with and answered."""
    return replace(
        finished(),
        remarks=(REMARK, GENERAL),
        remark_items={ADDRESS.key: REMARK.id},
        finished_items=(*finished().finished_items, done(ADDRESS, "a.py", summary="renamed @it")),
        answered=frozenset({REMARK.id}),
    )


def refrozen(run: Run, **changes: object) -> Run:
    assert isinstance(run.frozen, Frozen)
    return replace(run, frozen=replace(run.frozen, **changes))  # pyright: ignore[reportArgumentType] - fields of it
