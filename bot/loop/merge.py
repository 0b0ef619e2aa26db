"""The swarm's answers made one, by rule and not by a model's vote."""

from dataclasses import replace

from bot.model.action import Plan, PlannedItem
from bot.model.ids import ItemKey
from bot.model.reply import PlanProposed

ORDER = ("reproduce_issue", "", "write_test", "document_code")
"""Reproduce first, document last, the work itself between; the empty name stands for every other action."""


def merge(analyses: tuple[PlanProposed, ...], *, first_key: int) -> Plan:
    """One plan of all answers, its items numbered from `first_key`.

    Items with the same action on the same files (or, where none are named, with the same instructions) are one item:
    their inputs, postconditions and limitations are united, the first one's wording stays. A single answer keeps its
    own order; several are put into the order reproduce, change, test, document.
    """
    merged: dict[tuple[str, tuple[str, ...]], PlannedItem] = {}
    for analysis in analyses:
        for item in analysis.items:
            identity = (item.action, tuple(sorted(item.expected_files)) or (item.instructions,))
            known = merged.get(identity) if len(analyses) > 1 else None
            place = identity if known or len(analyses) > 1 else (item.action, (str(len(merged)),))
            merged[place] = item if known is None else _united(known, item)
    items = list(merged.values())
    if len(analyses) > 1:
        items.sort(key=_rank)
    numbered = (replace(item, key=ItemKey(str(number))) for number, item in enumerate(items, first_key))
    summary = next(iter(analysis.summary for analysis in analyses), "")
    questions = dict.fromkeys(question for analysis in analyses for question in analysis.questions)
    return Plan(summary=summary, items=tuple(numbered), questions=tuple(questions))


def _rank(item: PlannedItem) -> int:
    return ORDER.index(item.action if item.action in ORDER else "")


def _united(one: PlannedItem, other: PlannedItem) -> PlannedItem:
    def union(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*a, *b)))

    return replace(
        one,
        inputs=union(one.inputs, other.inputs),
        expected_files=union(one.expected_files, other.expected_files),
        postconditions=union(one.postconditions, other.postconditions),
        limitations=union(one.limitations, other.limitations),
    )
