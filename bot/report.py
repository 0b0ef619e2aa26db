"""The report of a run: what `--json` writes, for programs to read. Pure; whoever asks has gathered the facts."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from bot.model.forge import CommitSummary, PullRequestFile, PullRequestState
from bot.model.phase import Ended, Stopping
from bot.model.run import PullRequest, RecordedFailure, Run, StepCommit, status_of
from bot.model.validation import BehaviourKept, CodeUnchanged, LevelResult, Proof, RedBeforeGreen


def report_of(
    run: Run,
    commits: Sequence[CommitSummary],
    pull: PullRequestState | None,
    files: Sequence[PullRequestFile],
) -> dict[str, Any]:
    """The report as JSON-ready data. `commits` are those of the work branch, oldest first; times are seconds."""
    frozen = run.frozen
    return {
        "issue": {"number": run.request.issue, "title": frozen.task.title if frozen else ""},
        "run": _run(run),
        "branch": frozen.task.branch if frozen and run.code_head else None,
        "state_ref": run.state_ref or None,
        "base_sha": frozen.base.sha if frozen else None,
        "head_sha": run.code_head,
        "steps": [_step(step) for step in run.steps],
        "commits": [
            {
                "sha": commit.sha,
                "subject": commit.message.partition("\n")[0],
                "trailers": trailers_in(commit.message),
            }
            for commit in commits
        ],
        "pull_request": _pull(pull, run.pull_request, files),
        "checks": [
            {"sha": check.head_sha, "name": check.name, "conclusion": check.conclusion} for check in run.all_checks
        ],
        "failures": [_failure(recorded) for recorded in run.failures],
        "proof": in_json(run.proof) if run.proof is not None else None,
        "levels": [level_in_json(level) for level in run.levels],
        "round_trips_saved": run.stopped_before_push,
        "tampering": [
            {
                "rule": each.rule,
                "path": each.path,
                "line": each.line,
                "detail": each.detail,
                "suspicion": each.suspicion,
            }
            for each in run.tampering
        ],
        "pre_existing": list(run.pre_existing),
        "flaky": list(run.flaky),
    }


def _run(run: Run) -> dict[str, Any]:
    spent = run.spent
    match run.phase:
        case Ended(reason=reason, detail=detail) | Stopping(reason=reason, detail=detail):
            stop_reason, said = reason, detail
        case _:
            stop_reason, said = None, ""
    end = run.last_at or run.request.requested_at
    return {
        "id": run.id,
        "status": status_of(run),
        "stop_reason": stop_reason,
        "detail": said,
        "seconds": round((end - run.request.requested_at).total_seconds(), 3),
        "seconds_waiting_model": round(spent.waiting_model, 3),
        "seconds_waiting_ci": round(spent.waiting_ci, 3),
        "seconds_waiting_github": round(spent.waiting_github, 3),
        "cost_usd": spent.cost / 1_000_000,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "model_requests": spent.requests,
    }


def in_json(proof: Proof) -> dict[str, Any]:
    """A proof as data; `kind` says which."""
    match proof:
        case RedBeforeGreen(test=test, base=base, head=head, base_source=before, head_source=after):
            return {
                "kind": "red_before_green",
                "test": test,
                "base": base,
                "head": head,
                "base_source": before,
                "head_source": after,
            }
        case CodeUnchanged(files=files):
            return {"kind": "code_unchanged", "files": files}
        case BehaviourKept(tests=tests):
            return {"kind": "behaviour_kept", "tests": tests}
        case _ as unreachable:
            assert_never(unreachable)


def level_in_json(level: LevelResult) -> dict[str, Any]:
    """One level as data."""
    return {"level": level.level, "name": level.name, "status": level.status, "seconds": round(level.seconds, 3)}


def _step(step: StepCommit) -> dict[str, Any]:
    return {
        "seq": step.seq,
        "agent": step.agent,
        "action_item": step.action_item,
        "state_sha": step.state_sha,
        "code_sha": step.code_sha,
        "seconds": round(step.seconds, 3),
        "cost_usd": step.cost / 1_000_000,
    }


def _pull(
    pull: PullRequestState | None, known: PullRequest | None, files: Sequence[PullRequestFile]
) -> dict[str, Any] | None:
    if pull is None or known is None:
        return None
    return {
        "number": pull.number,
        "url": pull.url,
        "state": "merged" if pull.merged else pull.state,
        "draft": pull.draft,
        "title": pull.title,
        "body": pull.body,
        "files": [file.path for file in files],
    }


def _failure(recorded: RecordedFailure) -> dict[str, Any]:
    failure = recorded.failure
    return {
        "step": recorded.step,
        "source": failure.source,
        "category": failure.category,
        "tool": failure.tool,
        "rule": failure.rule,
        "fingerprint": failure.fingerprint,
        "message": failure.message,
    }


def trailers_in(message: str) -> Mapping[str, str]:
    """The trailers of a commit message's last block; empty where that block is prose."""
    lines = message.rstrip().rpartition("\n\n")[2].splitlines()
    pairs = [line.split(": ", 1) for line in lines]
    if not all(len(pair) == 2 and " " not in pair[0] for pair in pairs):
        return {}
    return {name: value for name, value in pairs}
