"""A mutation run over the verdict: each condition is taken out in turn, and a case must come out differently.

A condition that no case needs is either superfluous or not tried.
"""

from collections.abc import Iterator
from types import ModuleType

import pytest

from bot.ci import verdict
from tests.badinput.ci_results import CLAIMS, Claim
from tests.badinput.mutants import Mutant, mutants


def broken(module: ModuleType) -> Iterator[str]:
    """The cases whose outcome is another one."""
    for case, claims in CLAIMS.items():
        yield from (f"{case} {name}" for name, claim in claims.items() if not _holds(claim, module))


def _holds(claim: Claim, module: ModuleType) -> bool:
    try:
        return claim.ask(module) == claim.answer
    except (TypeError, KeyError, IndexError, AssertionError):
        return False  # without its guard it cannot even answer


def test_with_all_conditions_every_case_has_its_outcome() -> None:
    assert list(broken(verdict)) == []


@pytest.mark.parametrize("mutant", mutants(verdict), ids=lambda mutant: mutant.without)
def test_without_a_condition_a_case_fails(mutant: Mutant) -> None:
    assert next(broken(mutant.module), None) is not None, f"no case needs {mutant.without}"
