"""Unions that may be absent keep their tags on the way through JSON."""

import json

import pytest

from bot.model.check import Passed
from bot.model.codec import decode_outcome, encode
from bot.model.outcome import ChangeProven, ChecksJudged, ItemValidated, Outcome
from bot.model.validation import (
    BehaviourKept,
    CodeUnchanged,
    LevelResult,
    NotReproduced,
    RedBeforeGreen,
    Reproduced,
    TamperFinding,
    Unproven,
)

RED = RedBeforeGreen("t::a", "failed", "passed", "sandbox", "ci")
LEVEL = LevelResult(3, "tests", "not run", 0.5, "no sandbox")
BENT = TamperFinding("test-deleted", "tests/t.py", None, "gone")


@pytest.mark.parametrize(
    "outcome",
    [
        ItemValidated((LEVEL,), (BENT,), (), Reproduced(("a",))),
        ItemValidated((), (), (), NotReproduced(("a",)), "already_done"),
        ItemValidated((), (), (), Unproven("no sandbox")),
        ItemValidated((), (), (), None),
        *(ChangeProven(each, (BENT,)) for each in (RED, CodeUnchanged(1), BehaviourKept(2), Unproven("x"), None)),
        *(ChecksJudged(Passed(("a",), each), (), ()) for each in (None, RED, BehaviourKept(3))),
    ],
    ids=lambda outcome: repr(outcome)[:60],
)
def test_outcomes_come_back_as_they_were(outcome: Outcome) -> None:
    assert decode_outcome(json.loads(json.dumps(encode(outcome, Outcome)))) == outcome
