"""Runs a workflow's jobs with `act` in the sandbox, without network unless the user says otherwise.

The workflow file is not changed. What it `uses` is served by stand-ins of our own; an action that none stands in for
fails its step and says so. Environment and limits are those of the sandbox's `Command`; nothing else reaches inside.
"""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Literal

from bot.localhub.actions.act_log import Ended, read_log
from bot.localhub.actions.checkout import Checkout, check_out
from bot.localhub.actions.find_act import find_act
from bot.localhub.actions.interpreter import Interpreter, interpreter_of, pip_mounts
from bot.localhub.actions.queue import Execute
from bot.localhub.actions.runs import JobOutcome, RunOutcome
from bot.localhub.actions.stand_in_repositories import StandIns
from bot.localhub.actions.workflow import Unreadable, Workflow, composite_uses, parse
from bot.localhub.git_process import git
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from bot.model.command import Command, Completed, Limits, Mount
from bot.model.environment import EnvironmentFailed, EnvironmentReady
from bot.model.errors import RmoError

RunCommand = Callable[[Command], Awaitable[Completed]]
PrepareEnvironment = Callable[[str, str, bytes], Awaitable[EnvironmentReady | EnvironmentFailed]]
"""(full name of the repository, commit, tar of its files) -> its dependencies, installed."""

ACT = "/run/localhub/act"
LABELS = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "ubuntu-slim", "self-hosted", "linux")
"""Labels of runners that this one passes for."""
WALL = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ActRunner:
    """How runs are done."""

    run_command: RunCommand
    prepare_environment: PrepareEnvironment
    stand_ins: StandIns
    act: Path
    network: Literal["none", "host"] = "none"
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further environment of the steps, such as a package index for runs with network."""
    wall: timedelta = WALL

    async def execute(self, repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        """Do a run's jobs; every failure on the way is part of the outcome."""
        try:
            return await self._execute(repository, run)
        except RmoError as error:
            return RunOutcome((), unnamed="failure", problem=str(error))

    async def _execute(self, repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        checkout = await check_out(repository, run)
        text = checkout.workflow if checkout.workflow is not None else repository.default_workflow or ""
        workflow = parse(run.path, text)
        if isinstance(workflow, Unreadable):
            return RunOutcome((), unnamed="failure", problem=f"{run.path}: {workflow.reason}")
        _, files = await git(repository.git.path, "archive", "--format=tar", run.checkout_sha)
        prepared = await self.prepare_environment(repository.full_name, run.checkout_sha, files)
        if isinstance(prepared, EnvironmentFailed):
            problem = f"The dependencies did not install: {prepared.command}\n\n{prepared.output_tail}"
            return RunOutcome((), unnamed="failure", problem=problem)
        command = await self._command(repository, run, workflow, checkout, text, prepared)
        return _outcome(workflow, await self.run_command(command))

    async def _command(
        self,
        repository: HubRepository,
        run: WorkflowRun,
        workflow: Workflow,
        checkout: Checkout,
        text: str,
        prepared: EnvironmentReady,
    ) -> Command:
        interpreter = await interpreter_of(Path(prepared.path))
        uses = workflow.uses | await _local_uses(repository, run, workflow)
        served = await self.stand_ins.serve(uses)
        variables = {
            **_variables(interpreter, self.stand_ins.scripts, offline=self.network == "none"),
            **self.variables,
        }
        own_file = checkout.workflow is not None
        arguments = [ACT, run.event, "--json", "--actor", run.actor.login]
        arguments += ["-W", run.path if own_file else "/work/workflow.yml", "-e", "/work/event.json"]
        arguments += ["--action-cache-path", "/tmp/act", "--action-offline-mode", "--no-cache-server"]
        arguments += ["-s", "GITHUB_TOKEN=", "--concurrent-jobs", "1"]
        for label in LABELS:
            arguments += ["-P", f"{label}=-self-hosted"]
        for name, directory in served.items():
            arguments += ["--local-repository", f"{name}={directory}"]
        for name, value in variables.items():
            arguments += ["--env", f"{name}={value}"]
        pip, pip_path = pip_mounts(interpreter)
        plan = {
            "act": arguments,
            "environment": str(interpreter.environment),
            "interpreter": str(interpreter.binary),
            "version": interpreter.version,
            "pip": pip_path,
        }
        files = {
            PurePosixPath("plan.json"): json.dumps(plan).encode(),
            PurePosixPath("event.json"): json.dumps(run.event_payload).encode(),
        }
        if not own_file:
            files[PurePosixPath("workflow.yml")] = text.encode()
        root = str(self.stand_ins.directory)
        mounts = (Mount(str(self.act), ACT), Mount(root, root), *interpreter.mounts, *pip)
        return Command(
            argv=(str(interpreter.binary), "-I", str(self.stand_ins.scripts / "launch.py")),
            files=files,
            archive=checkout.archive,
            mounts=mounts,
            environment={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp/home", "LANG": "C.UTF-8", **variables},
            limits=Limits(wall=self.wall, processes=512, scratch_bytes=1024**3, output_bytes=32 * 1024**2),
            network=self.network,
            collect=("artifacts/**",),
        )


def _variables(interpreter: Interpreter, scripts: Path, *, offline: bool) -> dict[str, str]:
    shared = {
        "AGENT_TOOLSDIRECTORY": "/tmp/toolcache",
        "LOCALHUB_PYTHON": str(interpreter.binary),
        "LOCALHUB_STAND_INS": str(scripts),
        "LOCALHUB_ARTIFACTS": "/work/artifacts",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_PROGRESS_BAR": "off",
    }
    # pip reads this option as "build isolation: no", so 0 is what switches the isolation off
    return shared | ({"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"} if offline else {})


async def _local_uses(repository: HubRepository, run: WorkflowRun, workflow: Workflow) -> frozenset[str]:
    """What the repository's own actions and reusable workflows use in turn."""
    found: set[str] = set()
    waiting = [name for name in workflow.uses if name.startswith("./")]
    seen: set[str] = set()
    while waiting:
        place = waiting.pop().removeprefix("./").strip("/")
        if place in seen:
            continue
        seen.add(place)
        for path in (place, f"{place}/action.yml", f"{place}/action.yaml"):
            entry = await repository.git.entry(run.checkout_sha, path)
            if entry is not None and entry.kind == "blob":
                text = (await repository.git.read(entry.sha, "blob")).decode(errors="replace")
                reusable = parse(path, text)
                uses = list(reusable.uses) if isinstance(reusable, Workflow) else composite_uses(text)
                found.update(uses)
                waiting += [name for name in uses if name.startswith("./")]
    return frozenset(found)


def _outcome(workflow: Workflow, completed: Completed) -> RunOutcome:
    ended: Ended = "finished"
    if completed.timed_out or completed.exit_code is None:
        ended = "timed out"
    elif completed.dropped_output_bytes:
        ended = "succeeded out of sight" if completed.exit_code == 0 else "failed out of sight"
    jobs = read_log(completed.stdout, ended=ended)
    told = {job.key for job in jobs}
    for key, name in workflow.remote_calls.items():
        if key not in told:
            summary = f"The reusable workflow {name} is not available on loopback."
            jobs.append(JobOutcome(key, {}, "failure", summary=summary))
    problem = None
    # act says nothing of a job whose `if` does not hold
    none_wanted = not told and ended == "finished" and completed.exit_code == 0
    if not told and not none_wanted:
        tail = completed.stderr.decode(errors="replace").strip().splitlines()[-5:]
        problem = "act ended without running a job.\n\n" + "\n".join(tail)
    unnamed = "timed_out" if ended == "timed out" else "skipped" if told or none_wanted else "failure"
    return RunOutcome(tuple(jobs), _artifacts(completed.collected), unnamed, problem)


def _artifacts(collected: Mapping[str, bytes]) -> dict[str, bytes]:
    """The zips, from `artifacts/<number>/name.json` and `artifacts/<number>/files/…`."""
    names = {
        PurePosixPath(path).parts[1]: _artifact_name(content)
        for path, content in collected.items()
        if PurePosixPath(path).name == "name.json" and len(PurePosixPath(path).parts) == 3
    }
    buffers = {number: io.BytesIO() for number in names}
    for number, buffer in buffers.items():
        prefix = f"artifacts/{number}/files/"
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in sorted(collected.items()):
                if path.startswith(prefix):
                    archive.writestr(path.removeprefix(prefix), content)
    return {names[number]: buffer.getvalue() for number, buffer in buffers.items()}


def _artifact_name(content: bytes) -> str:
    """What the stand-in wrote; the steps could have written anything over it."""
    try:
        return str(json.loads(content))[:255]
    except (ValueError, RecursionError):
        return "unnamed"


def act_runner(
    run_command: RunCommand,
    prepare_environment: PrepareEnvironment,
    directory: Path,
    *,
    network: Literal["none", "host"] = "none",
    variables: Mapping[str, str] | None = None,
    wall: timedelta = WALL,
    actions: Mapping[str, Path] | None = None,
) -> Execute:
    """What `LocalHub(execute=…)` takes to really run workflows; `directory` is for the stand-ins' repositories.

    `actions` are real ones beside the stand-ins: `owner/name/path` as workflows name them -> directory.

    Raises NeedsHuman where the `act` program is not installed.
    """
    stand_ins = StandIns(directory, actions)
    runner = ActRunner(run_command, prepare_environment, stand_ins, find_act(), network, variables or {}, wall)
    return runner.execute
