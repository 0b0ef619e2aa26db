"""pytest under coverage, then the failed tests once more in a fresh process.

An exit code is no proof: tests have passed when pytest says so, its session came to its end, it left its report, and
no test is written down as failed. The second pass only tells what may be a flake; it never turns red into green.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ground_truth.processes import Ran
from ground_truth.project import installed
from ground_truth.settings import PLUGIN
from ground_truth.toolbox import Toolbox, remark

JUNIT = "junit.xml"
SECOND_PASS = 100
"""More failed tests than this are no flakes, and are not run again."""
NO_TESTS = 5
"""https://docs.pytest.org/en/stable/reference/exit-codes.html"""
_BADNESS = {"skipped": 0, "passed": 1, "error": 2, "failed": 3}


@dataclass(frozen=True)
class Session:
    """What the plugin wrote down of one run of pytest."""

    root: str
    outcomes: dict[str, str]
    """Test id -> worst outcome, in the order of execution; a file that can't be collected counts as one."""
    ended: bool

    @property
    def bad(self) -> list[str]:
        """Ids of what failed or broke."""
        return [test for test, outcome in self.outcomes.items() if _BADNESS[outcome] > 1]


def read_session(path: Path) -> Session:
    """The plugin's lines; the code under test could have written others, which are passed over."""
    root, ended = "", False
    outcomes: dict[str, str] = {}
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    for line in lines:
        with suppress(ValueError, RecursionError):
            match json.loads(line):
                case ["root", str(place)]:
                    root = place
                case ["test", str(test), str(outcome)] if outcome in _BADNESS:
                    known = outcomes.get(test)
                    if known is None or _BADNESS[outcome] > _BADNESS[known]:
                        outcomes[test] = outcome
                case ["end", int()]:
                    ended = True
                case _:
                    pass
    return Session(root, outcomes, ended)


def pytest(tools: Toolbox) -> Session | None:
    """Run the tests; None where none were run."""
    if not tools.project.has_code:
        tools.record.skip("pytest", "there is no Python code")
        return None
    if not installed("pytest"):
        tools.record.red.append("pytest is not installed; add it to what the action installs")
        tools.record.skip("pytest", "not installed")
        return None
    _hypothesis(tools)
    reports = tools.settings.reports
    ran, session = _start(tools, "pytest", _measured(tools), reports / JUNIT, "coverage", *_property_options(tools))
    tools.record.tests = session.outcomes
    if ran.exit_code == NO_TESTS and not session.outcomes and not tools.project.has_tests:
        tools.record.skip("pytest", "this repository has no tests")
        remark("notice", "this repository has no tests")
        return None
    reasons = _reasons(ran, session, reports / JUNIT)
    status = "passed" if not reasons else "failed" if ran.exit_code == 1 or session.bad else "broken"
    tools.record.ran("pytest", ran, status, note="; ".join(reasons), report=JUNIT)
    tools.record.red.extend(f"pytest: {reason}" for reason in reasons)
    return session


def second_pass(tools: Toolbox, first: Session) -> None:
    """Run what failed once more, in a process of its own."""
    if not first.bad:
        tools.record.skip("second pass", "no test failed")
        return
    if len(first.bad) > SECOND_PASS:
        tools.record.skip("second pass", f"{len(first.bad)} tests failed, more than {SECOND_PASS}: these are no flakes")
        return
    chosen = [f"--rootdir={first.root}", *(os.path.join(first.root, test) for test in first.bad)]
    own = ("--no-cov",) if "--cov" in tools.project.pytest_options else ()
    junit = tools.settings.scratch / "second-pass.xml"
    ran, again = _start(
        tools, "second-pass", ("-m", "pytest"), junit, "second", *_property_options(tools), *own, *chosen
    )
    seen = {test: _again(test, again) for test in first.bad}
    tools.record.second_pass = seen
    passed = [test for test, outcome in seen.items() if outcome == "passed"]
    note = f"{len(passed)} of {len(seen)} passed"
    tools.record.ran("pytest", ran, "failed" if len(passed) < len(seen) else "passed", note=f"second pass: {note}")
    if passed:
        remark("warning", f"{note} when run once more on the same commit: flaky, and still red", title="Flaky tests")


def _again(test: str, session: Session) -> str:
    """The outcome of `test`; of a file that could not be collected, the worst of what is in it."""
    inside = [outcome for name, outcome in session.outcomes.items() if name == test or name.startswith(f"{test}::")]
    return max(inside, key=_BADNESS.__getitem__, default="absent")


def _start(
    tools: Toolbox, name: str, start: tuple[str, ...], junit: Path, data: str, *options: str
) -> tuple[Ran, Session]:
    scratch = tools.settings.scratch
    outcomes = scratch / f"{name}.jsonl"
    path = tools.settings.environment.get("PYTHONPATH")
    variables = {
        "COVERAGE_FILE": str(scratch / f"{data}.data"),
        "FRACTAL_RMO_OUTCOMES": str(outcomes),
        "PYTHONPATH": os.pathsep.join((*((path,) if path else ()), str(PLUGIN))),
    }
    ours = ("-p", "fractal_rmo_outcomes", "--maxfail=0", f"--junitxml={junit}", "-o", "junit_family=xunit1")
    ran = tools.start(name, (*start, *ours, *options), variables=variables)
    return ran, read_session(outcomes)


def _measured(tools: Toolbox) -> tuple[str, ...]:
    """Under coverage, unless the project has pytest-cov do that, or there is no coverage."""
    if "--cov" in tools.project.pytest_options:
        return "-m", "pytest", "--cov-branch"
    if not installed("coverage"):
        return "-m", "pytest"
    return "-m", "coverage", "run", "--branch", "-m", "pytest"


def _hypothesis(tools: Toolbox) -> None:
    if not tools.project.uses_hypothesis:
        tools.record.skip("property tests", "no test imports Hypothesis")
    elif not installed("hypothesis"):
        tools.record.skip("property tests", "Hypothesis is not installed")


def _property_options(tools: Toolbox) -> tuple[str, ...]:
    """One seed, so that the base branch and this one are tried on the same inputs."""
    if tools.project.uses_hypothesis and installed("hypothesis"):
        return "--hypothesis-seed=0", "--hypothesis-show-statistics"
    return ()


def _reasons(ran: Ran, session: Session, junit: Path) -> list[str]:
    """Why the tests have not passed; empty where they have."""
    if ran.exit_code == NO_TESTS and not session.bad:
        return ["files of tests are there, and no test was run"]
    reasons: list[str] = []
    if session.bad:
        reasons.append(f"{len(session.bad)} of {len(session.outcomes)} tests failed")
    elif ran.exit_code is None:
        reasons.append(ran.note)
    elif ran.exit_code != 0:
        reasons.append(f"exit code {ran.exit_code}")
    if ran.exit_code is not None and not session.ended:
        reasons.append("its process ended before its session did")
    elif ran.exit_code == 0 and session.bad:
        reasons.append("its exit code hides that")
    if ran.exit_code == 0 and not junit.is_file():
        reasons.append("it left no report")
    return reasons
