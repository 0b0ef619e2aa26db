"""Every case of `tests/badinput/cases.yaml` whose surface is done has a test of its own name."""

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Set
from functools import cache

import pytest

from tests.badinput.cases import CASES, surfaces
from tests.badinput.reward_hacking import RUNS, TRICKS
from tests.unmeasured import environment

SURFACES = surfaces()
DONE = [name for name, surface in SURFACES.items() if surface.tests is not None]
NUMBER = {
    "RH": 20,
    "CI": 10,
    "AR": 14,
    "RX": 4,
    "LP": 8,
    "PI": 23,
    "PA": 40,
    "GI": 13,
    "LM": 15,
    "MD": 8,
    "AU": 14,
    "WH": 18,
    "SE": 7,
    "SS": 6,
    "RE": 6,
}
LATER = {"RE-5"}
"""Nothing is shown live yet."""


@cache
def collected() -> Mapping[str, Set[str]]:
    """File beside the cases -> the parameters of the tests in it, as pytest names them."""
    files = [str(CASES.parent / file) for name in DONE if (file := SURFACES[name].tests) is not None]
    asked = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files)
    answer = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=CASES.parents[2], env=environment())
    listed = answer.stdout
    found: dict[str, set[str]] = defaultdict(set)
    for file, parameters in re.findall(r"^tests/badinput/(\w+\.py)::.*?\[(.+)\]$", listed, re.MULTILINE):
        found[file].add(parameters)
    return found


@pytest.mark.parametrize("name", SURFACES)
def test_the_cases_of_a_surface_are_numbered_without_gaps(name: str) -> None:
    numbered = [f"{name}-{number}" for number in range(1, NUMBER[name] + 1)]
    assert list(SURFACES[name].cases) == [case for case in numbered if case not in LATER]


@pytest.mark.parametrize("name", DONE)
def test_every_case_has_a_test_of_its_name(name: str) -> None:
    file = SURFACES[name].tests
    assert file is not None
    assert SURFACES[name].cases.keys() <= collected()[file]


def test_every_trick_is_played_and_every_run_is_recorded() -> None:
    expected = {
        (case, name): trick for case, found in SURFACES["RH"].cases.items() for name, trick in found.tricks.items()
    }
    assert expected.keys() == {(case, name) for case, tricks in TRICKS.items() for name in tricks}
    assert RUNS.keys() == {key for key, trick in expected.items() if trick.run is not None}
