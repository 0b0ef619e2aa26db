"""Remedies: `protocols/remedies.yaml`, the reviewed wording that a pattern of failures may become an item of.

Every rule of `rules.yaml` that no remedy names has two of its own, made of the tool's name for it: a check, and an
instruction where the name is plain enough to stand in one. So the language of items is closed, and yet no known rule
is without an answer.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NotRequired, TypedDict

from bot.catalog.advice import instruction_problem
from bot.catalog.errors import DataInvalid
from bot.catalog.files import required
from bot.catalog.items import Check, Rules, check_known, example_places, text_of
from bot.catalog.schema import Schema
from bot.model.ids import ActionId
from bot.model.protocol import ItemKind, Remedy

REMEDIES_PATH: Final = "protocols/remedies.yaml"
_INSTRUCTION_CHARACTERS: Final = 160


class _Remedy(TypedDict):
    id: str
    kind: ItemKind
    text: NotRequired[str]
    example: NotRequired[str]
    check: NotRequired[Check]
    answers: list[str]
    actions: list[str]
    targets: list[str]
    opposes: NotRequired[list[str]]
    reason: str


class _RemediesFile(TypedDict):
    remedies: list[_Remedy]
    rule_actions: list[str]
    rule_targets: dict[str, list[str]]
    rule_advice: str


def parse_remedies(
    files: Mapping[str, str],
    actions: Collection[ActionId],
    failure_modes: frozenset[str],
    rules: Rules,
    items: Collection[str],
) -> tuple[Remedy, ...]:
    """Those of the file in its order, then those that the rules have of themselves. Raises DataInvalid, DataMissing.

    `items` are the ids of all checklist items, since a remedy may oppose one.
    """
    schema = Schema[_RemediesFile](required(files, "protocols/schema.json"), "remedies_file")
    document = schema.read(required(files, REMEDIES_PATH), REMEDIES_PATH)
    places = example_places(files)
    known = {row["id"] for row in document["remedies"]}
    found: dict[str, Remedy] = {}
    for row in document["remedies"]:
        if row["id"] in found:
            raise DataInvalid(REMEDIES_PATH, f"the remedy {row['id']!r} stands twice: keep one")
        check_known(REMEDIES_PATH, row, "actions", row["actions"], actions)
        check_known(REMEDIES_PATH, row, "failure modes", row["targets"], failure_modes)
        check_known(REMEDIES_PATH, row, "remedies or items", row.get("opposes", ()), known | set(items))
        check_known(REMEDIES_PATH, row, "rules", _linter_rules(row["answers"]), _names(rules))
        directory = places.get(row.get("example", ""), "protocols/coding/examples")
        found[row["id"]] = Remedy(
            id=row["id"],
            kind=row["kind"],
            text=text_of(row, REMEDIES_PATH, directory, files, rules),
            example=row.get("example", ""),
            answers=tuple(row["answers"]),
            actions=tuple(ActionId(action) for action in row["actions"]),
            targets=tuple(row["targets"]),
            opposes=tuple(row.get("opposes", ())),
            reason=row["reason"],
        )
    for tool in ("ruff", "bandit"):
        where = {"id": f"rule_targets.{tool}"}
        check_known(REMEDIES_PATH, where, "failure modes", document["rule_targets"][tool], failure_modes)
    check_known(REMEDIES_PATH, {"id": "rule_actions"}, "actions", document["rule_actions"], actions)
    answered = {answer for remedy in found.values() for answer in remedy.answers}
    generic = (remedy for remedy in _of_rules(document, rules) if remedy.answers[0] not in answered)
    return (*found.values(), *generic)


def _of_rules(document: _RemediesFile, rules: Rules) -> Iterator[Remedy]:
    actions = tuple(ActionId(action) for action in document["rule_actions"])
    for tool, names in rules.items():
        targets = tuple(document["rule_targets"][tool])
        for rule, name in names.items():
            words = name.replace("-", " ").replace("_", " ")
            identity, answers = f"rule-{tool}-{rule.lower()}", (f"rule={tool}:{rule}",)
            reason = f"The rule {rule} of {tool} ({words}) finds this failure without running the code."
            yield Remedy(f"{identity}-check", "check", f"{tool}:{rule}", "", answers, actions, targets, (), reason)
            advice = document["rule_advice"].format(name=words, tool=tool, rule=rule)
            if len(advice) <= _INSTRUCTION_CHARACTERS and instruction_problem(advice) is None:
                yield Remedy(f"{identity}-advice", "instruction", advice, "", answers, actions, targets, (), reason)


def _names(rules: Rules) -> set[str]:
    return {f"{tool}:{rule}" for tool, names in rules.items() for rule in names}


def _linter_rules(answers: list[str]) -> list[str]:
    """Those of the answers that are a linter's rule, which has to be one of the list."""
    named = [answer.removeprefix("rule=") for answer in answers if answer.startswith("rule=")]
    return [rule for rule in named if rule.partition(":")[0] in ("ruff", "bandit")]
