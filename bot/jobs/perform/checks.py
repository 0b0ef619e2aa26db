"""Waiting for the head commit's checks, and reading what they say when they are over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.ci.verdict import judge, only_skipped, red_checks
from bot.failures.failure import check_failure, failures_of, timeout_failure
from bot.github.artifacts import download_artifact, list_artifacts
from bot.github.branches import read_branch_head
from bot.github.checks import list_annotations, list_check_runs, list_statuses
from bot.github.client import Client
from bot.github.errors import NotFound, TooLarge
from bot.github.required_checks import required_checks
from bot.github.workflows import list_jobs, list_workflow_runs, read_log_end
from bot.jobs.context import Context
from bot.jobs.perform.rerun import rerun
from bot.jobs.read_reports import read_reports
from bot.model.check import Annotation, CheckRun, Failed, Pending, Verdict
from bot.model.failure import Failure
from bot.model.forge import RequiredCheck
from bot.model.ids import CommitSha
from bot.model.journal import NotYet
from bot.model.outcome import ChecksJudged, ChecksRunAgain, Outcome, StepFailed
from bot.model.phase import Judging
from bot.model.report import LogEnd
from bot.model.run import Run
from bot.model.step import AwaitChecks
from bot.secrets.scan import redact

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
    branch = run.frozen.task.branch
    head = await read_branch_head(client, branch)
    if head != step.head:
        became = f"is at {head}, we left it at {step.head}: somebody else moved it" if head else "was deleted"
        return StepFailed("branch_moved", f"the branch {branch} {became}")
    said = (*await list_check_runs(client, step.head), *await list_statuses(client, step.head))
    app = await client.identity()
    checks = tuple(replace(check, summary=redact(check.summary)) for check in said if check.app != app.id)
    verdict = _judge(checks, frozenset(), run, step.head, app.id, context.now())
    if not isinstance(verdict, Pending):
        required = frozenset(await required_checks(client, run.frozen.base.branch))
        verdict = _judge(checks, required, run, step.head, app.id, context.now())
    match verdict:
        case Pending(waiting_for=names):
            return NotYet(f"waiting for {', '.join(names)}", context.checks_poll.total_seconds())
        case Failed():
            red = red_checks(checks, head_sha=step.head, expected_apps=_expected_apps(run), own_app=app.id)
            explained = await _explain(client, run, step.head, red)
            if not run.phase.failed_before:
                again = await rerun(run, context, client, step.head, explained.failures)
                if again:
                    return ChecksRunAgain(again)
            return ChecksJudged(
                verdict, checks, explained.failures, explained.pre_existing, explained.flaky, explained.unread
            )
        case _:
            skipped = only_skipped(checks, step.head, app.id)
            if skipped and not _is_draft(run) and context.now() < run.phase.since + READY_GRACE:
                # The checks of a draft that has just been marked ready: GitHub makes the new ones a moment later.
                return NotYet("waiting for the checks that follow the draft", READY_LOOK_SECONDS)
            return ChecksJudged(verdict, checks, (), flaky=run.phase.failed_before, skipped_as_draft=skipped)


def _is_draft(run: Run) -> bool:
    return run.pull_request is not None and run.pull_request.draft


def _judge(
    checks: Sequence[CheckRun],
    required: frozenset[RequiredCheck],
    run: Run,
    head: CommitSha,
    own_app: int,
    now: datetime,
) -> Verdict:
    """The verdict by the repository's own patience; `required` is asked for only once nothing is under way."""
    assert run.frozen is not None
    assert isinstance(run.phase, Judging)
    return judge(
        checks,
        head_sha=head,
        expected_apps=_expected_apps(run),
        own_app=own_app,
        required=required,
        pushed_at=run.phase.since,
        now=now,
        start_within=timedelta(minutes=run.frozen.config.ci_start_minutes),
        finish_within=timedelta(minutes=run.frozen.config.ci_timeout_minutes),
    )


def _expected_apps(run: Run) -> frozenset[int] | None:
    """Those that the repository's owners name; None where they leave it open."""
    assert run.frozen is not None
    return frozenset(run.frozen.config.check_apps) or None


@dataclass(frozen=True, slots=True)
class _Explained:
    """Why a verdict is red."""

    failures: tuple[Failure, ...]
    """Those that the change is to blame for."""
    pre_existing: tuple[str, ...]
    flaky: tuple[str, ...]
    unread: tuple[str, ...]


async def _explain(client: Client, run: Run, head: CommitSha, red: Sequence[CheckRun]) -> _Explained:
    """What reports, annotations and logs say; failures of the base commit and of flaky tests are told apart."""
    artifacts, logs, missing = await _reports(client, head)
    annotations: list[Annotation] = []
    for check in red:
        if check.app is not None:
            annotations += await list_annotations(client, check.id)
    findings = await read_reports(artifacts, annotations, logs)
    before = frozenset(map(redact, run.base_checks.failing)) if run.base_checks else frozenset[str]()
    moody = frozenset(
        look.id for manifest in findings.manifests for look in manifest.second_pass if look.outcome == "passed"
    )
    ends = {end.name: end for end in findings.log_ends}
    found = failures_of(findings, source="ci") or tuple(_failure_of(check, ends.get(check.name)) for check in red)
    red_tests = {failure.test for failure in found if failure.test}
    return _Explained(
        failures=tuple(failure for failure in found if failure.test not in before | moody or not failure.test),
        pre_existing=tuple(sorted(red_tests & before)),
        flaky=tuple(sorted(((red_tests & moody) | (_failed_before(run) - red_tests)) - before)),
        unread=(*missing, *findings.unread),
    )


def _failed_before(run: Run) -> frozenset[str]:
    return frozenset(run.phase.failed_before) if isinstance(run.phase, Judging) else frozenset()


def _failure_of(check: CheckRun, log: LogEnd | None) -> Failure:
    """Of a red check that no report explains: what it says of itself, and what its log ends with."""
    lines = log.text.splitlines()[-LOG_LINES:] if log is not None else []
    cause = (log.cause if log is not None else "") or next((line for line in reversed(lines) if line.strip()), "")
    said = "\n".join(part for part in (check.summary, cause, *lines) if part)
    return timeout_failure(check.name, said) if check.conclusion == "timed_out" else check_failure(check.name, said)


async def _reports(client: Client, head: CommitSha) -> tuple[dict[str, bytes], dict[str, bytes], list[str]]:
    """Artifacts and log ends of the workflow runs that failed on `head`, and a remark on each that can't be had."""
    missing: list[str] = []
    artifacts: dict[str, bytes] = {}
    logs: dict[str, bytes] = {}
    for workflow in await list_workflow_runs(client, head):
        if workflow.conclusion == "success":
            continue
        for artifact in (await list_artifacts(client, workflow.id))[:MOST_ARTIFACTS]:
            try:
                content = await download_artifact(client, artifact.id, most_bytes=ARTIFACT_BYTES)
            except (NotFound, TooLarge) as error:
                missing.append(f"artifact {artifact.name!r}: {error}")
                continue
            artifacts[f"{workflow.id}/{artifact.name}.zip"] = content
        for job in await list_jobs(client, workflow.id):
            if job.conclusion in ("failure", "timed_out"):
                try:
                    logs[job.name] = (await read_log_end(client, job.id)).text.encode("utf-8", "replace")
                except (NotFound, TooLarge) as error:
                    missing.append(f"log of {job.name!r}: {error}")
    return artifacts, logs, missing
