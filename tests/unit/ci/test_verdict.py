"""Laws of the verdict, and what each conclusion means for it."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ci.verdict import judge, only_skipped, red_checks
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
    Verdict,
)
from bot.model.forge import RequiredCheck
from bot.model.ids import CommitSha

HEAD = CommitSha("a" * 40)
OLDER = CommitSha("b" * 40)
ACTIONS, FOREIGN, OWN = 15368, 666, 42
PUSHED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
START, FINISH = timedelta(minutes=10), timedelta(minutes=60)


def run(
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
    *runs: CheckRun,
    required: frozenset[str | RequiredCheck] = frozenset(),
    apps: frozenset[int] | None = None,
    after: timedelta = timedelta(minutes=20),
) -> Verdict:
    return judge(
        runs,
        head_sha=HEAD,
        expected_apps=apps,
        own_app=OWN,
        required=frozenset(RequiredCheck(each, None) if isinstance(each, str) else each for each in required),
        pushed_at=PUSHED,
        now=PUSHED + after,
        start_within=START,
        finish_within=FINISH,
    )


def test_one_success_passes() -> None:
    assert verdict(run("lint"), run("test")) == Passed(("lint", "test"))


@pytest.mark.parametrize("conclusion", ["failure", "timed_out", "startup_failure", "action_required"])
def test_every_bad_end_fails(conclusion: Conclusion) -> None:
    assert verdict(run("lint"), run("test", conclusion)) == Failed(("test",))


def test_cancelled_is_no_failure_unless_another_check_failed() -> None:
    assert verdict(run("lint"), run("test", "cancelled")) == Cancelled(("test",))
    assert verdict(run("lint", "failure"), run("test", "cancelled")) == Failed(("lint",))


@pytest.mark.parametrize("conclusion", ["neutral", "skipped"])
def test_what_did_not_run_neither_fails_nor_passes(conclusion: Conclusion) -> None:
    assert verdict(run("lint"), run("test", conclusion)) == Passed(("lint",))
    assert isinstance(verdict(run("test", conclusion)), Unverified)


def test_no_check_at_all_is_never_green() -> None:
    assert verdict(after=timedelta(minutes=9)) == Pending(("a first check",))
    unverified = verdict(after=START)
    assert isinstance(unverified, Unverified)
    assert "no check ever started within 0:10:00" in unverified.reason


def test_unfinished_waits_and_then_times_out() -> None:
    assert verdict(run("lint"), run("test", None)) == Pending(("test",))
    assert verdict(run("lint"), run("test", None), after=FINISH) == TimedOut(("test",))
    assert verdict(run("test", None, state="completed"), after=FINISH) == TimedOut(("test",))


def test_a_failure_is_told_once_nothing_runs_any_more() -> None:
    runs = (run("lint", "failure"), run("test", None))
    assert verdict(*runs) == Pending(("test",))
    assert verdict(*runs, after=FINISH) == Failed(("lint",))


def test_stale_waits_and_is_then_unverified() -> None:
    assert verdict(run("test", "stale"), run("lint")) == Pending(("test",))
    unverified = verdict(run("test", "stale"), run("lint"), after=FINISH)
    assert isinstance(unverified, Unverified)
    assert "test" in unverified.reason


def test_required_checks_alone_decide() -> None:
    required = frozenset({"test"})
    assert verdict(run("test"), run("extra", "failure"), required=required) == Passed(("test",))
    assert verdict(run("test"), run("extra", None), required=required) == Passed(("test",))
    assert verdict(run("test", "failure"), run("extra", "failure"), required=required) == Failed(("test", "extra"))


def test_a_required_check_is_met_by_its_own_app_alone() -> None:
    required = frozenset({RequiredCheck("test", ACTIONS)})
    assert verdict(run("test", app=FOREIGN), required=required) == Pending(("test",))
    assert verdict(run("test", app=FOREIGN), run("test"), required=required) == Passed(("test",))
    assert verdict(run("test", app=FOREIGN), run("test", "failure"), required=required) == Failed(("test",))


def test_a_required_check_that_is_missing_times_out() -> None:
    required = frozenset({"test", "build"})
    assert verdict(run("test"), required=required) == Pending(("build",))
    assert verdict(run("test"), required=required, after=FINISH) == TimedOut(("build",))
    assert verdict(run("test", "failure"), required=required) == Failed(("test",))


def test_success_of_what_is_not_required_makes_nothing_green() -> None:
    assert isinstance(verdict(run("test", "skipped"), run("extra"), required=frozenset({"test"})), Unverified)


def test_a_foreign_app_of_the_same_name_does_not_count() -> None:
    forged = run("test", app=FOREIGN, id=9)
    apps = frozenset({ACTIONS})
    assert verdict(run("test", "failure"), forged, apps=apps) == Failed(("test",))
    assert isinstance(verdict(forged, apps=apps), Unverified)
    assert verdict(run("test", "failure"), forged) == Failed(("test",))


def test_a_commit_status_counts_and_our_own_check_does_not() -> None:
    assert verdict(run("travis", app=None), apps=frozenset({ACTIONS})) == Passed(("travis",))
    assert isinstance(verdict(run("rmo", app=OWN)), Unverified)
    assert verdict(run("test"), run("rmo", None, app=OWN)) == Passed(("test",))


def test_the_latest_attempt_counts() -> None:
    assert verdict(run(conclusion="failure", id=1), run(id=2)) == Passed(("test",))
    assert verdict(run(id=1), run(conclusion=None, id=2)) == Pending(("test",))


def test_only_skipped() -> None:
    assert only_skipped([run(conclusion="skipped"), run(sha=OLDER)], HEAD)
    assert only_skipped([run(conclusion="skipped"), run("rmo", None, app=OWN)], HEAD, OWN)
    assert not only_skipped([run(conclusion="skipped"), run("lint")], HEAD)
    assert not only_skipped([run(conclusion="skipped"), run("status", app=None)], HEAD)
    assert not only_skipped([], HEAD)


def test_red_checks_are_the_latest_bad_attempts_on_the_head() -> None:
    runs = [run(conclusion="failure", id=1), run(id=2), run("lint", "failure"), run("a", "failure", sha=OLDER)]
    found = red_checks(runs, head_sha=HEAD, expected_apps=None, own_app=OWN)
    assert [check.name for check in found] == ["lint"]


names = st.sampled_from(["lint", "test", "build"])
check_runs = st.builds(
    run,
    name=names,
    conclusion=st.sampled_from([None, *get_args(Conclusion)]),
    id=st.integers(1, 5),
    app=st.sampled_from([None, ACTIONS, FOREIGN, OWN]),
    sha=st.sampled_from([HEAD, OLDER]),
    state=st.sampled_from([None, "queued", "in_progress", "completed"]),
)
many_runs = st.lists(check_runs, max_size=8)
requirements = st.frozensets(names)
app_sets = st.sampled_from([None, frozenset({ACTIONS}), frozenset({ACTIONS, FOREIGN})])
delays = st.sampled_from([timedelta(0), START, FINISH])


@settings(deadline=None)
@given(many_runs, requirements, app_sets, delays)
def test_law_green_needs_a_success_on_the_head_by_an_expected_app(
    runs: list[CheckRun], required: frozenset[str], apps: frozenset[int] | None, after: timedelta
) -> None:
    if isinstance(verdict(*runs, required=required, apps=apps, after=after), Passed):
        deciding = [
            one
            for one in runs
            if one.head_sha == HEAD
            and one.app != OWN
            and (apps is None or one.app is None or one.app in apps)
            and (not required or one.name in required)
        ]
        assert any(one.conclusion == "success" and one.state == "completed" for one in deciding)
        assert required <= {one.name for one in deciding}


@settings(deadline=None)
@given(many_runs, requirements, app_sets, delays, st.randoms(use_true_random=False))
def test_law_neither_order_nor_other_commits_matter(
    runs: list[CheckRun],
    required: frozenset[str],
    apps: frozenset[int] | None,
    after: timedelta,
    random: Random,
) -> None:
    expected = verdict(*runs, required=required, apps=apps, after=after)
    shuffled = [one for one in runs if one.head_sha == HEAD and one.app != OWN]
    random.shuffle(shuffled)
    assert verdict(*shuffled, required=required, apps=apps, after=after) == expected


@settings(deadline=None)
@given(many_runs, requirements, app_sets)
def test_law_every_wait_ends(runs: list[CheckRun], required: frozenset[str], apps: frozenset[int] | None) -> None:
    assert not isinstance(verdict(*runs, required=required, apps=apps, after=FINISH), Pending)
