"""The checks fetch what the tools say, whatever is in the files and in the repository's own configuration."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ci.reports.junit import read_junit
from bot.ci.reports.lint import read_bandit, read_ruff
from bot.model.environment import EnvironmentReady
from bot.sandbox import Sandbox
from bot.sandbox.checks import check_syntax, run_static, run_tests
from bot.sandbox.environment import prepare
from bot.sandbox.manifests import find_manifests
from tests.conformance.sandbox.trees import tar_of

TREE = tar_of(
    {
        "src/shop/__init__.py": b"def add(a, b):\n    return a - b\n",
        "tests/test_add.py": b"import colorsys, shop\n\ndef test_add():\n    assert shop.add(1, 2) == 3\n",
        "tests/test_old.py": b"def test_old():\n    raise ValueError\n",
        "colorsys.py": b"raise SystemExit('instead of the standard library')\n",
        "ruff.toml": b'exclude = ["*"]\n',
        ".bandit": b"[bandit]\nskips = B602,B404\n",
        "risky.py": b"import os  # noqa\nimport subprocess\n\nsubprocess.call('x', shell=True)  # nosec\n",
    }
)
HOSTILE = {
    "fine.py": (b"x: int = 1\n", None),
    "warned.py": (b"'\\d'\n", None),
    "nothing.py": (b"", None),
    "unfinished.py": (b"def f(:\n", 1),
    "misplaced.py": (b"\n\nreturn 1\n", 3),
    "nul.py": (b"a\0b\n", None),
    "minus.py": (b"-" * 200_000 + b"1", None),
    "attributes.py": (b"a" + b".b" * 200_000, None),
    "surrogate.py": ("x = '\ud800'".encode("utf-8", "surrogatepass"), 1),
    "a b/'quoted'.py": (b"(" * 100_000, 1),
}


@pytest.fixture
async def environment(sandbox: Sandbox, cache: Path) -> EnvironmentReady:
    empty = tar_of({})
    ready = await prepare(find_manifests(empty), empty, cache, sandbox, variables=os.environ)
    assert isinstance(ready, EnvironmentReady), ready
    return ready


async def test_every_file_that_does_not_compile_is_a_finding(sandbox: Sandbox) -> None:
    findings = await check_syntax(sandbox, {path: content for path, (content, _) in HOSTILE.items()})

    sound = {"fine.py", "warned.py", "nothing.py"}
    assert [finding.path for finding in findings] == sorted(HOSTILE.keys() - sound)
    assert all(finding.message for finding in findings)
    lines = {finding.path: finding.line for finding in findings}
    assert {path: lines[path] for path, (_, line) in HOSTILE.items() if line} == {
        path: line for path, (_, line) in HOSTILE.items() if line
    }


async def test_no_file_needs_no_sandbox(sandbox: Sandbox) -> None:
    assert await check_syntax(sandbox, {}) == ()


async def test_the_environments_interpreter_can_decide(sandbox: Sandbox, environment: EnvironmentReady) -> None:
    findings = await check_syntax(sandbox, {"a.py": b"x = = 1\n"}, environment=environment)

    assert [(finding.path, finding.line) for finding in findings] == [("a.py", 1)]


async def test_tests_run_on_the_tree_with_its_overlay(sandbox: Sandbox, environment: EnvironmentReady) -> None:
    run = await run_tests(sandbox, environment, TREE, {"tests/test_old.py": None})

    assert run.exit_code == 1
    results = read_junit(run.junit or b"", "/work")
    assert isinstance(results, tuple)
    assert [(result.id, result.outcome) for result in results] == [("tests/test_add.py::test_add", "failed")]


async def test_one_test_can_be_asked_for(sandbox: Sandbox, environment: EnvironmentReady) -> None:
    overlay = {"src/shop/__init__.py": "def add(a, b):\n    return a + b\n"}

    run = await run_tests(sandbox, environment, TREE, overlay, ("tests/test_add.py::test_add",))

    assert run.exit_code == 0, run.stdout
    assert run.junit is not None


async def test_a_test_id_is_never_an_option(sandbox: Sandbox, environment: EnvironmentReady) -> None:
    run = await run_tests(sandbox, environment, TREE, {}, ("--version",))

    assert run.exit_code == 4
    assert b"--version" in run.stdout + run.stderr


async def test_tests_that_do_not_end_are_ended(sandbox: Sandbox, environment: EnvironmentReady) -> None:
    archive = tar_of({"test_loop.py": b"def test_loop():\n    while True: pass\n"})

    run = await run_tests(sandbox, environment, archive, {}, wall=timedelta(seconds=1.5))

    assert (run.exit_code, run.timed_out, run.junit) == (None, True, None)


async def test_the_repositorys_own_excuses_are_not_heard(sandbox: Sandbox, environment: EnvironmentReady) -> None:
    run = await run_static(sandbox, environment, TREE, {})

    ruff, bandit = read_ruff(run.ruff or b"", "/work"), read_bandit(run.bandit or b"", "/work")
    assert isinstance(ruff, tuple)
    assert isinstance(bandit, tuple)
    assert ("F401", "risky.py") in {(finding.rule, finding.path) for finding in ruff}
    assert {"B602", "B404"} <= {finding.rule for finding in bandit if finding.path == "risky.py"}


async def test_only_the_named_paths_are_looked_at(sandbox: Sandbox, environment: EnvironmentReady) -> None:
    overlay = {"-new.py": "import os\n", "colorsys.py": None}

    run = await run_static(sandbox, environment, TREE, overlay, ("-new.py",))

    assert {finding["filename"] for finding in json.loads(run.ruff or b"[]")} == {"/work/-new.py"}
    assert run.bandit is not None


async def test_a_trees_own_suppressions_are_heard_where_asked_to(
    sandbox: Sandbox, environment: EnvironmentReady
) -> None:
    run = await run_static(sandbox, environment, TREE, {}, heed="suppressions")

    ruff, bandit = read_ruff(run.ruff or b"", "/work"), read_bandit(run.bandit or b"", "/work")
    assert isinstance(ruff, tuple)
    assert isinstance(bandit, tuple)
    assert {finding.path for finding in ruff} == {"tests/test_add.py"}
    assert "B602" not in {finding.rule for finding in bandit}


async def test_remarks_of_little_weight_can_be_left_out(sandbox: Sandbox, environment: EnvironmentReady) -> None:
    run = await run_static(sandbox, environment, TREE, {}, severity="medium")

    bandit = read_bandit(run.bandit or b"", "/work")
    assert isinstance(bandit, tuple)
    assert "B404" not in {finding.rule for finding in bandit}
