"""A fix that undoes a fix is seen before it is proposed; attempts that go round in a circle are stopped."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.ids import ActionId
from bot.model.proposal import ProposedItem
from bot.model.protocol import ItemState
from bot.model.rollout import ItemEvent
from bot.rollout.lineage import undoings
from bot.rollout.standing import override

START = datetime(2026, 1, 1, tzinfo=UTC)
ABOVE = {ActionId("fix"): (ActionId("fix"), ActionId("code")), ActionId("code"): (ActionId("code"),)}


def item(name: str, text: str = "", action: str = "fix", when: Mapping[str, str] | None = None) -> ProposedItem:
    where = (ActionId(action),)
    return ProposedItem(name, "instruction", text or name, where, when or {}, ("syntax",), "why", "testing", "p")


def became(name: str, *states: ItemState) -> list[ItemEvent]:
    """A person's changes, a day apart."""
    days = [START + timedelta(days=day) for day in range(len(states))]
    return [ItemEvent(name, day, state, "file", "ada", "", "", {}) for day, state in zip(days, states, strict=True)]


def signs(
    candidate: ProposedItem,
    earlier: ProposedItem,
    events: list[ItemEvent],
    first_seen: datetime | None = None,
    opposes: Mapping[str, tuple[str, ...]] | None = None,
) -> list[str]:
    found = undoings(
        candidate, earlier=[earlier], events=events, opposes=opposes or {}, above=ABOVE, first_seen=first_seen
    )
    assert all(repr(earlier.id) in each.reason for each in found)
    return [each.sign for each in found]


@pytest.mark.parametrize("opposes", [{"new": ("old",)}, {"old": ("new",)}])
@pytest.mark.parametrize("state", ["testing", "staged", "production", "retired", "rolled_back"])
def test_the_opposite_of_what_failures_called_for_is_stopped(
    state: ItemState, opposes: Mapping[str, tuple[str, ...]]
) -> None:
    assert signs(item("new"), item("old"), became("old", state), opposes=opposes) == ["opposes"]


@pytest.mark.parametrize("state", ["retired", "rolled_back"])
def test_what_was_tried_and_dropped_is_not_proposed_as_if_it_were_new(state: ItemState) -> None:
    events = became("old", "staged", state)
    assert signs(item("new", "same"), item("old", "same"), events) == ["again"]
    assert signs(item("old", "another"), item("old"), events) == ["again"]
    assert signs(item("new"), item("old"), events) == []
    assert signs(item("new", "same"), item("old", "same"), became("old", "staged")) == []


def test_what_a_person_banned_is_never_proposed_again() -> None:
    events = [*became("old", "staged"), override("old", "ban", before="staged", actor="ada", at=START)]
    assert signs(item("old"), item("old"), events) == ["banned"]


def test_a_failure_first_seen_since_an_item_was_told_may_be_its_making() -> None:
    told = became("old", "testing", "staged", "production")
    day = [START + timedelta(days=number) for number in range(3)]
    assert signs(item("new"), item("old"), told, first_seen=day[1]) == ["since"]
    assert signs(item("new"), item("old"), told, first_seen=day[0]) == []
    assert signs(item("new"), item("old"), told) == []
    assert signs(item("old"), item("old"), told, first_seen=day[2]) == []
    assert signs(item("new"), item("old"), became("old", "staged", "retired"), first_seen=day[2]) == []


def test_what_never_meets_in_one_task_undoes_nothing() -> None:
    events, opposes = became("old", "production"), {"new": ("old",)}
    assert signs(item("new", action="other"), item("old"), events, opposes=opposes) == []
    go, python = {"language": "go"}, {"language": "python"}
    assert signs(item("new", when=go), item("old", when=python), events, opposes=opposes) == []
    assert signs(item("new", when=go), item("old", action="code"), events, opposes=opposes) == ["opposes"]
    assert signs(item("new", action="code"), item("old"), events, opposes=opposes) == ["opposes"]


def test_what_was_proposed_and_never_merged_is_nothing_to_undo() -> None:
    assert signs(item("new"), item("old"), [], opposes={"new": ("old",)}) == []
