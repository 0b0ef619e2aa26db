"""What may be registered and proposed, and until when not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.learning.guard import (
    May,
    MayNot,
    Permission,
    Witnesses,
    first_objection,
    is_wanted,
    is_witnessed,
    may_open,
    may_register,
    retry_factors,
    while_learning,
    witnesses,
)
from bot.model.pattern import Hypothesis, PatternAct, PatternEvent, PatternId, Signature
from bot.model.proposal import Proposal, ProposalKind, ProposalStatus
from bot.model.rollout import ItemStanding
from tests.unit.learning.tasks import F821, NOW, PROPOSE, SCREEN, context, unit

DAY = timedelta(days=1)


def proposal(status: ProposalStatus, *, kind: ProposalKind = "add", closed: datetime | None = None) -> Proposal:
    return Proposal("1", kind, None, "item", "protocols/coding/implementation.yaml", NOW, status, closed_at=closed)


def history(*acts: tuple[PatternAct, int]) -> list[PatternEvent]:
    """Each act so many days ago."""
    return [PatternEvent(PatternId("a"), NOW - days * DAY, act, "rmo", "", {}) for act, days in acts]


def refused(permission: Permission) -> datetime | None:
    assert isinstance(permission, MayNot)
    assert permission.reason
    return permission.until


def test_the_first_objection_counts() -> None:
    assert first_objection([]) == first_objection([May(), May()]) == May()
    no = MayNot("no")
    assert first_objection([May(), no, MayNot("nor that")]) == no


def test_learning_can_be_switched_off() -> None:
    assert while_learning(True) == May()
    assert refused(while_learning(False)) is None


def test_there_is_one_open_pull_request_at_a_time() -> None:
    assert may_open([], NOW, PROPOSE) == May()
    for status in ("drafted", "open"):
        assert refused(may_open([proposal(status)], NOW, PROPOSE)) is None
    assert may_open([proposal("open")], NOW, replace(PROPOSE, open_at_once=2)) == May()
    assert may_open([proposal("merged", closed=NOW), proposal("open", kind="record")], NOW, PROPOSE) == May()


def test_a_rejection_is_followed_by_a_pause() -> None:
    closed = [proposal("closed", closed=NOW - days * DAY) for days in (40, 13)]
    assert refused(may_open(closed, NOW, PROPOSE)) == NOW + DAY
    assert may_open(closed, NOW + DAY, PROPOSE) == May()
    assert may_open([proposal("closed", kind="record", closed=NOW)], NOW, PROPOSE) == May()


@pytest.mark.parametrize("act", ["registered", "crossed", "proposed", "merged", "deleted"])
def test_what_is_judged_or_decided_is_not_registered_again(act: PatternAct) -> None:
    assert refused(may_register(history(("registered", 400), (act, 300)), NOW, PROPOSE)) is None


@pytest.mark.parametrize("act", ["rejected", "retired"])
def test_what_was_turned_down_is_tried_again_later_and_at_a_raised_threshold(act: PatternAct) -> None:
    events = history(("registered", 50), ("proposed", 20), (act, 14))
    assert may_register([], NOW, PROPOSE) == May(1.0)
    assert may_register(events, NOW, PROPOSE) == May(2.0)
    assert refused(may_register(events, NOW - DAY, PROPOSE)) == NOW


@pytest.mark.parametrize(
    ("registered", "until"),
    [
        ([300, 200], "now"),
        ([300, 200, 100], 165),
        ([700, 200, 100], 165),
        ([700, 400, 100], "now"),
        # of three within a year, two have to be a year old
        ([340, 330, 320, 310], 45),
    ],
)
def test_it_is_tried_again_twice_a_year_at_most(registered: Sequence[int], until: object) -> None:
    tries: list[tuple[PatternAct, int]] = [("registered", days) for days in registered]
    events = history(*tries, ("rejected", 20))
    permission = may_register(events, NOW, PROPOSE)
    if until == "now":
        assert permission == May(2.0)
    else:
        assert refused(permission) == NOW + until * DAY if isinstance(until, int) else None
        assert isinstance(may_register(events, refused(permission) or NOW, PROPOSE), May)


def test_without_retries_it_is_never_tried_again() -> None:
    events = history(("registered", 700), ("rejected", 600))
    assert refused(may_register(events, NOW, replace(PROPOSE, retries_a_year=0))) is None


def test_what_may_be_tried_again_is_told_with_its_factor() -> None:
    histories = {
        PatternId("again"): history(("registered", 50), ("rejected", 14)),
        PatternId("judged"): history(("registered", 50)),
    }
    assert retry_factors(histories, NOW, PROPOSE) == {"again": 2.0}


def test_witnesses_are_those_of_the_failure_in_its_context() -> None:
    hypothesis = Hypothesis("rule", context(language="a"), F821)
    units = [
        unit(0, failed=True, cluster="1", labeller="x", language="a", repository="r"),
        unit(1, failed=True, cluster="1", labeller="", days=1, language="a", repository="r"),
        unit(2, failed=True, cluster="2", labeller="y", language="a", repository="q"),
        unit(3, failed=False, cluster="3", labeller="z", days=2, language="a", repository="p"),
        unit(4, failed=True, cluster="4", labeller="z", days=3, language="b", repository="p"),
        unit(5, failed=True, cluster="5", days=4, language="a", signatures=[Signature("rule", "ruff:E711")]),
    ]
    assert witnesses(hypothesis, units) == Witnesses(issues=2, days=2, labellers=2, repositories=2)


@pytest.mark.parametrize(
    ("found", "writers", "enough"),
    [
        (Witnesses(3, 2, 2, 2), 5, True),
        (Witnesses(2, 2, 2, 1), 5, False),
        (Witnesses(3, 1, 2, 1), 5, False),
        (Witnesses(3, 2, 1, 1), 5, False),
        (Witnesses(3, 2, 1, 1), 2, False),
        (Witnesses(3, 2, 1, 1), 1, True),
        (Witnesses(3, 2, 1, 2), 1, False),
    ],
)
def test_no_one_person_day_or_issue_teaches_the_program(found: Witnesses, writers: int, enough: bool) -> None:
    permission = is_witnessed(found, writers, SCREEN)
    if enough:
        assert permission == May()
    else:
        assert refused(permission) is None


def test_a_banned_item_is_proposed_no_more() -> None:
    banned = ItemStanding("item", "rolled_back", NOW, "", pinned=False, banned=True)
    assert refused(is_wanted("item", {"item": banned})) is None
    assert is_wanted("item", {"item": replace(banned, banned=False)}) == May()
    assert is_wanted("item", {"other": banned}) == May()
