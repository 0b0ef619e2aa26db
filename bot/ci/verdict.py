"""The verdict: what the checks of one commit say, by rule and from their conclusions alone.

Reports and logs explain a verdict and never make one: the code under test can forge them. Only check runs and
statuses on the exact commit count, from Apps that are expected, and nothing is green without a check that ran and
succeeded.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, assert_never

from bot.model.check import Cancelled, CheckRun, Failed, Passed, Pending, TimedOut, Unverified, Verdict
from bot.model.forge import RequiredCheck
from bot.model.ids import CommitSha

Standing = Literal["running", "red", "cancelled", "stale", "passed", "not run"]


def judge(
    runs: Sequence[CheckRun],
    *,
    head_sha: CommitSha,
    expected_apps: frozenset[int] | None,
    own_app: int,
    required: frozenset[RequiredCheck],
    pushed_at: datetime,
    now: datetime,
    start_within: timedelta,
    finish_within: timedelta,
) -> Verdict:
    """The verdict on `head_sha`; the order of `runs` and runs of other commits never matter.

    Checks of `own_app` are ignored, and so are those of Apps outside `expected_apps` where that is given; commit
    statuses always count. Of several attempts of one check the latest counts. Where `required` names checks, they
    alone decide, each by the App that it is bound to, else all do; a red check that is not required is named beside the
    required ones that failed.

    Both durations count from `pushed_at`. A red check is reported once no deciding check is running any more (or
    when the time is over), because reports are uploaded at the end of a job and a verdict should come with all of
    them.

    Meaning of the conclusions: docs.github.com, "About status checks" and REST "Check runs".
    """
    counted = _latest(_counted(runs, head_sha, expected_apps, own_app))
    if not counted:
        if now < pushed_at + start_within:
            return Pending(("a first check",))
        return Unverified(
            f"no check ever started within {start_within} of the push; check that a workflow runs on this branch "
            "and that Actions are enabled"
        )
    deciding = [run for run in counted if not required or any(_meets(run, check) for check in required)]
    names = _names_by_standing(deciding)
    in_time = now < pushed_at + finish_within
    missing = tuple(sorted({check.name for check in required if not any(_meets(run, check) for run in deciding)}))
    if names["running"] and in_time:
        return Pending(tuple(sorted({*names["running"], *missing, *names["stale"]})))
    if names["red"]:
        also = [name for name in _names_by_standing(counted)["red"] if name not in names["red"]]
        return Failed((*names["red"], *also))
    if names["cancelled"]:
        return Cancelled(names["cancelled"])
    waiting = tuple(sorted({*names["running"], *missing}))
    if in_time and (waiting or names["stale"]):
        return Pending(tuple(sorted({*waiting, *names["stale"]})))
    if waiting:
        return TimedOut(waiting)
    if names["stale"]:
        return Unverified(f"GitHub gave up waiting for: {', '.join(names['stale'])}; start these checks again")
    if not names["passed"]:
        return Unverified(f"no check ran: {', '.join(names['not run'])} ended as skipped or neutral")
    return Passed(names["passed"])


def only_skipped(runs: Sequence[CheckRun], head_sha: CommitSha, own_app: int | None = None) -> bool:
    """Whether there are checks on `head_sha` (other than `own_app`'s) and every one of them was skipped.

    Workflows that leave out drafts end this way; marking the pull request ready starts them.
    """
    counted = _latest(run for run in runs if run.head_sha == head_sha and (run.app is None or run.app != own_app))
    return bool(counted) and all(run.state == "completed" and run.conclusion == "skipped" for run in counted)


def red_checks(
    runs: Sequence[CheckRun], *, head_sha: CommitSha, expected_apps: frozenset[int] | None, own_app: int
) -> tuple[CheckRun, ...]:
    """The latest attempts on `head_sha` that ended badly, required or not, by name: those whose logs are worth it."""
    counted = _latest(_counted(runs, head_sha, expected_apps, own_app))
    return tuple(sorted((run for run in counted if _standing(run) == "red"), key=lambda run: (run.name, run.id)))


def _counted(
    runs: Iterable[CheckRun], head_sha: CommitSha, expected_apps: frozenset[int] | None, own_app: int
) -> Iterable[CheckRun]:
    for run in runs:
        if run.head_sha != head_sha or run.app == own_app:
            continue
        if run.app is None or expected_apps is None or run.app in expected_apps:
            yield run


def _meets(run: CheckRun, check: RequiredCheck) -> bool:
    """Another App's check of the same name is not the one that the branch's rules demand."""
    return run.name == check.name and check.app in (None, run.app)


def _latest(runs: Iterable[CheckRun]) -> list[CheckRun]:
    latest: dict[tuple[int | None, str, int | None], CheckRun] = {}
    for run in runs:
        key = (run.app, run.name, run.suite)
        if key not in latest or _recency(run) > _recency(latest[key]):
            latest[key] = run
    return list(latest.values())


_SEVERITY: Mapping[Standing, int] = {"passed": 0, "not run": 1, "stale": 2, "cancelled": 3, "red": 4, "running": 5}


def _recency(run: CheckRun) -> tuple[int, int]:
    """Newer attempts have greater ids; two readings of the same one count as the worse, so that none turns green."""
    return run.id, _SEVERITY[_standing(run)]


def _standing(run: CheckRun) -> Standing:
    if run.state != "completed":
        return "running"
    match run.conclusion:
        case None:
            return "running"
        case "success":
            return "passed"
        case "neutral" | "skipped":
            return "not run"
        case "failure" | "timed_out" | "startup_failure" | "action_required":
            return "red"
        case "cancelled":
            return "cancelled"
        case "stale":
            return "stale"
        case _ as unreachable:
            assert_never(unreachable)


def _names_by_standing(runs: Iterable[CheckRun]) -> dict[Standing, tuple[str, ...]]:
    names: dict[Standing, set[str]] = {standing: set() for standing in _SEVERITY}
    for run in runs:
        names[_standing(run)].add(run.name)
    return {standing: tuple(sorted(found)) for standing, found in names.items()}
