"""The validation action itself, really run: by `act` in the sandbox, as a repository's own copy and as the program's.

What comes back is read by the program's own parsers.
"""

import io
import sys
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.ci.findings import collect
from bot.ci.reports.manifest import read_manifest
from bot.localhub import LocalHub, act_runner, serve
from bot.model.environment import EnvironmentReady
from bot.model.ids import EnvironmentKey
from bot.model.manifest import Manifest, SecondLook
from bot.model.report import Findings
from bot.sandbox import Sandbox, qualify
from tests.conformance.localhub.receiver import Receiver
from tests.conformance.localhub.town import PERMISSIONS, SECRET, Town, app_key, everything
from tests.sampling import sample

ACTION = Path(__file__).parents[3] / ".github" / "actions" / "validate"
NAME = "fractal-rmo/fractal-rmo/.github/actions/validate"
WORKFLOW = """\
name: CI
on:
  push:
    branches: [{branch}]
permissions:
  contents: read
jobs:
  validate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: {action}
        with:
          base: HEAD~1
          differential: "true"
"""
CODE = "def double(number: int) -> int:\n    return number + number\n"
TEST = """\
from hypothesis import given
from hypothesis import strategies as st

from double import double


@given(st.integers())
def test_double(number: int) -> None:
    assert double(number) == 2 * number
"""
RED = "from double import double\n\n\ndef test_red():\n    assert double(2) == 5\n"
FLAKY = """\
import os
from pathlib import Path


def test_flaky():
    marker = Path(os.environ["RUNNER_TEMP"]) / "marker"
    seen = marker.exists()
    marker.touch()
    assert seen
"""
FILES = {
    "double.py": CODE,
    "tests/test_double.py": TEST,
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n[tool.ruff.lint]\nselect = ["F"]\n',
}
OWN_COPY, PROGRAMS_OWN, REUSED = "topic", "other", "reused"
"""Branches, each with a workflow of its own: an App can't bring one."""
WORKFLOWS = {
    f".github/workflows/{branch}.yml": WORKFLOW.format(branch=branch, action=action)
    for branch, action in ((OWN_COPY, "./.github/actions/validate"), (PROGRAMS_OWN, f"{NAME}@main"))
}
CALLED = (ACTION.parents[1] / "workflows" / "validate.yml").read_text("utf-8")
REUSE = {
    # act does not know `$/`; in a repository that calls itself `./` is the same place
    ".github/workflows/called.yml": CALLED.replace("$/", "./"),
    ".github/workflows/reuse.yml": (
        f"on:\n  push:\n    branches: [{REUSED}]\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n"
    ),
}
COPIED = {
    f".github/actions/validate/{path.relative_to(ACTION)}": path.read_text("utf-8")
    for path in ACTION.rglob("*")
    if path.is_file() and path.suffix != ".pyc"
}


@pytest.fixture
async def town(tmp_path: Path, receiver: Receiver) -> AsyncGenerator[Town]:
    """A repository that has a copy of the action, over the environment that the tests themselves run in."""
    sandbox = await qualify()
    assert isinstance(sandbox, Sandbox), sandbox

    async def prepare(full_name: str, commit: str, archive: bytes) -> EnvironmentReady:
        assert full_name
        assert commit
        assert archive
        return EnvironmentReady(EnvironmentKey("test"), sys.prefix, 0.0, cached=True)

    execute = act_runner(sandbox.run, prepare, tmp_path / "runner", actions={NAME: ACTION})
    hub = LocalHub(tmp_path / "hub", execute=execute)
    async with serve(hub) as url:
        repository = await hub.create_repository("acme", "shop", FILES | WORKFLOWS | REUSE | COPIED)
        app = hub.create_app("RMO Bot", PERMISSIONS, everything(), receiver.url, SECRET, private_key_pem=app_key())
        installation = hub.install(app, repository)
        place = Town(hub, url, repository, app, installation, {}, receiver)
        try:
            yield place
        finally:
            place.close()


async def validated(
    town: Town, files: dict[str, str], branch: str = OWN_COPY
) -> tuple[object, str, Manifest, Findings]:
    """How the check of a commit with `files` ended, its log, and what its one artifact holds."""
    made = await town.commit(branch, files, "Change it")
    await town.hub.idle()
    rest = town.bot().rest
    found = (await rest.checks.async_list_for_ref("acme", "shop", made.sha)).json()["check_runs"]
    (check,) = [each for each in found if each["conclusion"] != "skipped"]
    log = (await rest.actions.async_download_job_logs_for_workflow_run("acme", "shop", check["id"])).text
    (run,) = (await rest.actions.async_list_workflow_runs_for_repo("acme", "shop", head_sha=made.sha)).json()[
        "workflow_runs"
    ]
    kept = (await rest.actions.async_list_workflow_run_artifacts("acme", "shop", run["id"])).json()["artifacts"]
    assert [each["name"] for each in kept] == ["validation"], log
    zipped = (await rest.actions.async_download_artifact("acme", "shop", kept[0]["id"], "zip")).content
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        manifest = read_manifest(archive.read("manifest.json"))
        assert isinstance(manifest, Manifest), manifest
        held = set(archive.namelist())
    assert {each.report for each in manifest.tools if each.report} <= held
    assert manifest.complete
    assert manifest.commit == made.sha
    return check["conclusion"], log, manifest, collect({"validation": zipped}, (), {})


async def test_a_project_that_passes_is_green_and_says_what_was_run(town: Town) -> None:
    change = {"double.py": CODE.replace("number + number", "2 * number")}
    conclusion, log, manifest, findings = await validated(town, change)

    assert conclusion == "success", log
    assert {each.tool: each.status for each in manifest.tools} == {
        "ruff": "passed",
        "bandit": "passed",
        "pytest": "passed",
        "coverage": "passed",
        "differential": "passed",
    }, log
    assert all(each.version for each in manifest.tools if each.tool != "differential")
    assert manifest.tests == (("tests/test_double.py::test_double", "passed"),)
    assert {each.what: each.reason for each in manifest.not_run} == {
        "types": "the project has no configuration for mypy or pyright",
        "second pass": "no test failed",
        "mutation": "not asked for (input `mutation`)",
    }
    (tests,) = [each for each in manifest.tools if each.tool == "pytest"]
    assert "--hypothesis-seed=0" in tests.command
    assert "Hypothesis Statistics" in log
    assert manifest.base
    assert findings.coverage is not None
    assert [(each.id, each.outcome) for each in findings.tests] == [("tests/test_double.py::test_double", "passed")]


async def test_failures_are_typed_and_a_flake_is_told_and_stays_red(town: Town) -> None:
    change = {"tests/test_red.py": RED, "tests/test_flaky.py": FLAKY, "double.py": f"import os\n\n\n{CODE}"}
    conclusion, log, manifest, findings = await validated(town, change)

    assert conclusion == "failure"
    assert dict(manifest.tests) == {
        "tests/test_double.py::test_double": "passed",
        "tests/test_flaky.py::test_flaky": "failed",
        "tests/test_red.py::test_red": "failed",
    }, log
    assert set(manifest.second_pass) == {
        SecondLook("tests/test_flaky.py::test_flaky", "passed"),
        SecondLook("tests/test_red.py::test_red", "failed"),
    }
    assert {each.id: each.outcome for each in findings.tests} == dict(manifest.tests)
    assert [(each.tool, each.rule, each.path) for each in findings.lint] == [("ruff", "F401", "double.py")]
    assert [each.exit_code for each in manifest.tools if each.tool == "ruff"] == [1]


async def a_copy_of_the_programs_own(town: Town) -> None:
    """`uses: fractal-rmo/fractal-rmo/.github/actions/validate@main`, a flake alone, and it is red all the same."""
    conclusion, log, manifest, _ = await validated(town, {"tests/test_flaky.py": FLAKY}, PROGRAMS_OWN)

    assert conclusion == "failure", log
    assert manifest.second_pass == (SecondLook("tests/test_flaky.py::test_flaky", "passed"),)


async def the_reusable_workflow(town: Town) -> None:
    """It hands on its inputs, none of which the caller gives here."""
    conclusion, log, manifest, _ = await validated(town, {"note.txt": "a note"}, REUSED)

    assert conclusion == "success", log
    assert manifest.tests == (("tests/test_double.py::test_double", "passed"),)
    reasons = {each.what: each.reason for each in manifest.not_run}
    assert reasons["differential"] == "not asked for (input `differential`)"


async def an_exit_that_hides_a_failure(town: Town) -> None:
    """A test that fails, and a process that ends in success all the same."""
    hiding = f"import atexit\nimport os\n\n\natexit.register(os._exit, 0)\n{RED}"
    conclusion, log, manifest, _ = await validated(town, {"tests/test_red.py": hiding})

    assert conclusion == "failure", log
    assert dict(manifest.tests)["tests/test_red.py::test_red"] == "failed"
    assert next(each.exit_code for each in manifest.tools if each.tool == "pytest") == 0


async def a_process_that_ends_in_the_middle(town: Town) -> None:
    conclusion, log, manifest, _ = await validated(town, {"tests/test_a.py": "import os\n\nos._exit(0)\n"})

    assert conclusion == "failure", log
    assert manifest.tests == ()
    assert [each.status for each in manifest.tools if each.tool == "pytest"] == ["broken"]


@pytest.mark.parametrize(
    "story",
    sample(
        [
            a_copy_of_the_programs_own,
            the_reusable_workflow,
            an_exit_that_hides_a_failure,
            a_process_that_ends_in_the_middle,
        ],
        1,
    ),
    ids=lambda story: story.__name__,
)
async def test_ways_in_and_ways_to_hide(story: Callable[[Town], Awaitable[None]], town: Town) -> None:
    await story(town)
