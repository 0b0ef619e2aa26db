"""The validation action's program, run as its steps run it, on small projects."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ground_truth.differential_worker import call_all, make_inputs
from ground_truth.processes import LOG_BYTES, run

from tests.sampling import sample

PROGRAM = Path(__file__).parents[3] / ".github" / "actions" / "validate" / "program"


def action(directory: Path, files: dict[str, str], command: str = "validate", **inputs: str) -> tuple[int, Any, str]:
    """Exit code, manifest and output of one command on a project of `files`."""
    work, temporary = directory / "work", directory / "temp"
    for path, text in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text)
    temporary.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(temporary),
        "GITHUB_WORKSPACE": str(work),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
        **inputs,
    }
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), command], env=environment, capture_output=True, text=True, check=False
    )
    manifest = temporary / "fractal-rmo-validation" / "manifest.json"
    return done.returncode, json.loads(manifest.read_bytes()) if manifest.exists() else None, done.stdout + done.stderr


def skipped(manifest: Any) -> dict[str, str]:
    return {each["what"]: each["reason"] for each in manifest["not_run"]}


def test_code_without_tests_passes_and_everything_that_was_not_run_is_told(tmp_path: Path) -> None:
    code, manifest, output = action(tmp_path, {"a.py": "x = 1\n"})
    assert code == 0, output
    assert [each["tool"] for each in manifest["tools"]] == ["ruff", "bandit"]
    assert skipped(manifest)["pytest"] == "this repository has no tests"
    assert {"types", "property tests", "pytest", "second pass", "coverage", "mutation", "differential"} == set(
        skipped(manifest)
    )
    assert "| pytest | not run | |" in (tmp_path / "temp" / "summary.md").read_text()


def files_of_tests_and_no_test(directory: Path) -> None:
    """All tests are taken out of the collection, which pytest answers with exit code 5."""
    emptied = "def pytest_collection_modifyitems(items):\n    items.clear()\n"
    files = {"conftest.py": emptied, "test_a.py": "def test_a(): pass\n"}
    code, manifest, output = action(directory, files)
    assert code == 1, output
    assert manifest["tests"] == []
    assert "no test was run" in output


def coverage_below_the_projects_limit(directory: Path) -> None:
    files = {
        "a.py": "def f(x):\n    return 1 if x else 2\n\n\ndef g():\n    return 3\n",
        "test_a.py": "import a\n\n\ndef test_a():\n    assert a.f(1) == 1\n",
        "pyproject.toml": "[tool.coverage.report]\nfail_under = 100\n[tool.coverage.run]\nparallel = true\n",
    }
    code, manifest, output = action(directory, files)
    assert code == 1, output
    assert [(each["tool"], each["status"]) for each in manifest["tools"]][-2:] == [
        ("pytest", "passed"),
        ("coverage", "failed"),
    ]
    assert (directory / "temp" / "fractal-rmo-validation" / "coverage.xml").is_file()


def a_file_that_can_not_be_collected(directory: Path) -> None:
    """It is looked at a second time as a whole, as its tests have no names yet."""
    code, manifest, output = action(directory, {"test_a.py": "import nowhere\n", "mypy.ini": "[mypy]\n"})
    assert code == 1, output
    assert manifest["tests"] == [{"id": "test_a.py", "outcome": "error"}]
    assert manifest["second_pass"] == [{"id": "test_a.py", "outcome": "error"}]


def a_module_that_takes_the_place_of_another(directory: Path) -> None:
    """The tools that only read are not reached by it; the tests are, and so they have not passed."""
    code, manifest, output = action(directory, {"json.py": "raise SystemExit(0)\n", "test_a.py": "def test(): pass\n"})
    assert code == 1, output
    assert [(each["tool"], each["status"]) for each in manifest["tools"]][:3] == [
        ("ruff", "passed"),
        ("bandit", "passed"),
        ("pytest", "broken"),
    ]


def a_type_that_is_wrong(directory: Path) -> None:
    code, manifest, output = action(directory, {"a.py": "x: int = 'a'\n", "pyproject.toml": "[tool.mypy]\n"})
    assert code == 1, output
    (types,) = [each for each in manifest["tools"] if each["tool"] == "mypy"]
    assert (types["exit_code"], types["status"], types["report"]) == (1, "failed", "mypy.jsonl")
    found = json.loads((directory / "temp" / "fractal-rmo-validation" / "mypy.jsonl").read_text())
    assert (found["file"], found["code"]) == ("a.py", "assignment")


def a_test_that_never_ends(directory: Path) -> None:
    endless = "import time\n\n\ndef test_a():\n    pass\n\n\ndef test_b():\n    time.sleep(600)\n"
    code, manifest, output = action(directory, {"test_a.py": endless}, RMO_MINUTES="0.05")
    assert code == 1, output
    assert manifest["complete"]
    assert manifest["tests"] == [{"id": "test_a.py::test_a", "outcome": "passed"}]
    (tests,) = [each for each in manifest["tools"] if each["tool"] == "pytest"]
    assert (tests["exit_code"], tests["status"]) == (None, "broken")


@pytest.mark.parametrize(
    "story",
    sample(
        [
            files_of_tests_and_no_test,
            coverage_below_the_projects_limit,
            a_file_that_can_not_be_collected,
            a_module_that_takes_the_place_of_another,
            a_type_that_is_wrong,
            a_test_that_never_ends,
        ],
        2,
    ),
    ids=lambda story: story.__name__,
)
def test_what_is_red(story: Any, tmp_path: Path) -> None:
    story(tmp_path)


def test_an_installation_that_fails_leaves_a_manifest(tmp_path: Path) -> None:
    code, manifest, output = action(tmp_path, {"a.py": ""}, "install", RMO_INSTALL="echo no; exit 3")
    assert code == 1
    assert [(each["tool"], each["exit_code"]) for each in manifest["tools"]] == [("install", 3)]
    assert set(skipped(manifest).values()) == {"the dependencies did not install"}
    assert "::error::The dependencies did not install" in output


def test_nothing_outlives_a_process_and_only_the_end_of_its_output_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"head -c {2 * LOG_BYTES} /dev/zero; sleep 600 & echo end"
    ran = run(["bash", "-c", script], directory=tmp_path, environment=os.environ, seconds=60, log=log)
    assert ran.exit_code == 0
    assert ran.seconds < 60
    assert log.read_bytes().endswith(b"end\n")
    assert log.stat().st_size <= LOG_BYTES
    missing = run(["/nowhere"], directory=tmp_path, environment={}, seconds=1, log=log)
    assert missing.exit_code is None
    assert "not started" in missing.note


def test_inputs_are_the_same_every_time_and_calls_tell_what_came_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    annotations = ["int", "set[str] | None", "tuple[int, ...]", "'dict[str, bytes]'", "Optional[frozenset[bool]]"]
    plan = [{"module": "calls_of_a_test", "name": name, "parameters": annotations} for name in ("first", "broken")]
    inputs = make_inputs(plan)
    assert make_inputs(plan) == inputs
    assert len(inputs[0]) > 10
    (tmp_path / "calls_of_a_test.py").write_text(
        "def first(a, b, c, d, e):\n    return a\n\n\ndef broken(*_):\n    raise SystemExit('x')\n\n\n"
        "def endless(*_):\n    while True:\n        pass\n"
    )
    # The path of this process, as PYTHONPATH is that of the worker's
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    first, broken = call_all(plan, inputs)
    assert all(str(answer).startswith("returned ") for answer in first)
    assert set(broken) == {"raised SystemExit"}
    (endless,) = call_all([{**plan[0], "name": "endless"}], [inputs[0][:1]])
    assert endless == [None]
    (absent,) = call_all([{**plan[0], "module": "no_such_module"}], [inputs[0][:1]])
    assert absent == ["not imported: ModuleNotFoundError"]
