"""What fits into a prompt: the nearest and most useful items, and never more than it may hold."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from bot.model.evidence import Features
from bot.model.ids import ActionId
from bot.model.learning_policy import RouterPolicy
from bot.model.protocol import ChecklistItem, ItemKind
from bot.rollout.router import applies, route, tokens

NEAREST = {ActionId("fix"): 0, ActionId("code"): 1, ActionId("root"): 2}
ROOM = RouterPolicy(items=10, tokens=1000)


def item(
    name: str,
    action: str = "fix",
    text: str = "text",
    when: Mapping[str, str] | None = None,
    *,
    evidence: str = "human",
    kind: ItemKind = "instruction",
) -> ChecklistItem:
    return ChecklistItem(name, kind, text, (ActionId(action),), "production", evidence, when or {})


def routed(
    *items: ChecklistItem, policy: RouterPolicy = ROOM, benefits: Mapping[str, float] | None = None
) -> list[str]:
    features: list[Features] = [{"language": "python"}]
    return [each.id for each in route(items, NEAREST, features, policy, benefits)]


def test_the_nearest_comes_first_then_what_asks_for_more() -> None:
    found = routed(
        item("root", "root"),
        item("code", "code"),
        item("plain"),
        item("precise", when={"language": "python"}),
        item("elsewhere", "test"),
        item("other", when={"language": "go"}),
    )
    assert found == ["precise", "plain", "code", "root"]


def test_among_equals_the_order_given_holds() -> None:
    assert routed(item("b"), item("a", evidence="p"), item("c")) == ["b", "a", "c"]


def test_among_equals_the_greater_benefit_comes_first_then_what_a_person_wrote() -> None:
    items = [item("harms", evidence="p"), item("learned", evidence="p"), item("written"), item("helps", evidence="p")]
    assert routed(*items, benefits={"helps": 1.8, "harms": 0.7}) == ["helps", "written", "learned", "harms"]


def test_what_does_not_fit_is_left_out() -> None:
    items = [item("a"), item("large", text="x" * 700), item("b"), item("gate", text="x" * 700, kind="check")]
    assert routed(*items, policy=RouterPolicy(10, 100)) == ["a", "b", "gate"]
    assert routed(*items, policy=RouterPolicy(1, 1000)) == ["a"]
    assert tokens(items[1]) == 200


def test_an_item_stands_once() -> None:
    assert routed(item("a"), item("a", "code")) == ["a"]


def test_one_planned_item_has_to_have_all_that_is_asked_for() -> None:
    asked = item("a", when={"language": "python", "model": "m"})
    assert not applies(asked, NEAREST, [{"language": "python"}, {"model": "m"}])
    assert applies(asked, NEAREST, [{"language": "go"}, {"language": "python", "model": ("m", "n")}])
    assert not applies(asked, {}, [{"language": "python", "model": "m"}])
    assert not applies(item("a"), NEAREST, [])


def test_a_node_stands_for_all_below_it() -> None:
    below = item("a", when={"action_item": "code"})
    assert applies(below, NEAREST, [{"action_item": "fix", "ancestors": ("code", "root")}])
    assert applies(below, NEAREST, [{"action_item": "code"}])
    assert not applies(below, NEAREST, [{"action_item": "fix"}])


ITEMS = st.lists(
    st.builds(
        item, st.sampled_from("abcdefgh"), st.sampled_from(["fix", "code", "root", "else"]), st.text(max_size=60)
    ),
    max_size=12,
)


@given(ITEMS, st.integers(0, 5), st.integers(0, 40))
def test_the_budget_is_never_exceeded(items: list[ChecklistItem], most: int, room: int) -> None:
    found = route(items, NEAREST, [{}], RouterPolicy(most, room), {"a": 2.0})
    assert len(found) <= most
    assert sum(tokens(each) for each in found) <= room
    assert len({each.id for each in found}) == len(found)
    assert found == route(items, NEAREST, [{}], RouterPolicy(most, room), {"a": 2.0})
