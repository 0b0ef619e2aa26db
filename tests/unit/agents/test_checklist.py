"""Which checklist items concern an invocation, and what of them an agent reads."""

from bot.agents.checklist import concerned, line_up, lines_of
from bot.catalog import find_data, load_catalogue
from bot.model.action import PlannedItem
from bot.model.ids import ActionId, ItemKey
from bot.model.protocol import ChecklistItem, ItemKind

CATALOGUE = load_catalogue(find_data("protocols").parent)


def planned(action: str) -> PlannedItem:
    return PlannedItem(ItemKey(action), ActionId(action), action, "do it")


def item(kind: ItemKind, text: str) -> ChecklistItem:
    return ChecklistItem(f"{kind}-{len(text)}", kind, text, (ActionId("fix_defect"),), "production", "human")


def test_the_executor_is_concerned_by_its_node_and_those_above_at_their_distance() -> None:
    line = line_up(CATALOGUE.nodes, ActionId("fix_crash"))
    assert line[:3] == ("fix_crash", "fix_defect", "change_code")
    assert CATALOGUE.nodes[line[-1]].parent is None
    nearest = concerned(CATALOGUE, "executor", [planned("fix_crash")])
    assert nearest == {node: distance for distance, node in enumerate(line)}


def test_of_several_items_the_nearer_counts() -> None:
    nearest = concerned(CATALOGUE, "executor", [planned("fix_crash"), planned("fix_defect")])
    assert (nearest[ActionId("fix_crash")], nearest[ActionId("fix_defect")]) == (0, 0)
    assert nearest[ActionId("change_code")] == 1


def test_who_plans_is_concerned_by_all_of_planning_and_by_the_plan_that_there_is() -> None:
    planning = {node.id for node in CATALOGUE.nodes.values() if node.level == "planning"}
    assert planning
    assert concerned(CATALOGUE, "thinker", []) == dict.fromkeys(planning, 0)
    reviewing = concerned(CATALOGUE, "processor", [planned("fix_defect")])
    assert planning < reviewing.keys()
    assert reviewing[ActionId("fix_defect")] == 0


def test_a_node_that_is_not_known_concerns_nothing() -> None:
    assert line_up(CATALOGUE.nodes, ActionId("juggle")) == ()
    assert concerned(CATALOGUE, "executor", [planned("juggle")]) == {}


def test_advice_and_examples_are_told_once_and_checks_not_at_all() -> None:
    advice, example = item("instruction", "Read first."), item("example", "\nONE = 1\n\n")
    told = lines_of([advice, item("check", "ruff:B006"), example, advice])
    assert told == ("Read first.", "Example:\n```python\nONE = 1\n```")
