"""The bench's CI: every push is really tested, in the sandbox, by the repository's own tests.

The one step of the workflow is carried out directly, because the runner that reads workflow files costs more than all
the rest of a task. What is left out is only the reading of that file; who wants it asks for `--act`.
"""

import io
import os
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from bot.git.tree import archive
from bot.localhub.actions.queue import Execute
from bot.localhub.actions.runs import RunOutcome
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from bot.model.environment import EnvironmentFailed
from bot.model.errors import RmoError
from bot.model.ids import CommitSha
from bot.sandbox import Sandbox
from bot.sandbox.checks import run_tests
from bot.sandbox.environment import prepare
from bot.sandbox.manifests import find_manifests


def direct_runner(sandbox: Sandbox, environments: Path, wall: timedelta) -> Execute:
    """What runs the tests of the commit that a workflow run is for, and leaves their report as its artifact."""

    async def execute(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        try:
            return await _execute(repository, run)
        except RmoError as error:
            return RunOutcome((), unnamed="failure", problem=str(error))

    async def _execute(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        tree = await archive(repository.git.path, CommitSha(run.checkout_sha))
        environment = await prepare(find_manifests(tree), tree, environments, sandbox, variables=os.environ)
        if isinstance(environment, EnvironmentFailed):
            return RunOutcome((), unnamed="failure", problem=environment.output_tail)
        tests = await run_tests(sandbox, environment, tree, {}, wall=wall)
        artifacts = {"reports": _zip({"junit.xml": tests.junit})} if tests.junit else {}
        conclusion = "success" if tests.exit_code == 0 else "timed_out" if tests.timed_out else "failure"
        said = tests.stdout[-2_000:].decode("utf-8", "replace")
        return RunOutcome((), artifacts, unnamed=conclusion, problem=said)

    return execute


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()
