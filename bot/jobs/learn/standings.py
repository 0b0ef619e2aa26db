"""What is in force for each item of the checklists: its events, and where it has none, its file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.model.protocol import Catalogue, ChecklistItem
from bot.model.rollout import ItemEvent, ItemStanding
from bot.rollout.standing import fold
from bot.store.rollouts import read_item_events

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standings:
    """Of every item that the catalogue or an event names."""

    by_item: Mapping[str, ItemStanding]
    events: tuple[ItemEvent, ...]

    def of(self, item: str) -> ItemStanding:
        """Raises KeyError for an item that neither the catalogue nor an event names."""
        return self.by_item[item]

    def last(self, item: str) -> ItemEvent | None:
        """The newest event of an item."""
        return next((event for event in reversed(self.events) if event.item == item), None)

    def benefit(self, item: str) -> float | None:
        """The odds ratio of success that the newest decision about the item was made with."""
        found = (event.numbers.get("odds_ratio") for event in reversed(self.events) if event.item == item)
        return next((number for number in found if number is not None), None)


def read_standings(connection: Connection, catalogue: Catalogue) -> Standings:
    """An item without events stands as its file says."""
    events = read_item_events(connection)
    folded = fold(events)
    from_files = {item.id: standing_of_file(item) for item in catalogue.items}
    return Standings({**from_files, **folded}, tuple(events))


def standing_of_file(item: ChecklistItem) -> ItemStanding:
    """An item that nothing has happened to."""
    return ItemStanding(item.id, item.state, _BEFORE_ALL, "", pinned=False, banned=False)
