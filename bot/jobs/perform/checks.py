"""Waiting for the head commit's checks, and reading what they say when they are over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.ci.findings import collect
from bot.ci.verdict import judge, only_skipped, red_checks
from bot.failures.failure import check_failure, failures_of, timeout_failure
from bot.github.artifacts import download_artifact, list_artifacts
from bot.github.checks import list_annotations, list_check_runs, list_statuses
from bot.github.client import Client
from bot.github.errors import NotFound, TooLarge
from bot.github.required_checks import required_checks
from bot.github.workflows import list_jobs, list_workflow_runs, read_log_end
from bot.jobs.context import Context
from bot.model.check import Annotation, CheckRun, Failed, Pending, Verdict
from bot.model.failure import Failure
from bot.model.ids import CommitSha
from bot.model.journal import AwaitChecks, ChecksJudged, NotYet, Outcome
from bot.model.phase import Judging
from bot.model.report import LogEnd
from bot.model.run import Run

ARTIFACT_BYTES = 50 * 1024**2
MOST_ARTIFACTS = 20
LOG_LINES = 20
"""Of a log's end, for a failure that nothing else explains."""
READY_GRACE = timedelta(seconds=60)
READY_LOOK_SECONDS = 5.0


async def await_checks(step: AwaitChecks, run: Run, context: Context, client: Client) -> Outcome | NotYet:
    """The verdict on the head commit with the failures behind it; NotYet while checks are under way."""
    assert run.frozen is not None
    assert isinstance(run.phase, Judging)
    checks = (*await list_check_runs(client, step.head), *await list_statuses(client, step.head))
    app = await client.identity()
    verdict = _judge(checks, frozenset(), run, step.head, app.id, context.now())
    if not isinstance(verdict, Pending):
        required = frozenset(check.name for check in await required_checks(client, run.frozen.base.branch))
        verdict = _judge(checks, required, run, step.head, app.id, context.now())
    match verdict:
        case Pending(waiting_for=names):
            return NotYet(f"waiting for {', '.join(names)}", context.checks_poll.total_seconds())
        case Failed():
            red = red_checks(checks, head_sha=step.head, expected_apps=None, own_app=app.id)
            failures, pre_existing = await _explain(client, run, step.head, red)
            return ChecksJudged(verdict, checks, failures, pre_existing)
        case _:
            skipped = only_skipped(checks, step.head, app.id)
            if skipped and not _is_draft(run) and context.now() < run.phase.since + READY_GRACE:
                # The checks of a draft that has just been marked ready: GitHub makes the new ones a moment later.
                return NotYet("waiting for the checks that follow the draft", READY_LOOK_SECONDS)
            return ChecksJudged(verdict, checks, (), skipped_as_draft=skipped)


def _is_draft(run: Run) -> bool:
    return run.pull_request is not None and run.pull_request.draft


def _judge(
    checks: Sequence[CheckRun], required: frozenset[str], run: Run, head: CommitSha, own_app: int, now: datetime
) -> Verdict:
    """The verdict by the repository's own patience; `required` is asked for only once nothing is under way."""
    assert run.frozen is not None
    assert isinstance(run.phase, Judging)
    return judge(
        checks,
        head_sha=head,
        expected_apps=None,
        own_app=own_app,
        required=required,
        pushed_at=run.phase.since,
        now=now,
        start_within=timedelta(minutes=run.frozen.config.ci_start_minutes),
        finish_within=timedelta(minutes=run.frozen.config.ci_timeout_minutes),
    )


async def _explain(
    client: Client, run: Run, head: CommitSha, red: Sequence[CheckRun]
) -> tuple[tuple[Failure, ...], tuple[str, ...]]:
    """The failures that reports, annotations and logs name, without those that the base commit has too."""
    artifacts, logs = await _reports(client, head)
    annotations: list[Annotation] = []
    for check in red:
        if check.app is not None:
            annotations += await list_annotations(client, check.id)
    findings = collect(artifacts, annotations, logs)
    failing_before = frozenset(run.base_checks.failing if run.base_checks else ())
    ends = {end.name: end for end in findings.log_ends}
    failures = failures_of(findings, source="ci") or tuple(_failure_of(check, ends.get(check.name)) for check in red)
    return (
        tuple(failure for failure in failures if failure.test not in failing_before or not failure.test),
        tuple(sorted({failure.test for failure in failures if failure.test in failing_before})),
    )


def _failure_of(check: CheckRun, log: LogEnd | None) -> Failure:
    """Of a red check that no report explains: what it says of itself, and what its log ends with."""
    lines = log.text.splitlines()[-LOG_LINES:] if log is not None else []
    cause = (log.cause if log is not None else "") or next((line for line in reversed(lines) if line.strip()), "")
    said = "\n".join(part for part in (check.summary, cause, *lines) if part)
    return timeout_failure(check.name, said) if check.conclusion == "timed_out" else check_failure(check.name, said)


async def _reports(client: Client, head: CommitSha) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Artifacts and log ends of the workflow runs that failed on `head`; what can't be had is left out."""
    artifacts: dict[str, bytes] = {}
    logs: dict[str, bytes] = {}
    for workflow in await list_workflow_runs(client, head):
        if workflow.conclusion == "success":
            continue
        for artifact in (await list_artifacts(client, workflow.id))[:MOST_ARTIFACTS]:
            try:
                content = await download_artifact(client, artifact.id, most_bytes=ARTIFACT_BYTES)
            except (NotFound, TooLarge):
                continue
            artifacts[f"{workflow.id}/{artifact.name}.zip"] = content
        for job in await list_jobs(client, workflow.id):
            if job.conclusion in ("failure", "timed_out"):
                try:
                    logs[job.name] = (await read_log_end(client, job.id)).text.encode("utf-8", "replace")
                except (NotFound, TooLarge):
                    continue
    return artifacts, logs
