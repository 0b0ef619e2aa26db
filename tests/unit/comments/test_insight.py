"""What is said of an item that a person asked for."""

import pytest

from bot.comments.insight import insight_body, insight_title
from bot.model.ids import ActionId
from bot.model.proposal import ProposedItem
from bot.model.protocol import ItemKind


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [("instruction", "Mind the first.", "> Mind the first."), ("check", "ruff:B006", "> `ruff:B006`")],
)
def test_a_persons_item_says_what_it_is_and_how_to_go_back(kind: ItemKind, text: str, said: str) -> None:
    item = ProposedItem(
        "human-mind", kind, text, (ActionId("fix_defect"),), {}, ("off_by_one",), "It helps.", "testing", "human"
    )
    body = insight_body(item, "protocols/coding/implementation.yaml")
    assert said in body
    assert "`rmo protocols retire human-mind`" in body
    assert kind in insight_title(item)
