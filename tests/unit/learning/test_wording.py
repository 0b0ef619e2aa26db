"""Which remedies answer a pattern, in which order, and where an item of one would hold."""

from dataclasses import replace

from bot.catalog import find_data, load_catalogue
from bot.learning.wording import actions_of, item_name, remedies_for, remedy_of
from bot.model.ids import ActionId
from bot.model.pattern import Context, ContextLiteral, Hypothesis, Signature
from bot.model.protocol import Catalogue, ChecklistItem, Remedy

CATALOGUE = load_catalogue(find_data("protocols").parent)
REMEDIES = {remedy.id: remedy for remedy in CATALOGUE.remedies}


def at(node: str, level: str = "exception", value: str = "NameError") -> Hypothesis:
    context: Context = (ContextLiteral("action_item", node),) if node else ()
    return Hypothesis("rule", context, Signature(level, value))  # pyright: ignore[reportArgumentType] - as a test names it


def said(remedy: Remedy, *actions: str, **other: object) -> ChecklistItem:
    places = tuple(ActionId(action) for action in actions)
    return replace(ChecklistItem("said-before", remedy.kind, remedy.text, places, "retired", "human"), **other)


def ids(remedies: tuple[Remedy, ...]) -> list[str]:
    return [remedy.id for remedy in remedies]


def test_a_check_comes_before_an_example_before_an_instruction() -> None:
    found = remedies_for(at("fix_defect", "rule", "check:mutable_default"), [], CATALOGUE)
    assert ids(found) == ["mutable-default-shape-check", "mutable-default-example"]
    found = remedies_for(at("fix_defect", "exception", "RecursionError"), [], CATALOGUE)
    assert ids(found) == ["unbounded-recursion-check", "recursion-example", "recursion-advice"]


def test_the_more_exact_answer_comes_first_and_parents_answer_for_a_fingerprint() -> None:
    parents = [Signature("category", "logic"), Signature("exception", "AssertionError")]
    found = remedies_for(at("fix_defect", "fingerprint", "0123456789abcdef"), parents, CATALOGUE)
    exact = [any(answer == "exception=AssertionError" for answer in remedy.answers) for remedy in found]
    assert exact == sorted(exact, reverse=True)
    assert exact[0]
    assert not exact[-1]
    assert remedies_for(at("fix_defect", "fingerprint", "0123456789abcdef"), [], CATALOGUE) == ()


def test_a_check_that_holds_for_everybody_is_no_remedy() -> None:
    assert "undefined-name-check" in REMEDIES
    assert "undefined-name-check" not in ids(remedies_for(at("fix_defect"), [], CATALOGUE))
    assert ids(remedies_for(at("", "rule", "ruff:FBT001"), [], CATALOGUE)) == [
        "rule-ruff-fbt001-check",
        "rule-ruff-fbt001-advice",
    ]


def test_what_was_said_in_the_same_place_is_not_said_again() -> None:
    first, second, *_ = remedies_for(at("fix_defect"), [], CATALOGUE)
    below = said(first, "fix_crash")
    elsewhere = said(second, "write_test")

    found = remedies_for(at("fix_defect"), [], CATALOGUE, [below, elsewhere])

    assert first not in found
    assert second in found


def test_what_a_person_banned_is_never_proposed_again() -> None:
    hypothesis = at("fix_defect")
    first, second, *_ = remedies_for(hypothesis, [], CATALOGUE)
    own = replace(CATALOGUE, items=(said(second, "write_test", id="my-own-words"),))

    found = remedies_for(hypothesis, [], own, banned=[item_name(first, hypothesis), "my-own-words", "unknown-item"])

    assert first not in found
    assert second not in found


def test_an_item_holds_where_the_pattern_and_the_remedy_do() -> None:
    remedy = REMEDIES["imported-names-example"]
    nodes = CATALOGUE.nodes
    assert actions_of(at("fix_defect"), remedy, nodes) == ("fix_defect",)
    assert actions_of(at("produce_change"), remedy, nodes) == ("produce_change",)
    assert actions_of(at("perform_task"), remedy, nodes) == remedy.actions
    assert actions_of(at(""), remedy, nodes) == remedy.actions
    assert actions_of(at("write_test"), remedy, nodes) == ()
    assert actions_of(at("bake_cake"), remedy, nodes) == ()


def test_the_remedy_of_an_item_is_known_by_its_name_or_its_words() -> None:
    remedies = CATALOGUE.remedies
    first = REMEDIES["recursion-example"]
    assert remedy_of("recursion-example-0123456789ab-2", "check", "anything", remedies) is first
    assert remedy_of("another-name", "example", first.example, remedies) is first
    assert remedy_of("another-name", "instruction", "Something else.", remedies) is None


def test_a_catalogue_without_remedies_has_no_answer() -> None:
    bare: Catalogue = replace(CATALOGUE, remedies=())
    assert remedies_for(at("fix_defect"), [], bare) == ()
