"""Opposite advice in the same place, and which of the two has precedence."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.catalog import find_data, load_catalogue
from bot.learning.conflicts import conflicts
from bot.model.ids import ActionId
from bot.model.proposal import Conflict, ProposedItem
from bot.model.protocol import ChecklistItem, ItemState
from bot.model.rollout import ItemStanding

LOADED = load_catalogue(find_data("protocols").parent)
REMEDIES = {remedy.id: remedy for remedy in LOADED.remedies}
SMALL, TIDY = REMEDIES["small-change-advice"], REMEDIES["tidy-along-advice"]
NEW, OLD = f"{TIDY.id}-0123456789ab", f"{SMALL.id}-ba9876543210"


def new(*actions: str, evidence: str = "0123456789ab", **when: str) -> ProposedItem:
    places = tuple(ActionId(action) for action in actions)
    return ProposedItem(NEW, "instruction", TIDY.text, places, when, ("lint_violation",), "x" * 10, "draft", evidence)


def old(*actions: str, evidence: str = "ba9876543210", state: ItemState = "production", **when: str) -> ChecklistItem:
    places = tuple(ActionId(action) for action in actions)
    return ChecklistItem(OLD, "instruction", SMALL.text, places, state, evidence, when)


def found(
    item: ProposedItem, other: ChecklistItem, *standing: ItemStanding, evidence: dict[str, float] | None = None
) -> list[Conflict]:
    catalogue = replace(LOADED, items=(other,))
    return list(conflicts(item, catalogue, {each.item: each for each in standing}, evidence))


def standing(state: ItemState, *, pinned: bool = False) -> ItemStanding:
    return ItemStanding(OLD, state, datetime(2026, 1, 1, tzinfo=UTC), "", pinned, banned=False)


@pytest.mark.parametrize(
    ("item", "other", "wins", "because"),
    [
        (new("fix_defect"), old("fix_defect", evidence="human"), "old", "human"),
        (new("fix_defect", evidence="human"), old("fix_defect"), "new", "human"),
        (new("fix_crash"), old("fix_defect"), "new", "specific"),
        (new("fix_defect"), old("fix_crash"), "old", "specific"),
        (new("fix_defect", language="python"), old("fix_defect"), "new", "specific"),
        (new("fix_defect"), old("fix_defect", language="python"), "old", "specific"),
        (new("fix_defect"), old("fix_defect"), "new", "newer"),
        (new("fix_defect", evidence="human"), old("fix_defect", evidence="human"), "new", "newer"),
        (new("fix_crash", "refactor_code"), old("fix_defect"), "new", "newer"),
    ],
)
def test_precedence(item: ProposedItem, other: ChecklistItem, wins: str, because: str) -> None:
    assert [(each.item, each.wins, each.because) for each in found(item, other)] == [(OLD, wins, because)]


def test_stronger_evidence_decides_where_both_are_as_narrow() -> None:
    (stronger,) = found(new("fix_defect"), old("fix_defect"), evidence={NEW: 40.0, OLD: 20.0})
    (weaker,) = found(new("fix_defect"), old("fix_defect"), evidence={NEW: 40.0, OLD: 90.0})
    assert (stronger.wins, stronger.because) == ("new", "evidence")
    assert (weaker.wins, weaker.because) == ("old", "evidence")


def test_a_pinned_item_is_a_persons_word() -> None:
    (pinned,) = found(new("fix_crash"), old("fix_defect"), standing("production", pinned=True))
    assert (pinned.wins, pinned.because) == ("old", "human")


def test_only_what_is_in_force_in_the_same_place_conflicts() -> None:
    assert found(new("fix_defect"), old("write_test")) == []
    assert found(new("fix_defect", language="python"), old("fix_defect", language="go")) == []
    assert found(new("fix_defect"), old("fix_defect", state="retired")) == []
    assert found(new("fix_defect"), old("fix_defect"), standing("rolled_back")) == []
    assert len(found(new("fix_defect"), old("fix_defect", state="retired"), standing("staged"))) == 1
    other = ChecklistItem("own-words", "instruction", "Say it.", (ActionId("fix_defect"),), "production", "human")
    assert found(new("fix_defect"), other) == []


def test_an_item_in_a_persons_words_is_opposed_by_its_name() -> None:
    keep = next(item for item in LOADED.items if item.id == "refactor-keep-observable")
    assert [each.item for each in found(new("refactor_code"), keep)] == ["refactor-keep-observable"]
    advice = next(item for item in LOADED.items if item.id == "error-catch-narrow")
    handle = REMEDIES["handle-failure-advice"]
    mine = replace(new("handle_exception"), id=f"{handle.id}-0123456789ab", text=handle.text)
    assert [each.item for each in found(mine, advice)] == ["error-catch-narrow"]
