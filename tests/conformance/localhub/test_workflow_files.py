"""Which workflows start: what their files say, read as GitHub reads them. Runs are scripted here, not worked."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.localhub import LocalHub, scripted_runner, serve
from bot.localhub.actions.filters import matches, skipped_by_message, starts_on_pull, starts_on_push
from bot.localhub.actions.scripted import ScriptedConclusion
from bot.localhub.actions.workflow import Unreadable, Workflow, parse
from tests.conformance.localhub.receiver import Receiver
from tests.conformance.localhub.town import PERMISSIONS, SECRET, Town, app_key, everything

JOBS = "\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: echo}]\n"


def _workflow(on: str) -> Workflow:
    parsed = parse(".github/workflows/x.yml", f"on: {on}{JOBS}")
    assert isinstance(parsed, Workflow)
    return parsed


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("main", "main", True),
        ("main", "maine", False),
        ("*", "a/b", False),
        ("**", "a/b", True),
        ("feature/**", "feature/a/b", True),
        ("releases/*", "releases/1/2", False),
        ("v[12].[0-9]+", "v1.42", True),
        ("v[12].[0-9]+", "v3.1", False),
        ("*.jsx?", "page.js", True),
        ("*.jsx?", "page.jsx", True),
        ("**/docs/**", "docs/a.md", True),
        ("docs/*", "docs/a/b.md", False),
        ("a+b", "aab", True),
    ],
)
def test_patterns(pattern: str, name: str, fits: bool) -> None:
    assert matches([pattern], name) is fits


def test_the_last_pattern_that_fits_decides() -> None:
    assert matches(["releases/**", "!releases/**-alpha"], "releases/1")
    assert not matches(["releases/**", "!releases/**-alpha"], "releases/1-alpha")
    assert matches(["**", "!a", "a"], "a")


@pytest.mark.parametrize(
    ("on", "ref", "paths", "starts"),
    [
        ("push", "refs/heads/x", ["a"], True),
        ("[push, pull_request]", "refs/heads/x", ["a"], True),
        ("pull_request", "refs/heads/x", ["a"], False),
        ("{push: }", "refs/heads/x", ["a"], True),
        ("{push: {branches: main}}", "refs/heads/x", ["a"], False),
        ("{push: {branches: [main, 'rmo/**']}}", "refs/heads/rmo/a-1", ["a"], True),
        ("{push: {branches-ignore: ['rmo/**']}}", "refs/heads/rmo/a-1", ["a"], False),
        ("{push: {paths: ['src/**']}}", "refs/heads/x", ["docs/a", "src/b"], True),
        ("{push: {paths: ['src/**']}}", "refs/heads/x", ["docs/a"], False),
        ("{push: {paths-ignore: ['docs/**']}}", "refs/heads/x", ["docs/a"], False),
        ("{push: {paths-ignore: ['docs/**']}}", "refs/heads/x", ["docs/a", "src/b"], True),
        ("{push: {tags: ['v*']}}", "refs/heads/x", ["a"], False),
        ("{push: {tags: ['v*']}}", "refs/tags/v1", ["a"], True),
        ("push", "refs/rmo/x", ["a"], False),
    ],
)
def test_pushes(on: str, ref: str, paths: list[str], starts: bool) -> None:
    assert starts_on_push(_workflow(on), ref, paths) is starts


@pytest.mark.parametrize(
    ("on", "action", "starts"),
    [
        ("pull_request", "opened", True),
        ("pull_request", "ready_for_review", False),
        ("{pull_request: {types: [ready_for_review]}}", "ready_for_review", True),
        ("{pull_request: {types: [ready_for_review]}}", "opened", False),
        ("{pull_request: {branches: [main]}}", "synchronize", True),
        ("{pull_request: {branches: [release]}}", "synchronize", False),
        ("{pull_request: {paths: ['*.md']}}", "reopened", False),
    ],
)
def test_pull_requests(on: str, action: str, starts: bool) -> None:
    assert starts_on_pull(_workflow(on), action, "main", ["src/a.py"]) is starts


@pytest.mark.parametrize(
    ("message", "skipped"),
    [
        ("Fix [skip ci]", True),
        ("Fix\n\nbody [no ci]", True),
        ("Fix\n\n\nRmo-Step: 3\nskip-checks: true\n", True),
        ("Fix\n\nskip-checks: true\n\nmore text", False),
        ("Fix skip-checks: true", False),
        ("Fix", False),
    ],
)
def test_commit_messages_that_start_nothing(message: str, skipped: bool) -> None:
    assert skipped_by_message(message) is skipped


def test_a_matrix_is_written_out_as_jobs() -> None:
    text = """
name: CI
on: push
concurrency: {group: x, cancel-in-progress: true}
jobs:
  test:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
        python: ["3.11", "3.12"]
        exclude: [{os: windows-latest, python: "3.11"}]
        include: [{os: ubuntu-latest, extra: yes}, {os: macos-latest, python: "3.13"}]
  named:
    name: Lint ${{ matrix.tool }}
    runs-on: [self-hosted, linux]
    strategy: {matrix: {tool: [ruff]}}
  computed:
    runs-on: ubuntu-latest
    strategy: {matrix: {x: "${{ fromJSON(needs.a.outputs.b) }}"}}
"""
    parsed = parse("ci.yml", text)
    assert isinstance(parsed, Workflow)
    assert [job.name for job in parsed.jobs] == [
        "test (ubuntu-latest, 3.11, yes)",
        "test (ubuntu-latest, 3.12, yes)",
        "test (windows-latest, 3.12)",
        "test (macos-latest, 3.13)",
        "Lint ruff",
        "computed",
    ]
    assert parsed.jobs[0].labels == ("ubuntu-latest",)
    assert (parsed.group, parsed.cancel_in_progress) == ("x", True)


@pytest.mark.parametrize("text", ["a: [", "- 1", "on: push", "jobs: {}"])
def test_files_that_are_no_workflows(text: str) -> None:
    assert isinstance(parse("x.yml", text), Unreadable)


async def _town(
    tmp_path: Path, receiver: Receiver, conclusions: list[ScriptedConclusion], files: dict[str, str]
) -> AsyncGenerator[Town]:
    hub = LocalHub(tmp_path / "hub", execute=scripted_runner(conclusions))
    async with serve(hub) as url:
        repository = await hub.create_repository("acme", "shop", files)
        app = hub.create_app("RMO Bot", PERMISSIONS, everything(), receiver.url, SECRET, private_key_pem=app_key())
        installation = hub.install(app, repository)
        place = Town(hub, url, repository, app, installation, {"maintainer": hub.add_user("maintainer")}, receiver)
        hub.set_role(repository, "maintainer", "admin")
        await hub.idle()
        receiver.deliveries.clear()
        yield place
        place.close()


@pytest.fixture
async def flaky(tmp_path: Path, receiver: Receiver) -> AsyncGenerator[Town]:
    files = {
        ".github/workflows/push.yml": f"name: Push\non: {{push: {{paths: ['*.py']}}}}{JOBS}",
        ".github/workflows/pull.yml": f"name: Pull\non: {{pull_request: {{types: [opened, ready_for_review]}}}}{JOBS}",
    }
    async for town in _town(tmp_path, receiver, ["failure", "success"], files):
        yield town


async def test_a_failed_run_is_run_again(flaky: Town) -> None:
    await flaky.commit("topic", {"notes.md": "no python"}, "Notes")
    written = await flaky.commit("topic", {"a.py": ""}, "Code")
    await flaky.hub.idle()
    actions = flaky.bot().rest.actions
    runs = (await actions.async_list_workflow_runs_for_repo("acme", "shop")).json()["workflow_runs"]
    assert [(run["name"], run["head_sha"], run["conclusion"]) for run in runs] == [("Push", written.sha, "failure")]
    assert (await actions.async_re_run_workflow_failed_jobs("acme", "shop", runs[0]["id"])).status_code == 201
    await flaky.hub.idle()
    again = (await actions.async_get_workflow_run("acme", "shop", runs[0]["id"])).json()
    assert (again["conclusion"], again["run_attempt"]) == ("success", 2)
    [check] = (await flaky.bot().rest.checks.async_list_for_ref("acme", "shop", "topic")).json()["check_runs"]
    assert (check["name"], check["conclusion"], check["app"]["slug"]) == ("a", "success", "github-actions")
    jobs = (await actions.async_list_jobs_for_workflow_run("acme", "shop", runs[0]["id"])).json()["jobs"]
    assert [job["id"] for job in jobs] == [check["id"]]
    assert flaky.receiver.names.count("workflow_run.completed") == 2


async def test_a_draft_runs_when_it_is_opened_and_when_it_is_ready(flaky: Town) -> None:
    await flaky.commit("topic", {"a.md": "a"}, "Text")
    pull = await flaky.bot().rest.pulls.async_create("acme", "shop", title="T", head="topic", base="main", draft=True)
    ready = 'mutation { markPullRequestReadyForReview(input: {pullRequestId: "ID"}) { clientMutationId } }'
    await flaky.bot().async_graphql(ready.replace("ID", pull.json()["node_id"]))
    await flaky.hub.idle()
    found = await flaky.bot().rest.actions.async_list_workflow_runs_for_repo("acme", "shop", event="pull_request")
    runs = found.json()["workflow_runs"]
    assert [(run["name"], run["run_number"]) for run in runs] == [("Pull", 2), ("Pull", 1)]
    assert runs[0]["pull_requests"][0]["number"] == 1


async def test_skip_checks_starts_nothing(flaky: Town) -> None:
    await flaky.commit("topic", {"a.py": ""}, "State\n\n\nRmo-Step: 1\nskip-checks: true")
    await flaky.hub.idle()
    runs = await flaky.bot().rest.actions.async_list_workflow_runs_for_repo("acme", "shop")
    assert runs.json()["total_count"] == 0


@pytest.fixture
async def crowded(tmp_path: Path, receiver: Receiver) -> AsyncGenerator[Town]:
    group = "concurrency: {group: '${{ github.workflow }}-${{ github.ref }}', cancel-in-progress: true}\n"
    files = {
        ".github/workflows/ci.yml": f"name: CI\non: push\n{group}{JOBS}",
        ".github/workflows/broken.yml": "on: push\njobs: [",
    }
    async for town in _town(tmp_path, receiver, ["success"], files):
        yield town


async def test_a_workflow_file_that_does_not_parse_is_a_failed_run(crowded: Town) -> None:
    await crowded.commit("topic", {"a.py": ""}, "Code")
    await crowded.hub.idle()
    found = await crowded.bot().rest.actions.async_list_workflow_runs_for_repo("acme", "shop")
    assert {(run["path"], run["conclusion"]) for run in found.json()["workflow_runs"]} == {
        (".github/workflows/ci.yml", "success"),
        (".github/workflows/broken.yml", "failure"),
    }


async def test_a_default_workflow_runs_where_a_repository_has_none(tmp_path: Path) -> None:
    hub = LocalHub(tmp_path / "hub", execute=scripted_runner(["success"]))
    async with serve(hub):
        default = f"name: Default\non: [push, pull_request]{JOBS}"
        number = await hub.create_repository("acme", "shop", {"a.txt": "a"}, default_workflow=default)
        app = hub.create_app("RMO Bot", PERMISSIONS, (), None, SECRET)
        town = Town(hub, hub.world.base_url, number, app, hub.install(app, number), {}, Receiver())
        await town.commit("topic", {"b.txt": "b"}, "B")
        await hub.idle()
        assert [run.workflow_name for run in hub.world.repositories[number].runs.values()] == ["Default"]
