"""What a verdict of CI changes. No model is asked before it is known, and none can change it."""

from dataclasses import replace
from typing import assert_never

from bot.loop.progress import plan_again, repeated, with_failures
from bot.loop.steering import wants_update
from bot.model.check import Cancelled, Failed, Passed, Pending, TimedOut, Unverified
from bot.model.outcome import ChangeProven, ChecksJudged
from bot.model.phase import FinishedItem, Judging, Phase, Presenting, Proving, Recording, Reviewing, Stopping, Updating
from bot.model.run import Run
from bot.model.validation import Unproven


def judged(run: Run, outcome: ChecksJudged) -> Run:
    """The run with its verdict: recorded as a step, then presented, or taken up again."""
    phase = run.phase
    assert isinstance(phase, Judging)
    run = replace(
        run,
        verdict=outcome.verdict,
        checks=outcome.checks,
        pre_existing=outcome.pre_existing,
        flaky=outcome.flaky,
        unread=outcome.unread,
        all_checks=tuple({(check.app, check.id): check for check in (*run.all_checks, *outcome.checks)}.values()),
        status_due=True,
    )
    match outcome.verdict:
        case Passed(checks=checks):
            proving = Proving(phase.head, checks)
            return replace(run, phase=Updating(proving) if wants_update(run) else proving)
        case Failed():
            return _failed(run, outcome)
        case Unverified(reason=reason):
            if outcome.skipped_as_draft and run.pull_request is not None and run.pull_request.draft:
                return replace(run, phase=Presenting(True, phase))
            return _record(run, "Cannot verify", reason, Presenting(False, Stopping("unverified", reason)))
        case TimedOut(waiting_for=checks):
            detail = f"these checks did not finish in time: {', '.join(checks)}"
            return _record(run, "Time out", detail, Presenting(False, Stopping("checks_timed_out", detail)))
        case Cancelled(checks=checks):
            detail = f"somebody cancelled these checks: {', '.join(checks)}"
            return _record(run, "Find cancelled", detail, Presenting(False, Stopping("checks_cancelled", detail)))
        case Pending():
            raise ValueError("a pending verdict is nothing to record; the step waits instead")
        case _ as unreachable:
            assert_never(unreachable)


def _failed(run: Run, outcome: ChecksJudged) -> Run:
    assert isinstance(outcome.verdict, Failed)
    names = ", ".join(outcome.verdict.checks)
    if not outcome.failures and (outcome.pre_existing or outcome.flaky):
        detail = _nobodys_fault(outcome)
        return _record(run, "Fail", detail, Presenting(False, Stopping("unverified", detail)))
    blamed = _last_change(run)
    action, attempt = (blamed.item.action, blamed.attempt) if blamed else ("", 1)
    again = repeated(run, outcome.failures)
    run = with_failures(run, action, attempt, outcome.failures)
    if again:
        problem = f"{again[0].tool} {again[0].rule} came back: {again[0].message}"
        return _record(run, "Fail", f"{names}: {problem}", plan_again(problem))
    return _record(run, "Fail", names, Reviewing("verdict"))


def _nobodys_fault(outcome: ChecksJudged) -> str:
    parts: list[str] = []
    if outcome.pre_existing:
        parts.append(f"only what fails on the base branch too: {', '.join(outcome.pre_existing)}")
    if outcome.flaky:
        parts.append(f"only flaky tests, which failed and passed on this very commit: {', '.join(outcome.flaky)}")
    return "; ".join(parts)


def proven(run: Run, outcome: ChangeProven) -> Run:
    """Green with a proof is a success; green without one stays a draft; a bent rule is a failure like any other."""
    phase = run.phase
    assert isinstance(phase, Proving)
    names = ", ".join(phase.checks)
    run = replace(run, tampering=(*run.tampering, *outcome.tampering))
    if outcome.failures:
        blamed = _last_change(run)
        action, attempt = (blamed.item.action, blamed.attempt) if blamed else ("", 1)
        again = repeated(run, outcome.failures)
        run = with_failures(run, action, attempt, outcome.failures)
        problem = f"{outcome.failures[0].rule}: {outcome.failures[0].message}"
        then: Phase = plan_again(f"{problem} came back") if again else Reviewing("verdict")
        return _record(run, "Refuse", f"the checks are green, but {problem}", then)
    run = replace(run, current_failures=())
    if isinstance(outcome.proof, Unproven):
        reason = f"the checks pass, but nothing shows that the issue is solved: {outcome.proof.reason}"
        run = replace(run, verdict=Unverified(reason))
        return _record(run, "Cannot prove", reason, Presenting(False, Stopping("unverified", reason)))
    run = replace(run, verdict=Passed(phase.checks, outcome.proof), proof=outcome.proof)
    return _record(run, "Pass", names, Presenting(True, Stopping("completed", f"all checks passed: {names}")))


def _last_change(run: Run) -> FinishedItem | None:
    return next((finished for finished in reversed(run.finished_items) if finished.code_sha is not None), None)


def _record(run: Run, verb: str, body: str, then: Phase) -> Run:
    head = run.code_head or ""
    recording = Recording(
        agent="ci",
        action_item="judge",
        subject=f"{verb} the checks of {head[:12]}",
        body=body,
        changes={},
        finished=None,
        then=then,
    )
    return replace(run, phase=recording)
