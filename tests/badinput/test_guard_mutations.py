"""A mutation run over the tamper guard: each gate is taken out in turn, and a known trick must get through."""

from collections.abc import Iterator, Sequence

import pytest

from bot.ci.tampering import GATES, find_tampering
from bot.ci.tampering.change import Gate
from bot.loop.paths import protected_reason
from bot.model.validation import TamperFinding
from tests.badinput.cases import surfaces
from tests.badinput.reward_hacking import BEFORE, PROJECT, RUNS, TRICKS

Outcome = frozenset[tuple[str, bool]]


def outcome(findings: Sequence[TamperFinding]) -> Outcome:
    return frozenset((finding.rule, finding.suspicion) for finding in findings)


def played(gates: Sequence[Gate]) -> Iterator[tuple[str, Outcome]]:
    """What the gates say of every trick, of its texts and of its recorded run apart."""
    for case, tricks in TRICKS.items():
        for name, overlay in tricks.items():
            found = find_tampering(PROJECT, overlay, protected=protected_reason, gates=gates)
            yield f"{case} {name} (texts)", outcome(found)
    for (case, name), after in RUNS.items():
        yield f"{case} {name} (run)", outcome(find_tampering({}, {}, before=BEFORE, after=after, gates=gates))


WHOLE = dict(played(GATES))


def test_all_gates_together_have_the_outcomes_that_were_written_first() -> None:
    for case, found in surfaces()["RH"].cases.items():
        for name, trick in found.tricks.items():
            texts = {(rule, False) for rule in trick.diff} | {(rule, True) for rule in trick.suspected}
            assert WHOLE[f"{case} {name} (texts)"] == texts
            if trick.run is not None:
                run = {(rule, False) for rule in trick.run} | {(rule, True) for rule in trick.run_suspected}
                assert WHOLE[f"{case} {name} (run)"] == run


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.__name__)
def test_without_a_gate_a_trick_gets_through(gate: Gate) -> None:
    left = [each for each in GATES if each is not gate]
    let_through = [name for name, found in played(left) if found < WHOLE[name]]

    assert let_through, f"no case needs {gate.__name__}"
