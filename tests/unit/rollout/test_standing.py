"""What is in force: decisions follow the closed table of states, and a person's word outranks all of them."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.protocol import ItemState
from bot.model.rollout import DecisionKind, ItemEvent
from bot.rollout.standing import Verb, contradictions, fold, override, verb_of
from bot.rollout.states import Change, IllegalTransition, after, is_legal

START = datetime(2026, 1, 1, tzinfo=UTC)
STATES: tuple[ItemState, ...] = get_args(ItemState)
DECISIONS: tuple[DecisionKind, ...] = get_args(DecisionKind)


def event(minute: int, kind: Change, state: ItemState, actor: str = "rmo") -> ItemEvent:
    route = "success" if kind == "promote" else ""
    return ItemEvent("i", START + timedelta(minutes=minute), state, kind, actor, "", route, {})


def said(minute: int, verb: Verb, before: ItemState | None = "staged", why: str = "") -> ItemEvent:
    return override("i", verb, before=before, actor="ada", at=START + timedelta(minutes=minute), why=why)


LIFE = (
    event(0, "merged", "testing", "person"),
    event(1, "stage", "staged"),
    event(2, "promote", "production"),
    event(3, "expire", "staged"),
    event(4, "expire", "staged"),
    event(5, "prune", "retired"),
)


def test_an_item_goes_its_way_from_its_pull_request_to_its_end() -> None:
    states = [fold(LIFE[: end + 1])["i"] for end in range(len(LIFE))]
    assert [each.state for each in states] == ["testing", "staged", "production", "staged", "staged", "retired"]
    assert [each.since for each in states] == [each.at for each in LIFE]
    assert states[2].route == "success"
    assert not contradictions(LIFE)
    assert not fold(())


def test_each_decision_leads_where_the_table_says() -> None:
    assert after("testing", "refuse") == "rolled_back"
    assert after("staged", "roll_back") == "rolled_back"
    assert after("production", "roll_back") == "staged"
    assert after("production", "hold") == "production"
    with pytest.raises(IllegalTransition, match="'promote' leads nowhere from 'retired'"):
        after("retired", "promote")


@given(st.sampled_from(STATES), st.sampled_from(DECISIONS))
def test_where_a_decision_leads_is_legal_or_an_error(state: ItemState, kind: DecisionKind) -> None:
    if kind == "hold":
        return
    try:
        reached = after(state, kind)
    except IllegalTransition:
        assert not any(is_legal(state, kind, other) for other in STATES)
    else:
        assert is_legal(state, kind, reached)


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_a_person_may_put_an_item_into_any_state(before: ItemState, state: ItemState) -> None:
    events = [event(0, "file", before), event(1, "override", state, "ada")]
    assert fold(events)["i"].state == state


def test_what_is_pinned_is_changed_by_a_person_only() -> None:
    pinned = [*LIFE[:2], said(2, "pin")]
    kept = fold([*pinned, event(3, "roll_back", "rolled_back"), event(4, "merged", "testing")])["i"]
    assert (kept.state, kept.pinned, kept.since) == ("staged", True, LIFE[1].at)
    assert fold([*pinned, event(3, "file", "retired", "ada")])["i"].state == "retired"
    freed = fold([*pinned, said(3, "unpin"), event(4, "roll_back", "rolled_back")])["i"]
    assert (freed.state, freed.pinned) == ("rolled_back", False)


def test_what_is_banned_is_never_proposed_again() -> None:
    banned = [*LIFE[:2], said(2, "pin"), said(3, "ban", why="it is wrong")]
    kept = fold([*banned, event(4, "merged", "testing"), event(5, "promote", "production")])["i"]
    assert (kept.state, kept.banned, kept.pinned) == ("retired", True, False)
    again = fold([*banned, said(4, "unban", "retired"), event(5, "merged", "testing")])["i"]
    assert (again.state, again.banned) == ("testing", False)
    assert fold([*banned, said(4, "add")])["i"].state == "production"


def test_what_a_person_retired_no_late_decision_brings_back() -> None:
    events = [*LIFE[:2], said(2, "retire"), event(3, "promote", "production")]
    assert fold(events)["i"].state == "retired"
    assert [each.why for each in contradictions(events)] == ["no way there"]


def test_a_new_text_begins_a_new_trial_and_a_record_does_not() -> None:
    assert fold([*LIFE[:3], event(9, "merged", "production")])["i"].since == LIFE[2].at
    assert fold([*LIFE[:2], event(9, "file", "staged")])["i"].since == START + timedelta(minutes=9)


def test_an_item_whose_file_alone_told_its_state_follows_its_first_decision() -> None:
    assert fold([event(0, "promote", "production")])["i"].state == "production"
    assert fold([said(0, "pin", None)])["i"].pinned


def test_what_came_late_or_against_a_persons_word_is_shown() -> None:
    events = [*LIFE[:2], said(2, "pin"), event(3, "promote", "production"), event(1, "file", "staged")]
    found = contradictions(events)
    assert [(each.event, each.why) for each in found] == [
        (events[3], "against a person's word"),
        (events[4], "out of order"),
    ]


@given(st.sampled_from(get_args(Verb)), st.sampled_from([*STATES, None]), st.text(max_size=20))
def test_a_persons_word_is_kept_as_an_event_and_read_again(verb: Verb, before: ItemState | None, why: str) -> None:
    spoken = override("i", verb, before=before, actor="ada", at=START, why=why)
    assert verb_of(spoken) == verb
    assert verb_of(event(0, "override", "staged", "ada")) is None
    assert verb_of(event(0, "file", "staged", "ada")) is None
    if verb in ("pin", "unpin", "unban"):
        assert spoken.state == (before or "draft")


EVENTS = st.lists(
    st.builds(event, st.integers(0, 50), st.sampled_from(get_args(Change)), st.sampled_from(STATES))
    | st.builds(said, st.integers(0, 50), st.sampled_from(get_args(Verb)), st.sampled_from(STATES)),
    max_size=12,
)


@given(EVENTS, EVENTS)
def test_while_a_person_keeps_an_item_decisions_change_nothing(before: list[ItemEvent], later: list[ItemEvent]) -> None:
    kept = [*before, said(60, "pin", fold(before)["i"].state if before else None)]
    decisions = [each for each in later if each.kind not in ("override", "file")]
    assert fold([*kept, *decisions]) == fold(kept)


@given(EVENTS)
def test_what_fold_passes_over_could_have_been_left_out(events: list[ItemEvent]) -> None:
    odd = [each.event for each in contradictions(events) if each.why != "out of order"]
    counted = [each for each in events if not any(each is other for other in odd)]
    assert fold(counted) == fold(events)
    assert all(each.why == "out of order" for each in contradictions(counted))
