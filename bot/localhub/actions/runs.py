"""Workflow runs coming into being and coming to an end, with their check suite, check runs and webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.localhub.actions.workflow import PlannedJob, Unreadable, Workflow
from bot.localhub.effects.checks import changed, new_suite, tell_check, tell_suite
from bot.localhub.effects.webhooks import emit
from bot.localhub.shapes.accounts import Shape, simple_user
from bot.localhub.shapes.repositories import full_repository
from bot.localhub.shapes.workflows import workflow_run
from bot.localhub.state.accounts import Account
from bot.localhub.state.checks import HubCheckRun, LineAnnotation
from bot.localhub.state.issues import Issue
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import Artifact, Job, JobStep, WorkflowRun
from bot.localhub.state.world import World
from bot.localhub.verdicts import together
from bot.model.check import Conclusion


@dataclass(frozen=True, slots=True)
class Start:
    """What a run is made from."""

    workflow: Workflow | Unreadable
    event: str
    ref: str
    head_branch: str
    head_sha: str
    checkout_sha: str
    title: str
    payload: Shape
    actor: Account
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How one job ended."""

    key: str
    matrix: Mapping[str, object]
    conclusion: Conclusion
    steps: tuple[JobStep, ...] = ()
    annotations: tuple[LineAnnotation, ...] = ()
    log: str = ""
    summary: str | None = None
    name: str | None = None
    """Shown name, for a job that was not foreseen."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended; jobs that are not named never got their turn and count as `unnamed`."""

    jobs: tuple[JobOutcome, ...]
    artifacts: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Name -> zip."""
    unnamed: Conclusion = "skipped"
    problem: str | None = None
    """Why the run as a whole could not be done, for the summary of its jobs."""


async def start(world: World, repository: HubRepository, wish: Start, group: str | None) -> None:
    """Make a run with its jobs queued, tell of it, and hand it to the queue."""
    if world.start_run is None:
        return
    path = wish.workflow.path
    workflow_id = repository.workflow_ids.setdefault(path, world.next_id("workflow"))
    suite = new_suite(world, repository, world.actions_app, wish.head_sha, wish.head_branch)
    now = world.now()
    run = WorkflowRun(
        id=world.next_id("run"),
        workflow_id=workflow_id,
        workflow_name=wish.workflow.name if isinstance(wish.workflow, Workflow) else path,
        path=path,
        event=wish.event,
        number=sum(each.workflow_id == workflow_id for each in repository.runs.values()) + 1,
        suite=suite,
        ref=wish.ref,
        head_branch=wish.head_branch,
        head_sha=wish.head_sha,
        checkout_sha=wish.checkout_sha,
        title=wish.title,
        actor=wish.actor,
        created_at=now,
        updated_at=now,
        event_payload={
            **wish.payload,
            "repository": full_repository(world, repository, None),
            "sender": simple_user(world, wish.actor),
        },
        pull=wish.issue,
        concurrency_group=group,
        cancels_others=isinstance(wish.workflow, Workflow) and wish.workflow.cancel_in_progress,
    )
    repository.runs[run.id] = run
    if isinstance(wish.workflow, Unreadable):
        await tell_run(world, repository, run, "requested")
        await fail_unreadable(world, repository, run, wish.workflow)
        return
    for planned in wish.workflow.jobs:
        add_job(world, repository, run, planned)
    await tell_run(world, repository, run, "requested")
    for job in run.jobs:
        tell_check(world, repository, job.check, "created", world.actions_app.bot)
    world.start_run(repository, run)


def add_job(world: World, repository: HubRepository, run: WorkflowRun, planned: PlannedJob) -> Job:
    """A queued job with its check run; on GitHub the two share their id."""
    number = world.next_id("check")
    check = HubCheckRun(
        id=number,
        suite=run.suite,
        name=planned.name,
        head_sha=run.head_sha,
        status="queued",
        conclusion=None,
        started_at=world.now(),
        completed_at=None,
        external_id=f"{run.id}-{number}",
        details_url=f"{world.base_url}/{repository.full_name}/actions/runs/{run.id}/job/{number}",
    )
    repository.checks[number] = check
    job = Job(number, planned.key, dict(planned.matrix), check, planned.labels)
    run.jobs.append(job)
    return job


async def tell_run(world: World, repository: HubRepository, run: WorkflowRun, action: str) -> None:
    """Send the `workflow_run` webhook."""
    head = await repository.git.commit(run.head_sha)
    shape = workflow_run(world, repository, run, head)
    workflow: Shape = {
        "id": run.workflow_id,
        "node_id": f"W_{run.workflow_id}",
        "name": run.workflow_name,
        "path": run.path,
        "state": "active",
        "created_at": shape["created_at"],
        "updated_at": shape["updated_at"],
        "url": shape["workflow_url"],
        "html_url": f"{world.base_url}/{repository.full_name}/blob/{repository.default_branch}/{run.path}",
        "badge_url": f"{world.base_url}/{repository.full_name}/workflows/{run.workflow_id}/badge.svg",
    }
    emit(world, repository, "workflow_run", action, {"workflow_run": shape, "workflow": workflow}, run.actor)


async def fail_unreadable(world: World, repository: HubRepository, run: WorkflowRun, why: Unreadable) -> None:
    """A workflow file that does not parse is a failed run without jobs."""
    run.status, run.conclusion = "completed", "failure"
    run.title = f"{run.title} (invalid workflow file: {why.reason})"
    run.suite.ended_without_runs = "failure"
    await tell_run(world, repository, run, "completed")
    await tell_suite(world, repository, run.suite, "completed", world.actions_app.bot)


def begin(world: World, run: WorkflowRun) -> None:
    """The run left the queue."""
    run.status, run.updated_at = "in_progress", world.now()
    for job in run.jobs:
        if job.check.status == "queued":
            job.check.status, job.check.started_at = "in_progress", world.now()


async def finish(world: World, repository: HubRepository, run: WorkflowRun, outcome: RunOutcome) -> None:
    """Take over what the jobs did and tell of their end."""
    now = world.now()
    for ended in outcome.jobs:
        job = _job_of(world, repository, run, ended)
        if job.check.status != "completed":
            job.steps, job.log = list(ended.steps), ended.log
            job.check.annotations = list(ended.annotations)
            job.check.summary = ended.summary
            await _end(world, repository, job, ended.conclusion, now)
    for job in run.jobs:
        if job.check.status != "completed":
            job.log = outcome.problem or ""
            job.check.summary = outcome.problem
            await _end(world, repository, job, outcome.unnamed, now)
    for name, archive in outcome.artifacts.items():
        run.artifacts = [each for each in run.artifacts if each.name != name]
        run.artifacts.append(Artifact(world.next_id("artifact"), name, archive, now))
    run.status, run.updated_at = "completed", now
    run.conclusion = together([job.check for job in run.jobs])[1]
    await tell_run(world, repository, run, "completed")


def _job_of(world: World, repository: HubRepository, run: WorkflowRun, ended: JobOutcome) -> Job:
    def same(job: Job) -> bool:
        values = {name: str(value) for name, value in job.matrix.items()}
        return job.key == ended.key and values == {name: str(value) for name, value in ended.matrix.items()}

    found = next((job for job in reversed(run.jobs) if same(job)), None)
    if found is not None:
        return found
    computed = next((job for job in run.jobs if job.key == ended.key and not job.matrix and "${{" in job.name), None)
    if computed is not None:
        run.jobs.remove(computed)
        del repository.checks[computed.id]
    planned = PlannedJob(ended.key, ended.name or ended.key, dict(ended.matrix), ())
    job = add_job(world, repository, run, planned)
    job.check.status, job.check.started_at = "in_progress", run.updated_at
    return job


async def _end(world: World, repository: HubRepository, job: Job, conclusion: Conclusion, now: datetime) -> None:
    check = job.check
    check.status, check.conclusion = "completed", conclusion
    check.started_at, check.completed_at = check.started_at or now, now
    await changed(world, repository, check, False, world.actions_app.bot)


async def restart_failed(world: World, repository: HubRepository, run: WorkflowRun) -> bool:
    """Queue the jobs that did not succeed once more, as new check runs; False where there are none."""
    again = [job for job in run.jobs if job.check.conclusion not in ("success", "skipped")]
    if not again or run.status != "completed" or world.start_run is None:
        return False
    run.attempt, run.status, run.conclusion = run.attempt + 1, "queued", None
    for job in again:
        run.jobs.remove(job)
        planned = PlannedJob(job.key, job.check.name, job.matrix, job.labels)
        fresh = add_job(world, repository, run, planned)
        tell_check(world, repository, fresh.check, "created", world.actions_app.bot)
    await tell_run(world, repository, run, "requested")
    world.start_run(repository, run)
    return True
