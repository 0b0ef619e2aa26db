"""What checklist items and remedies have in common: wording of one of three kinds, and the form that it takes as text.

A check is told by its name alone: `ruff:F821`, `pattern:mutable_default`, `required_test:changed_function`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NotRequired, TypedDict, cast

from bot.catalog.advice import example_problem, instruction_problem
from bot.catalog.errors import DataInvalid
from bot.catalog.files import required
from bot.catalog.schema import Schema
from bot.model.protocol import ItemKind

RULES_PATH: Final = "protocols/rules.yaml"
_EXAMPLE: Final = re.compile(r"protocols/[a-z_]+/examples/([0-9a-f]{64})\.py")

Rules = Mapping[str, Mapping[str, str]]
"""Tool -> rule id -> the name that the tool gives it: all rules that a check can ask for."""


class LinterCheck(TypedDict):
    tool: str
    rule: str


class PatternCheck(TypedDict):
    pattern: str


class RequiredTestCheck(TypedDict):
    required_test: str


Check = LinterCheck | PatternCheck | RequiredTestCheck


class Wording(TypedDict):
    """The fields of a row that say it; each kind has its own."""

    id: str
    kind: ItemKind
    text: NotRequired[str]
    example: NotRequired[str]
    check: NotRequired[Check]


def parse_rules(files: Mapping[str, str]) -> Rules:
    """The closed list of rules. Raises DataInvalid, DataMissing."""
    schema = Schema[dict[str, dict[str, str]]](required(files, "protocols/schema.json"), "rules_file")
    return schema.read(required(files, RULES_PATH), RULES_PATH)


def check_text(check: Check) -> str:
    """A check by its name."""
    if "rule" in check:
        return f"{check['tool']}:{check['rule']}"
    if "pattern" in check:
        return f"pattern:{check['pattern']}"
    return f"required_test:{check['required_test']}"


def text_of(row: Wording, path: str, directory: str, files: Mapping[str, str], rules: Rules) -> str:
    """What a row of the file `path` says: the instruction, the example itself, the name of the check.

    Examples lie in `directory`. Raises DataInvalid where it could pass for an order, or asks for an unknown rule.
    """
    if "check" in row:
        check = row["check"]
        text = check_text(check)
        unknown = "rule" in check and check["rule"] not in rules[check["tool"]]
        problem = f"{text!r} is no rule of {RULES_PATH}" if unknown else None
    elif "example" in row:
        text = required(files, f"{directory}/{row['example']}.py")
        problem = example_problem(row["example"], text)
    else:
        text = row.get("text", "")
        problem = instruction_problem(text)
    if problem:
        raise DataInvalid(path, f"{row['id']!r}: {problem}")
    return text


def example_places(files: Iterable[str]) -> Mapping[str, str]:
    """Name (the SHA-256) of each example -> the directory that it lies in."""
    found = (_EXAMPLE.fullmatch(path) for path in files)
    return {match[1]: match[0].rpartition("/")[0] for match in found if match}


def check_examples(files: Mapping[str, str]) -> None:
    """Holds every example to its rules, also one that nothing refers to. Raises DataInvalid."""
    for path in files:
        if not re.match(r"protocols/[^/]+/examples/", path):
            continue
        match = _EXAMPLE.fullmatch(path)
        problem = example_problem(match[1], files[path]) if match else "an example is named by its SHA-256, with .py"
        if problem:
            raise DataInvalid(path, problem)


def check_known(path: str, row: object, noun: str, named: Iterable[str], known: Collection[str]) -> None:
    """Raises DataInvalid where a row names what is not there."""
    unknown = sorted(set(named) - set(known))
    if unknown:
        raise DataInvalid(path, f"{cast(Wording, row)['id']!r} names unknown {noun} {unknown!r}")
