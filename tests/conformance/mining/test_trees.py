"""Trees suggest the planted context, and never what is no context."""

from bot.mining.trees import suggest
from bot.model.pattern import ContextLiteral, Hypothesis, Signature
from tests.conformance.mining.oracle import SIGNATURES, ancestors, unit

SYNTAX, RULE, _ = SIGNATURES


def test_the_planted_context_is_among_the_suggestions() -> None:
    units = [
        unit(
            position,
            {
                "model": "abc"[position % 3],
                "file_kind": ("source", "test") if position % 2 else "docs",
                "action_item": "fix" if position % 5 else "add",
                "ancestors": ancestors("fix" if position % 5 else "add"),
            },
            [SYNTAX] * (position % 3 == 0 and position % 2 == 1 and position % 7 > 0),
        )
        for position in range(300)
    ]
    found = suggest(units)
    planted = (ContextLiteral("file_kind", "source"), ContextLiteral("model", "a"))
    other = (ContextLiteral("file_kind", "test"), ContextLiteral("model", "a"))
    assert {planted, other} & {each.context for each in found}
    assert all(each.kind == "rule" and each.signature == SYNTAX for each in found)
    for each in found:
        features = [literal.feature for literal in each.context]
        assert 1 <= len(features) == len(set(features)) <= 3
        assert list(each.context) == sorted(each.context)


def test_what_all_or_hardly_any_units_have_suggests_nothing() -> None:
    units = [
        unit(position, {"model": "ab"[position % 2]}, [SYNTAX, *[RULE] * (position == 0)]) for position in range(9)
    ]
    assert suggest(units) == ()
    assert suggest([]) == ()


def test_only_the_commonest_signatures_are_looked_at() -> None:
    often, seldom = Signature("rule", "often"), Signature("rule", "seldom")
    units = [
        unit(position, {"model": "ab"[position % 2]}, [often] * (position % 2) + [seldom] * (position % 4 == 1))
        for position in range(40)
    ]
    assert suggest(units, signatures=1) == (Hypothesis("rule", (ContextLiteral("model", "b"),), often),)
