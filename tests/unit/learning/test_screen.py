"""What is planted in a world passes the screen, on top, once; what only looks like it does not."""

from dataclasses import replace

import pytest

from bot.learning.screen import candidates, with_witnesses
from bot.model.counts import Witnesses
from bot.model.evidence import Features
from bot.model.pattern import Candidate, ContextLiteral, Hypothesis, Signature, Table
from bot.statistics.hypergeometric import at_least, least_p
from tests.conformance.mining.oracle import ancestors, unit
from tests.unit.learning.screened import F821, NAME, PRINT, PROPOSE, SCREEN, SYNTAX, counted, world

RARE = replace(PROPOSE, base_rate=0.9, bets=(1.05, 2))
"""Nothing is commoner than nine in ten: rules alone."""


def texts(found: tuple[Candidate, ...]) -> list[str]:
    return [f"{each.hypothesis.kind}: {each.hypothesis.text}" for each in found]


def is_added(context: Features) -> bool:
    return context["action_item"] in ("add", "add_method")


def test_a_planted_rule_comes_first_and_once() -> None:
    units = world(1, 900, [([F821], lambda each: 0.5 if each["model"] == "a" and is_added(each) else 0.04)])
    found = candidates(counted(units), SCREEN, RARE)
    first, *others = found
    assert first.hypothesis.text == "action_item=add & model=a -> ruff:F821"
    # Others: the model and the node by themselves, and what chance lets through
    assert len(others) <= 4
    best = first.support
    inside = [each for each in units if each.context["model"] == "a" and is_added(each.context)]
    assert best.table.inside == len(inside)
    assert best.table.inside_with == sum(F821 in each.signatures for each in inside)
    assert best.table.with_failure == sum(F821 in each.signatures for each in units)
    assert best.table.tasks == 900
    assert best.p_value == pytest.approx(at_least(best.table), rel=1e-6)
    assert best.lift == pytest.approx(best.table.inside_with / best.table.inside * 900 / best.table.with_failure)


def test_what_is_only_confounded_is_not_productive() -> None:
    """Model a fails, and writes most of the python: python alone looks guilty, and is not beside the model."""
    found = candidates(
        counted(world(2, 1500, [([F821], lambda each: 0.4 if each["model"] == "a" else 0.02)])), SCREEN, RARE
    )
    assert texts(found)[0] == "rule: model=a -> ruff:F821"
    assert not any("language=python" in text and "model=a" in text for text in texts(found))


def test_a_null_world_has_few_candidates() -> None:
    found = candidates(counted(world(3, 900, [([F821], lambda _: 0.1), ([NAME], lambda _: 0.1)])), SCREEN, RARE)
    assert len(found) <= 12
    assert all(least_p(each.support.table) <= SCREEN.p_value for each in found)
    assert all(each.support.p_value <= 0.01 and each.support.productive_p <= 0.05 for each in found)


def test_a_failure_that_is_common_everywhere_is_a_frequency_of_the_broadest_node() -> None:
    found = candidates(counted(world(4, 300, [([F821], lambda _: 0.3)])), SCREEN, PROPOSE)
    assert texts(found)[0] == "frequency: action_item=task -> ruff:F821"
    best = found[0].support
    assert best.table == Table(300, 0, best.table.inside_with, 0)
    assert best.lift == pytest.approx(best.table.inside_with / 300 / 0.05)


def test_a_failure_of_one_node_is_a_frequency_of_that_node() -> None:
    units = world(5, 600, [([F821], lambda each: 0.5 if each["action_item"] == "fix" else 0.0)])
    assert texts(candidates(counted(units), SCREEN, PROPOSE)) == ["frequency: action_item=fix -> ruff:F821"]


def test_of_nodes_with_the_same_tasks_the_narrowest_stands_for_all() -> None:
    context: Features = {"action_item": "add_method", "ancestors": ancestors("add_method")}
    units = [unit(position, context, [F821] * (position % 2)) for position in range(40)]
    assert texts(candidates(counted(units), SCREEN, PROPOSE)) == ["frequency: action_item=add_method -> ruff:F821"]


def test_a_literal_that_always_holds_is_in_no_rule() -> None:
    found = candidates(counted(world(1, 900, [([F821], lambda each: 0.5 if is_added(each) else 0.04)])), SCREEN, RARE)
    assert found
    assert not any("domain" in text or "action_item=task" in text for text in texts(found))


@pytest.mark.parametrize(
    ("answered", "kept"),
    [((), PRINT), ((SYNTAX,), SYNTAX), ((F821, SYNTAX), F821), ((NAME,), PRINT)],
)
def test_of_levels_with_the_same_tasks_one_is_kept(answered: tuple[Signature, ...], kept: Signature) -> None:
    units = world(6, 600, [([SYNTAX, F821, PRINT], lambda each: 0.5 if each["model"] == "a" else 0.04)])
    found = candidates(counted(units), SCREEN, RARE, answered=answered)
    assert [each.hypothesis.signature for each in found if each.hypothesis.context[0].feature == "model"] == [kept]


def test_a_broader_level_stays_where_it_has_more_tasks() -> None:
    def rate(context: Features) -> float:
        return 0.4 if context["model"] == "a" else 0.02

    found = candidates(counted(world(7, 900, [([SYNTAX, F821], rate), ([SYNTAX], rate)])), SCREEN, RARE)
    assert {"rule: model=a -> ruff:F821", "rule: model=a -> syntax"} <= set(texts(found))


def test_a_context_with_the_same_tasks_is_not_registered_again() -> None:
    twins = [
        replace(each, context={**each.context, "twin": each.context["model"], "other": each.context["model"]})
        for each in world(1, 900, [([F821], lambda each: 0.5 if each["model"] == "a" and is_added(each) else 0.04)])
    ]
    counts = counted(twins)
    found = candidates(counts, SCREEN, RARE)
    about = [each for each in found if any(literal.value == "a" for literal in each.hypothesis.context)]
    assert len(about) == 1
    # Nor where another of them is registered
    [model] = about
    literals = [each for each in model.hypothesis.context if each.feature == "action_item"]
    registered = replace(model.hypothesis, context=(*literals, ContextLiteral("twin", "a")))
    assert not [
        each
        for each in candidates(counts, SCREEN, RARE, known=[registered])
        if any(literal.value == "a" for literal in each.hypothesis.context) and each.hypothesis != registered
    ]
    # One that is registered is a candidate itself, and one that nothing is known of hides nothing
    unknown = Hypothesis("rule", (ContextLiteral("twin", "z"),), F821)
    assert candidates(counts, SCREEN, RARE, known=[model.hypothesis, unknown]) == found


def test_only_what_is_suggested_is_looked_at() -> None:
    counts = counted(world(5, 1500, [([F821], lambda each: 0.4 if each["model"] == "a" else 0.02)]))
    planted = Hypothesis("rule", (ContextLiteral("model", "a"),), F821)
    innocent = Hypothesis("rule", (ContextLiteral("repository", "r1"),), F821)
    long = Hypothesis("rule", tuple(ContextLiteral(feature, "x") for feature in "abcd"), F821)
    unseen = Hypothesis("frequency", (), Signature("rule", "ruff:E999"))
    found = candidates(counts, SCREEN, RARE, suggested=[planted, innocent, long, unseen], origin="tree")
    assert [(each.hypothesis, each.origin) for each in found] == [(planted, "tree")]


def test_nothing_comes_of_nothing() -> None:
    assert candidates(counted([]), SCREEN, PROPOSE) == ()
    assert candidates(counted(world(1, 40, [])), SCREEN, PROPOSE) == ()


def test_one_literal_may_be_all_that_is_allowed() -> None:
    units = world(1, 900, [([F821], lambda each: 0.5 if each["model"] == "a" and is_added(each) else 0.04)])
    found = candidates(counted(units), replace(SCREEN, literals=1), RARE)
    assert found
    assert all(len(each.hypothesis.context) == 1 for each in found)


def test_witnesses_are_filled_in_and_asked_for() -> None:
    found = candidates(counted(world(5, 600, [([F821], lambda each: 0.5 if is_added(each) else 0.04)])), SCREEN, RARE)
    [first, *_] = found
    seen = {each.hypothesis.id: Witnesses(repositories=4, days=2, labellers=3) for each in found}
    filled = with_witnesses(found, seen, SCREEN)
    assert len(filled) == len(found)
    assert filled[0].support == replace(first.support, repositories=4, days=2, labellers=3)
    assert with_witnesses(found, seen, replace(SCREEN, days=3)) == ()
    assert with_witnesses(found, seen, replace(SCREEN, issues=1000)) == ()
