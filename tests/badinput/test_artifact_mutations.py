"""A mutation run over the gates of archives and markup: each is taken out in turn, and a known trick must show it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

import pytest

from bot.ci.reports import archive, junit, markup
from bot.ci.reports.archive import Members, is_archive, read_archive
from bot.model.report import Unreadable
from tests.badinput.artifacts import HONEST, TRICKS
from tests.badinput.mutants import Mutant, mutants

CRASHES = (TypeError, AttributeError, KeyError, ValueError, OSError, RuntimeError)
"""What a module may end in without one of its guards."""


@dataclass(frozen=True)
class Attack:
    name: str
    content: bytes
    reason: str


@pytest.fixture(scope="module")
def attacks() -> tuple[Attack, ...]:
    """Every trick once, and an honest archive."""
    made = (
        Attack(f"{case} {name}", trick.content(), trick.reason)
        for case, tricks in TRICKS.items()
        for name, trick in tricks.items()
    )
    return *made, Attack("honest", HONEST, "")


class Blind:
    """Takes no notice of a document."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...

    def text(self, content: str) -> None: ...

    def end(self, tag: str) -> None: ...


def let_in(module: ModuleType, attacks: tuple[Attack, ...]) -> Iterator[str]:
    """The archives of which something else is said or kept than should be."""
    for attack in attacks:
        if not is_archive(attack.content):
            continue
        right = read_archive(attack.content)
        try:
            found = module.read_archive(attack.content)
            if isinstance(right, Members):
                held = (found.contents, found.too_large) == (right.contents, right.too_large)
            else:
                # The service refuses the largest ones before it opens them, in words of its own.
                held = right.reason == found.reason and (
                    attack.reason in found.reason or "archive larger" in found.reason
                )
        except CRASHES:
            held = False
        if not held:
            yield attack.name


def walked(module: ModuleType, attacks: tuple[Attack, ...]) -> Iterator[str]:
    """The documents that are refused for another reason than they should be, or not at all."""
    for attack in attacks:
        if attack.content.startswith(b"<") and "test cases" not in attack.reason and "files" not in attack.reason:
            refusal = module.walk(attack.content, Blind())
            if (attack.reason not in refusal.reason) if refusal is not None else attack.reason:
                yield attack.name


def counted(module: ModuleType, attacks: tuple[Attack, ...]) -> Iterator[str]:
    """The reports with too many tests that are read."""
    for attack in attacks:
        if "test cases" in attack.reason and not isinstance(module.read_junit(attack.content), Unreadable):
            yield attack.name


def test_with_all_gates_nothing_gets_through(attacks: tuple[Attack, ...]) -> None:
    assert [*let_in(archive, attacks), *walked(markup, attacks), *counted(junit, attacks)] == []


@pytest.mark.parametrize("mutant", mutants(archive), ids=lambda mutant: mutant.without)
def test_without_a_gate_of_archives_a_trick_gets_through(mutant: Mutant, attacks: tuple[Attack, ...]) -> None:
    assert next(let_in(mutant.module, attacks), None) is not None, f"no case needs {mutant.without}"


@pytest.mark.parametrize("mutant", mutants(markup), ids=lambda mutant: mutant.without)
def test_without_a_gate_of_markup_a_trick_gets_through(mutant: Mutant, attacks: tuple[Attack, ...]) -> None:
    assert next(walked(mutant.module, attacks), None) is not None, f"no case needs {mutant.without}"


def test_without_the_count_of_tests_a_trick_gets_through(attacks: tuple[Attack, ...]) -> None:
    (mutant,) = (mutant for mutant in mutants(junit) if "TESTS" in mutant.without)
    assert next(counted(mutant.module, attacks), None) is not None
