"""The small model's experiment without the model: what counts as clean, what is asked, and what is made of pairs."""

import ast

import pytest

from bot.bench.small.candidates import CANDIDATES, plain
from bot.bench.small.experiment import Trial, complaint, outcome_of
from bot.bench.small.form import form_of
from bot.bench.small.specs import SPECS
from bot.bench.small.trying import passing
from bot.catalog import find_data, load_policy
from bot.model.evidence import TaskId
from bot.model.rollout import ReplayPair
from bot.sandbox import Sandbox, qualify
from tests.unit.bench.test_measure import AT

POLICY = load_policy(find_data("protocols").parent).learning.replay
CODE = "def f():\n    return 1\n"


@pytest.mark.parametrize(
    ("reply", "clean"),
    [
        (f"```python\n{CODE}```", True),
        (f"```\n{CODE}", True),
        (CODE, True),
        (f"  \n```python\nimport math\n{CODE}```\nThat is it.", True),
        (f"Sure! Here it is:\n```python\n{CODE}```", False),
        (f"```python\n{CODE}\nprint(f())\n```", False),
        (f"```python\n{CODE}\nassert f() == 1\n```", False),
        ("```python\ndef f(:\nprint(1)\n```", False),
        ("```python\ndef f(:\n    print(1)\n```", True),
        ("```python\ndef f():\n    print(1)\n\nf()\n```", True),
        ("", False),
    ],
)
def test_what_counts_as_clean_code(reply: str, clean: bool) -> None:
    assert form_of(reply).is_clean is clean


def test_the_program_is_the_first_block() -> None:
    assert form_of(f"Well:\n```python\n{CODE}```\nor\n```python\nx\n```").program == CODE


def test_the_specs_are_many_and_differ() -> None:
    assert len(SPECS) >= 40
    assert len({each.name for each in SPECS}) == len(SPECS)
    assert all(each.facts and each.signature in each.text for each in SPECS)
    for each in SPECS:
        for fact in each.facts:
            assert each.name in ast.unparse(ast.parse(fact))


def test_both_candidates_ask_the_same_at_the_end() -> None:
    advice, example = CANDIDATES
    assert [message["role"] for message in advice.asked("Write f.")] == ["user"]
    assert advice.asked("Write f.")[0]["content"].startswith("Write f.\n")
    assert [message["role"] for message in example.asked("Write f.")] == ["user", "assistant", "user"]
    assert example.asked("Write f.")[-1:] == plain("Write f.")
    assert form_of(example.text).is_clean


def pair(number: int, treated: bool, control: bool, treated_clean: bool, control_clean: bool) -> ReplayPair:
    return ReplayPair(TaskId(f"HumanEval/{number}"), AT, treated, control, not treated_clean, not control_clean, 0)


def test_an_item_that_removes_the_failure_is_promoted_and_one_that_changes_nothing_is_not() -> None:
    helps = [pair(n, n % 3 == 0, n % 12 in (0, 3, 6, 10), True, n % 3 != 0) for n in range(200)]
    idle = [pair(n, n % 3 == 0, n % 3 == 1, n % 4 < 2, n % 4 in (0, 2)) for n in range(120)]
    example = outcome_of(Trial(CANDIDATES[1], helps), POLICY, 0)
    advice = outcome_of(Trial(CANDIDATES[0], idle), POLICY, 0)

    assert example.decision == "promote"
    assert example.success_changed == "no change shown"
    assert advice.decision != "promote"
    report = {"candidates": [{"kind": each.kind, "decision": each.decision} for each in (advice, example)]}
    assert complaint(report) is None
    turned = {"candidates": [{"kind": "instruction", "decision": "promote"}, {"kind": "example", "decision": "hold"}]}
    assert complaint(turned) == "the instruction was promoted; the example was not promoted but came to 'hold'"


def test_a_success_rate_that_moved_is_said_to_have_moved() -> None:
    rose = [pair(n, True, n % 4 == 0, True, True) for n in range(60)]
    fell = [pair(n, n % 4 == 0, True, True, True) for n in range(60)]
    assert outcome_of(Trial(CANDIDATES[0], rose), POLICY, 0).success_changed == "rose"
    assert outcome_of(Trial(CANDIDATES[0], fell), POLICY, 0).success_changed == "fell"


async def test_programs_are_tried_each_by_itself() -> None:
    sandbox = await qualify()
    assert isinstance(sandbox, Sandbox)
    spec = next(each for each in SPECS if each.name == "add")
    right, wrong = "def add(a, b):\n    return a + b\n", "def add(a, b):\n    return a - b\n"
    endless = "def add(a, b):\n    while True:\n        pass\n"
    programs = [right, wrong, "def (", "import os\nos._exit(0)\n", endless, f"print(1)\n{right}"]
    found = await passing(sandbox, [(spec, text) for text in programs])
    assert found == (True, False, False, False, False, True)
