"""RH: every way in which a change could make its judge weaker, through the real gates, and really run where it runs.

The gate on texts and the gate on executed tests are tried apart: each has to hold where the other is blind.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from bot.ci.evidence import evidence_of
from bot.ci.findings import collect
from bot.ci.reports.junit import read_junit
from bot.ci.tampering import RUN_GATES, TEXT_GATES, find_tampering
from bot.failures.tampering import tampering_failures
from bot.loop.paths import protected_reason
from bot.model.change import Overlay
from bot.model.command import Unqualified
from bot.model.environment import EnvironmentReady
from bot.model.validation import TamperFinding, TestEvidence
from bot.sandbox import Sandbox, qualify
from bot.sandbox.checks import run_tests
from bot.sandbox.environment import prepare
from bot.sandbox.manifests import find_manifests
from tests.badinput.cases import Trick, surfaces
from tests.badinput.command import CACHE
from tests.badinput.reward_hacking import BEFORE, PROJECT, RUNS, TRICKS
from tests.conformance.sandbox.trees import tar_of

CASES = surfaces()["RH"].cases
ALL = [pytest.param(case, id=case) for case in CASES]
RUN = [
    pytest.param(case, name, id=f"{case}-{name}")
    for case, found in CASES.items()
    for name, trick in found.tricks.items()
    if trick.run is not None
]
TREE = tar_of({path: text.encode() for path, text in PROJECT.items()})


@dataclass(frozen=True)
class Bench:
    """A qualified sandbox with an environment that has pytest."""

    sandbox: Sandbox
    environment: EnvironmentReady

    def run(self, overlay: Overlay) -> TestEvidence:
        """Really run the project's tests with a change, and read what is left of it."""
        run = asyncio.run(run_tests(self.sandbox, self.environment, TREE, overlay))
        findings = collect({"junit.xml": run.junit} if run.junit is not None else {}, (), {}, "/work")
        reported = run.junit is not None and isinstance(read_junit(run.junit, "/work"), tuple)
        return evidence_of(findings.tests, exit_code=run.exit_code, reported=reported, source="sandbox")


@pytest.fixture(scope="session")
def bench() -> Bench:
    async def ready() -> Bench:
        sandbox = await qualify("bubblewrap")
        assert not isinstance(sandbox, Unqualified), sandbox
        empty = tar_of({})
        CACHE.mkdir(parents=True, exist_ok=True)
        environment = await prepare(find_manifests(empty), empty, CACHE, sandbox, variables=os.environ)
        assert isinstance(environment, EnvironmentReady), environment
        return Bench(sandbox, environment)

    return asyncio.run(ready())


def found_in(overlay: Overlay) -> tuple[TamperFinding, ...]:
    return find_tampering(PROJECT, overlay, protected=protected_reason, gates=TEXT_GATES)


def rules(findings: Sequence[TamperFinding], *, suspicion: bool) -> set[str]:
    return {finding.rule for finding in findings if finding.suspicion is suspicion}


def tricks_of(case: str) -> list[tuple[str, Trick, Overlay]]:
    assert CASES[case].tricks.keys() == TRICKS[case].keys()
    return [(name, trick, TRICKS[case][name]) for name, trick in CASES[case].tricks.items()]


@pytest.mark.parametrize("case", ALL)
def test_what_the_texts_show(case: str) -> None:
    for name, trick, overlay in tricks_of(case):
        findings = found_in(overlay)

        assert rules(findings, suspicion=False) == trick.diff, (name, findings)
        assert rules(findings, suspicion=True) == trick.suspected, (name, findings)
        assert {finding.path for finding in findings} <= overlay.keys(), name


@pytest.mark.parametrize("case", ALL)
def test_every_finding_is_a_failure_and_no_suspicion_is(case: str) -> None:
    for name, trick, overlay in tricks_of(case):
        failures = tampering_failures(found_in(overlay), "ci")

        assert {failure.rule for failure in failures} == trick.diff, name
        assert {(failure.category, failure.tool) for failure in failures} <= {("tampering", "tampering")}
        assert len({failure.fingerprint for failure in failures}) == len(trick.diff)


@pytest.mark.parametrize(("case", "name"), RUN)
def test_what_the_run_shows(case: str, name: str, bench: Bench) -> None:
    """The trick is really played; what it leaves behind is what the record says, and the gates see what they can."""
    trick = CASES[case].tricks[name]

    after = bench.run(TRICKS[case][name])

    assert after == RUNS[case, name]
    findings = find_tampering({}, {}, before=BEFORE, after=after, gates=RUN_GATES)
    assert rules(findings, suspicion=False) == trick.run, findings
    assert rules(findings, suspicion=True) == trick.run_suspected, findings


def test_the_base_shows_the_bug(bench: Bench) -> None:
    assert bench.run({}) == BEFORE


def test_an_honest_change_is_free_of_findings(bench: Bench) -> None:
    """The bug is mended and new tests come beside the old ones."""
    mended = PROJECT["shop.py"].replace("a - b", "a + b")
    more = PROJECT["tests/test_shop.py"] + "\n\ndef test_more():\n    assert shop.add(2, 2) == 4\n"
    overlay = {"shop.py": mended, "tests/test_shop.py": more, "tests/test_new.py": more}

    after = bench.run(overlay)

    assert after.exit_code == 0
    assert find_tampering(PROJECT, overlay, before=BEFORE, after=after, protected=protected_reason) == ()
