"""Proofs by execution: red on the base commit and green on the change, nothing changed, everything kept."""

import os
from dataclasses import replace

import pytest

from bot.jobs.validation import Wanted, prove, reproduce, run_evidence
from bot.model.command import Unqualified
from bot.model.validation import (
    BehaviourKept,
    CodeUnchanged,
    NotReproduced,
    RedBeforeGreen,
    Reproduced,
    Unproven,
)
from tests.conformance.validation.conftest import MakeBench

ADD = '"""Sums."""\n\n\ndef add(a: int, b: int) -> int:\n    return a - b\n'
FIXED = ADD.replace("a - b", "a + b")
TEST = "from sums import add\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n"
ZERO = "from sums import add\n\n\ndef test_zero() -> None:\n    assert add(1, 0) == 1\n"
SHOP = {"sums.py": ADD, "tests/test_zero.py": ZERO, "README.md": "# Sums\n"}
NONE: frozenset[str] = frozenset()


async def test_a_new_test_that_fails_without_the_change_is_a_proof(bench_of: MakeBench) -> None:
    overlay = {"sums.py": FIXED, "tests/test_add.py": TEST}

    proof = await prove(bench_of(SHOP), overlay, base_failing=NONE, wanted="red_before_green")

    assert proof == RedBeforeGreen("tests/test_add.py::test_add", "failed", "passed", "sandbox", "sandbox")


async def test_a_test_of_something_new_is_red_as_it_cannot_be_imported(bench_of: MakeBench) -> None:
    twice = "from sums import twice\n\n\ndef test_twice() -> None:\n    assert twice(2) == 4\n"
    overlay = {"sums.py": f"{ADD}\n\ndef twice(a: int) -> int:\n    return 2 * a\n", "tests/test_twice.py": twice}

    proof = await prove(bench_of(SHOP), overlay, base_failing=NONE, wanted="red_before_green")

    assert proof == RedBeforeGreen("tests/test_twice.py::test_twice", "error", "passed", "sandbox", "sandbox")


async def test_a_test_that_passes_anyway_proves_nothing(bench_of: MakeBench) -> None:
    overlay = {"sums.py": FIXED, "tests/test_more.py": "def test_more() -> None:\n    assert True\n"}

    proof = await prove(bench_of(SHOP), overlay, base_failing=NONE, wanted="red_before_green")

    assert proof == Unproven("tests/test_more.py::test_more would pass without the change too")


async def test_a_change_without_a_test_needs_one_that_fails_already(bench_of: MakeBench) -> None:
    work = bench_of({**SHOP, "tests/test_add.py": TEST})

    without = await prove(work, {"sums.py": FIXED}, base_failing=NONE, wanted="red_before_green")
    proof = await prove(
        work, {"sums.py": FIXED}, base_failing=frozenset({"tests/test_add.py::test_add"}), wanted="red_before_green"
    )

    assert without == Unproven("the change brings no test, and no test of the base commit fails")
    assert isinstance(proof, RedBeforeGreen)
    assert (proof.test, proof.base) == ("tests/test_add.py::test_add", "failed")


async def test_data_of_tests_alone_lets_every_test_speak(bench_of: MakeBench) -> None:
    reading = (
        "from pathlib import Path\n\n\ndef test_read() -> None:\n    assert Path('tests/sum.txt').read_text() == '3'\n"
    )
    work = bench_of({**SHOP, "tests/test_read.py": reading, "tests/sum.txt": "4", "code.py": "x = 1\n"})

    proof = await prove(work, {"tests/sum.txt": "3"}, base_failing=NONE, wanted="red_before_green")

    assert proof == Unproven(
        "tests/test_read.py::test_read, tests/test_zero.py::test_zero would pass without the change too"
    )


async def test_documentation_is_proven_by_the_code_being_the_same(bench_of: MakeBench) -> None:
    work = bench_of(SHOP)
    words = {"README.md": "# Sums of numbers\n", "sums.py": ADD.replace("Sums.", "Sums of numbers.") + "# The end\n"}

    same = await prove(work, words, base_failing=NONE, wanted="code_unchanged")
    other = await prove(work, {**words, "sums.py": FIXED}, base_failing=NONE, wanted="code_unchanged")

    assert same == CodeUnchanged(2)
    assert other == Unproven("the code of 'sums.py' changed")


async def test_refactoring_is_proven_by_every_test_ending_as_before(bench_of: MakeBench) -> None:
    work = bench_of({**SHOP, "tests/test_add.py": TEST})
    rewritten = ADD.replace("return a - b", "result = a - b\n    return result")

    kept = await prove(work, {"sums.py": rewritten}, base_failing=NONE, wanted="behaviour_kept")
    changed = await prove(work, {"sums.py": FIXED}, base_failing=NONE, wanted="behaviour_kept")
    lost = await prove(work, {"tests/test_zero.py": None}, base_failing=NONE, wanted="behaviour_kept")

    assert kept == BehaviourKept(2)
    assert changed == Unproven("ended otherwise than on the base commit: tests/test_add.py::test_add")
    assert lost == Unproven("not executed on the change: tests/test_zero.py::test_zero")


@pytest.mark.parametrize("wanted", ["red_before_green", "behaviour_kept"])
async def test_without_a_sandbox_nothing_is_proven_by_execution(bench_of: MakeBench, wanted: Wanted) -> None:
    work = replace(bench_of(SHOP), sandbox=Unqualified("not today", "Install it."))

    proof = await prove(work, {"sums.py": FIXED, "tests/test_add.py": TEST}, base_failing=NONE, wanted=wanted)
    evidence = await run_evidence(work, {})

    assert proof == Unproven("nothing was executed here: no sandbox (not today). Install it.")
    assert (evidence.reported, evidence.outcomes) == (False, ())
    assert await reproduce(work, {"tests/test_add.py": TEST}) == proof


async def test_an_issue_is_reproduced_by_a_test_that_fails_on_the_base(bench_of: MakeBench) -> None:
    """Also where the fix is there already, and where the test stands beside those that pass."""
    work = bench_of(SHOP)
    beside = f"{ZERO}\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n"

    red = await reproduce(work, {"sums.py": FIXED, "tests/test_add.py": TEST})
    both = await reproduce(work, {"tests/test_zero.py": beside})

    assert red == Reproduced(("tests/test_add.py::test_add",))
    assert both == Reproduced(("tests/test_zero.py::test_add",))


async def test_an_issue_is_not_reproduced_by_a_test_that_passes_or_errs(bench_of: MakeBench) -> None:
    work = bench_of(SHOP)
    green = await reproduce(work, {"tests/test_more.py": ZERO})
    erring = await reproduce(work, {"tests/test_nowhere.py": "import nowhere\n\n\ndef test_it() -> None:\n    pass\n"})
    nothing = await reproduce(work, {"sums.py": FIXED})

    assert green == NotReproduced(("tests/test_more.py::test_zero",))
    assert isinstance(erring, Unproven)
    assert erring.reason.startswith("tests/test_nowhere.py errs before it tests anything")
    assert nothing == Unproven("no test was added or changed")


async def test_evidence_names_every_test_and_is_gathered_once(bench_of: MakeBench) -> None:
    work = bench_of({**SHOP, "tests/test_add.py": TEST})

    evidence = await run_evidence(work, {})

    assert dict(evidence.outcomes) == {
        "tests/test_add.py::test_add": "failed",
        "tests/test_zero.py::test_zero": "passed",
    }
    assert (evidence.exit_code, evidence.reported, evidence.source) == (1, True, "sandbox")
    assert await run_evidence(work, {}) == evidence
    assert len(os.listdir(work.cache.directory)) == 1
