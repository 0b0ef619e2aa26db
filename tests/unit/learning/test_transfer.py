"""What was learned in one domain is suggested for another one, without any support."""

from bot.learning.transfer import NO_SUPPORT, transferred
from bot.model.action import ActionNode
from bot.model.ids import ActionId
from bot.model.pattern import Context, Pattern, PatternAct, PatternEvent
from tests.unit.learning.tasks import F821, NOW, context, registered


def node(name: str, parent: str | None, domain: str) -> ActionNode:
    above = ActionId(parent) if parent else None
    return ActionNode(ActionId(name), above, domain, "implementation", name, "", (), (), (), (), (), (), True)


NODES = {
    each.id: each
    for each in (
        node("perform_task", None, "general"),
        node("validate_input", "perform_task", "general"),
        node("validate_argument", "validate_input", "coding"),
        node("validate_range", "validate_argument", "coding"),
        node("validate_citation", "validate_input", "writing"),
        node("validate_page", "validate_citation", "writing"),
        node("document_result", "perform_task", "general"),
        node("document_code", "document_result", "coding"),
    )
}


def pattern(where: Context, act: PatternAct = "proposed") -> Pattern:
    rule = registered(where)
    return Pattern(rule, (), (PatternEvent(rule.id, NOW, act, "rmo", "", {}),))


def places(*patterns: Pattern) -> list[str]:
    return [each.hypothesis.text.partition(" ->")[0] for each in transferred(patterns, NODES)]


def test_it_goes_to_the_highest_node_of_every_other_domain() -> None:
    assert places(pattern(context(action_item="validate_argument"))) == ["action_item=validate_citation"]
    assert places(pattern(context(action_item="validate_range"))) == ["action_item=validate_citation"]
    assert places(pattern(context(action_item="validate_page"))) == ["action_item=validate_argument"]


def test_from_a_shared_node_it_goes_to_every_domain_but_the_one_it_was_learned_in() -> None:
    both = ["action_item=validate_argument", "action_item=validate_citation"]
    assert places(pattern(context(action_item="validate_input"))) == both
    assert places(pattern(context(action_item="validate_input", domain="coding"))) == both[1:]


def test_what_belongs_to_a_domain_stays_there() -> None:
    literals = context(action_item="validate_argument", language="python", model="m")
    assert places(pattern(literals)) == ["action_item=validate_citation & model=m"]


def test_it_is_a_fresh_candidate() -> None:
    (found,) = transferred([pattern(context(action_item="validate_argument"), "merged")], NODES)
    assert (found.origin, found.support, found.hypothesis.signature) == ("transfer", NO_SUPPORT, F821)


def test_nothing_goes_where_no_other_domain_begins() -> None:
    assert places(pattern(context(action_item="document_code"))) == []
    assert places(pattern(context(action_item="perform_task"))) == []


def test_only_what_was_proposed_is_transferred_and_each_hypothesis_once() -> None:
    here = context(action_item="validate_argument")
    for act in ("registered", "crossed", "rejected", "retired", "deleted"):
        assert places(pattern(here, act)) == []
    assert len(places(pattern(here), pattern(context(action_item="validate_range")))) == 1


def test_a_context_without_a_node_of_the_taxonomy_stays_where_it_is() -> None:
    assert places(pattern(context(language="python")), pattern(context(action_item="gone"))) == []
