"""CI-3 to CI-7: what GitHub says of a commit, case by case, and the verdict that must come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.check import (
    Cancelled,
    CheckRun,
    CheckState,
    Conclusion,
    Failed,
    Passed,
    Pending,
    TimedOut,
    Unverified,
)
from bot.model.forge import RequiredCheck
from bot.model.ids import CommitSha

HEAD, OLDER = CommitSha("a" * 40), CommitSha("b" * 40)
ACTIONS, FOREIGN, OWN = 15368, 666, 42
PUSHED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
START, FINISH = timedelta(minutes=10), timedelta(minutes=60)
IN_TIME = timedelta(minutes=20)
"""After a first check must have started, and before all must have ended."""

NEVER_STARTED = Unverified(
    "no check ever started within 0:10:00 of the push; check that a workflow runs on this branch and that Actions are "
    "enabled"
)
NOTHING_RAN = Unverified("no check ran: test ended as skipped or neutral")
GIVEN_UP = Unverified("GitHub gave up waiting for: test; start these checks again")

Judging = Any
"""The module with the verdict's functions, or a copy of it without one of its conditions."""


@dataclass(frozen=True)
class Claim:
    """What is asked of the verdict, and its answer."""

    ask: Callable[[Judging], object]
    answer: object


def check(
    name: str = "test",
    conclusion: Conclusion | None = "success",
    *,
    id: int = 1,
    app: int | None = ACTIONS,
    sha: CommitSha = HEAD,
    state: CheckState | None = None,
) -> CheckRun:
    return CheckRun(
        id=id,
        name=name,
        head_sha=sha,
        app=app,
        state=state or ("completed" if conclusion else "in_progress"),
        conclusion=conclusion,
        started_at=None,
        completed_at=None,
        summary="",
        url="",
    )


def verdict(
    answer: object,
    *checks: CheckRun,
    required: frozenset[RequiredCheck] = frozenset(),
    apps: frozenset[int] | None = None,
    after: timedelta = IN_TIME,
) -> Claim:
    """The verdict on these checks, that long after the push."""

    def ask(judging: Judging) -> object:
        return judging.judge(
            checks,
            head_sha=HEAD,
            expected_apps=apps,
            own_app=OWN,
            required=required,
            pushed_at=PUSHED,
            now=PUSHED + after,
            start_within=START,
            finish_within=FINISH,
        )

    return Claim(ask, answer)


def worth_a_look(names: list[str], *checks: CheckRun, apps: frozenset[int] | None = None) -> Claim:
    """Of which checks the logs are read."""

    def ask(judging: Judging) -> object:
        red = judging.red_checks(checks, head_sha=HEAD, expected_apps=apps, own_app=OWN)
        return [one.name for one in red]

    return Claim(ask, names)


def skipped_as_draft(answer: bool, *checks: CheckRun, own_app: int | None = OWN) -> Claim:
    """Whether these checks wait for the pull request to be ready."""
    return Claim(lambda judging: judging.only_skipped(checks, HEAD, own_app), answer)


def demanded(*names: str, app: int | None = None) -> frozenset[RequiredCheck]:
    return frozenset(RequiredCheck(name, app) for name in names)


EXPECTED = frozenset({ACTIONS})
RED, GREEN = check(conclusion="failure"), check()
FORGED = check(app=FOREIGN, id=9)

CLAIMS: Mapping[str, Mapping[str, Claim]] = {
    "CI-3": {
        "the expected one is red": verdict(Failed(("test",)), RED, FORGED, apps=EXPECTED),
        "there is no expected one yet": verdict(Pending(("a first check",)), FORGED, apps=EXPECTED, after=timedelta()),
        "there is no expected one": verdict(NEVER_STARTED, FORGED, apps=EXPECTED),
        "the rules name the App": verdict(Pending(("test",)), FORGED, required=demanded("test", app=ACTIONS)),
        "the rules name the App, too late": verdict(
            TimedOut(("test",)), FORGED, required=demanded("test", app=ACTIONS), after=FINISH
        ),
        "the rules name the App, and it is there": verdict(
            Passed(("test",)), GREEN, FORGED, required=demanded("test", app=ACTIONS)
        ),
        "another name of the expected App": verdict(
            Pending(("test",)), check("lint"), required=demanded("test", app=ACTIONS)
        ),
        "nobody says which App": verdict(Failed(("test",)), RED, FORGED),
        "it is red in vain": verdict(Passed(("test",)), GREEN, check("x", "failure", app=FOREIGN), apps=EXPECTED),
        "its log is not read": worth_a_look(
            ["test"], RED, check("x", "failure", app=FOREIGN), check("y", "failure", app=OWN), GREEN, apps=EXPECTED
        ),
        "a commit status has no App": verdict(Passed(("travis",)), check("travis", app=None), apps=EXPECTED),
        "our own check": verdict(NEVER_STARTED, check("rmo", app=OWN)),
        "our own check is under way": verdict(Passed(("test",)), GREEN, check("rmo", None, app=OWN)),
    },
    "CI-4": {
        "alone": verdict(NEVER_STARTED, check(sha=OLDER)),
        "beside a failure": verdict(Failed(("test",)), RED, check(sha=OLDER, id=99)),
        "an older failure": verdict(Passed(("test",)), GREEN, check(sha=OLDER, id=99, conclusion="failure")),
        "an older log": worth_a_look([], GREEN, check("lint", "failure", sha=OLDER)),
        "a later attempt": verdict(Passed(("test",)), RED, check(id=2)),
        "an earlier attempt": verdict(Failed(("test",)), check(conclusion="failure", id=2), GREEN),
        "a later attempt is under way": verdict(Pending(("test",)), GREEN, check(conclusion=None, id=2)),
        "two readings of one attempt": verdict(Failed(("test",)), RED, GREEN),
        "two readings the other way round": verdict(Failed(("test",)), GREEN, RED),
        "skipped on an older commit": skipped_as_draft(False, check(conclusion="skipped", sha=OLDER)),
    },
    "CI-5": {
        "neutral": verdict(NOTHING_RAN, check(conclusion="neutral")),
        "skipped": verdict(NOTHING_RAN, check(conclusion="skipped"), after=FINISH),
        "neutral beside a success": verdict(Passed(("lint",)), check(conclusion="neutral"), check("lint")),
        "skipped beside a success": verdict(Passed(("lint",)), check(conclusion="skipped"), check("lint")),
        "skipped, and a success that is not required": verdict(
            NOTHING_RAN, check(conclusion="skipped"), check("lint"), required=demanded("test")
        ),
        "action required": verdict(Failed(("test",)), check(conclusion="action_required"), check("lint")),
        "startup failure": verdict(Failed(("test",)), check(conclusion="startup_failure"), check("lint")),
        "timed out": verdict(Failed(("test",)), check(conclusion="timed_out"), check("lint")),
        "cancelled": verdict(Cancelled(("test",)), check(conclusion="cancelled"), check("lint")),
        "cancelled beside a failure": verdict(
            Failed(("lint",)), check(conclusion="cancelled"), check("lint", "failure")
        ),
        "stale": verdict(Pending(("test",)), check(conclusion="stale"), check("lint")),
        "stale to the end": verdict(GIVEN_UP, check(conclusion="stale"), check("lint"), after=FINISH),
        "ended as nothing": verdict(TimedOut(("test",)), check(conclusion=None, state="completed"), after=FINISH),
        "ended before it is over": verdict(Pending(("test",)), check(state="in_progress"), check("lint")),
        "red while another runs": verdict(Pending(("lint",)), RED, check("lint", None)),
        "red while another runs, too long": verdict(Failed(("test",)), RED, check("lint", None), after=FINISH),
        "running to the end": verdict(TimedOut(("lint",)), GREEN, check("lint", None), after=FINISH),
        "all were skipped": skipped_as_draft(True, check(conclusion="skipped"), check("rmo", None, app=OWN)),
        "one was not skipped": skipped_as_draft(False, check(conclusion="skipped"), check("lint")),
        "a skipped one is queued again": skipped_as_draft(False, check(conclusion="skipped", state="queued")),
        "skipped, and a status": skipped_as_draft(
            False, check(conclusion="skipped"), check("travis", app=None), own_app=None
        ),
    },
    "CI-6": {
        "soon": verdict(Pending(("a first check",)), after=timedelta(minutes=9)),
        "late": verdict(NEVER_STARTED, after=START),
        "with rules": verdict(NEVER_STARTED, required=demanded("test"), after=FINISH),
        "nothing to make ready for": skipped_as_draft(False),
    },
    "CI-7": {
        "soon": verdict(Pending(("build",)), GREEN, required=demanded("test", "build")),
        "late": verdict(TimedOut(("build",)), GREEN, required=demanded("test", "build"), after=FINISH),
        "another one is red": verdict(Failed(("test",)), RED, required=demanded("test", "build")),
        "another one was cancelled": verdict(
            Cancelled(("test",)), check(conclusion="cancelled"), required=demanded("test", "build")
        ),
        "another one runs": verdict(
            Pending(("build", "test")), check(conclusion=None), required=demanded("test", "build")
        ),
        "it is there": verdict(Passed(("test",)), GREEN, check("lint", None), required=demanded("test")),
        "what is not required is red": verdict(
            Passed(("test",)), GREEN, check("lint", "failure"), required=demanded("test")
        ),
        "both are red": verdict(Failed(("test", "lint")), RED, check("lint", "failure"), required=demanded("test")),
    },
}
