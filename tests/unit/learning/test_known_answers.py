"""Effects and traps in recorded attempts of real models, from their counts: the one is found, the others left alone.

Counted in a collection of 11,726 recorded attempts, of which the first of each task and model counts: DebugBench
(thunlp, Apache-2.0) and mini-swe-agent on SWE-bench Verified (gruckion, MIT). Counts have no order, so each question
is asked in several; `tests/bench/known.py` asks the records themselves.
"""

import random
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from bot.learning.needed import tasks_needed
from bot.model.pattern import Table
from tests.bench.known import Fact, ask, bug_kind, context, units_of

BUGS = {
    "== and = confusion": ((20, 7), (20, 3)),
    "colon missing": ((27, 2), (27, 2)),
    "conditional statement error": ((35, 19), (36, 13)),
    "double": ((59, 31), (62, 18)),
    "indentation error": ((21, 3), (21, 3)),
    "indexing error": ((36, 14), (36, 5)),
    "operation error": ((32, 19), (33, 9)),
    "other error": ((11, 1), (12, 2)),
    "parentheses mismatch": ((25, 3), (26, 3)),
    "quadruple": ((29, 20), (28, 14)),
    "triple": ((40, 26), (41, 17)),
    "unclosed string": ((23, 1), (23, 2)),
    "undefined keywords from other languages": ((20, 7), (20, 3)),
    "undefined methods": ((30, 10), (30, 4)),
    "undefined objects": ((29, 7), (29, 3)),
    "variable value error": ((15, 9), (16, 6)),
    "wrong comment mark": ((19, 9), (19, 4)),
}
"""DebugBench: tasks and failures of gpt-35-turbo and of gpt-4, by the kind of the bug that was to be mended."""

TRACEBACK = {"gpt-35-turbo": (78, 22, 15, 15), "gpt-4": (104, 12, 8, 5)}
"""DebugBench, the same task without and with a traceback: both passed, none, only with, only without."""

TESTS = ((3, 12, 1, 5), (19, 95, 2, 25), (1, 2, 1, 2), (4, 11, 0, 2), (2, 18, 0, 6), (6, 29, 2, 8), (0, 37, 0, 11))
CONFIGURATION = ((8, 7, 4, 2), (17, 3, 6, 0), (1, 34, 0, 10), (0, 169, 0, 43))
MANY_FILES = (
    *((5, 10, 3, 3), (6, 108, 4, 23), (1, 14, 0, 5), (1, 1, 1, 1), (1, 10, 0, 1), (1, 2, 1, 2), (13, 7, 4, 2)),
    *((2, 33, 0, 10), (0, 24, 0, 5)),
)
"""SWE-bench Verified, a repository each: in the context, outside, failures of each. The last adds up those without."""

ORDERS = range(4)


def shuffled(facts: Sequence[Fact], order: int) -> list[Fact]:
    return random.Random(order).sample(facts, len(facts))


def bugs() -> Iterator[Fact]:
    for label, by_model in BUGS.items():
        for model, (tasks, failed) in zip(("gpt-35-turbo", "gpt-4"), by_model, strict=True):
            for number in range(tasks):
                features = {"input_bug_label": label, "input_bug_kind": bug_kind(label)}
                yield number < failed, {"model": model, "repository": "debugbench", **features}


def patches(repositories: Sequence[tuple[int, int, int, int]]) -> Iterator[Fact]:
    for repository, (inside, outside, inside_with, outside_with) in enumerate(repositories):
        for number in range(inside + outside):
            touches = number < inside
            failed = number < inside_with if touches else number - inside < outside_with
            yield failed, {"repository": str(repository), "model": "m", "touches": "yes" if touches else "no"}


@pytest.mark.parametrize("order", ORDERS)
def test_several_bugs_at_once_are_found_to_be_harder_to_mend(order: int) -> None:
    """By the second half, once it is registered. A single label has about 60 tasks, too few to show it each time.

    Whether the first half alone registers it hangs on its order: its lift is about 1.4 to 1.6, as a quarter of all
    tasks are of this family, and the screen asks for 1.5. Blocks of 50 cross in every order that was tried, blocks of
    10 in three of four.
    """
    units = units_of(shuffled(list(bugs()), order))
    assert ask(units, context("input_bug_kind", "multiple"), 50).has_crossed
    easy = ask(units, context("input_bug_kind", "syntax"), 50)
    assert not easy.screened
    assert not easy.proposed
    assert easy.everything is not None
    assert easy.everything.high < 0.6


@pytest.mark.parametrize("order", ORDERS)
def test_of_single_labels_only_those_that_are_harder_are_ever_proposed(order: int) -> None:
    units = units_of(shuffled(list(bugs()), order))
    proposed = {label for label in BUGS if ask(units, context("input_bug_label", label), 20).proposed}
    assert proposed <= {"double", "triple", "quadruple"}


@pytest.mark.parametrize("context_value", ["yes", "no"])
def test_a_traceback_neither_helps_nor_harms(context_value: str) -> None:
    """Pairs of one task: each is a stratum of its own."""
    pairs: list[tuple[str, bool, bool]] = []
    for model, (both, none, only_with, only_without) in TRACEBACK.items():
        pairs += [(model, True, True)] * both + [(model, False, False)] * none
        pairs += [(model, False, True)] * only_with + [(model, True, False)] * only_without
    for order in ORDERS:
        facts: list[Fact] = []
        for number, (model, without, with_) in enumerate(random.Random(order).sample(pairs, len(pairs))):
            for passed, told in ((without, "no"), (with_, "yes")):
                facts.append((not passed, {"model": model, "pair": str(number), "traceback": told}))
        answer = ask(units_of(facts), context("traceback", context_value), 20, strata=("pair",))
        assert not answer.has_crossed
        assert answer.highest < 20


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("repositories", [TESTS, CONFIGURATION])
def test_what_a_patch_touches_is_left_alone(repositories: Sequence[tuple[int, int, int, int]], order: int) -> None:
    answer = ask(units_of(shuffled(list(patches(repositories)), order)), context("touches", "yes"), 20)
    assert not answer.has_crossed
    assert answer.highest < 20


def test_configuration_is_no_effect_but_its_repositories() -> None:
    """Almost all of its patches are of two repositories: within them too little is left to compare."""
    answer = ask(units_of(shuffled(list(patches(CONFIGURATION)), 0)), context("touches", "yes"), 20)
    assert answer.everything is not None
    assert answer.everything.low < 1 < answer.everything.estimate


@pytest.mark.parametrize("order", ORDERS)
def test_patches_of_many_files_are_watched_and_not_proposed(order: int) -> None:
    answer = ask(units_of(shuffled(list(patches(MANY_FILES)), order)), context("touches", "yes"), 20)
    assert not answer.proposed
    assert not answer.has_crossed
    assert answer.everything is not None
    assert answer.everything.estimate > 1.5
    more = tasks_needed(answer.registration, answer.points[-1], Table(30, 209, 13, 52), np.random.default_rng(order))
    assert more is not None
    assert more > 30
