"""Our own check run: a run's timeline beside the checks that judge it. It never judges anything itself.

It is green for `completed` alone, which rests on the repository's own checks; where nothing went wrong and nothing was
proven it is neutral. Limits of texts and buttons: GitHub docs, "REST API endpoints for check runs".
"""

from dataclasses import dataclass
from typing import Final

from bot.comments.quoting import MAX_CHARACTERS, cell, line, section
from bot.comments.status import dollars, moment, standing
from bot.model.check import CheckState, Conclusion
from bot.model.phase import Approving, Ended, Stopping, StopReason
from bot.model.run import Run, StepCommit

CHECK_NAME: Final = "fractal-rmo"

Button = tuple[str, str, str]
"""Label, description, identifier; at most 20, 40 and 20 characters."""

STOP: Final[Button] = ("Stop", "End the run; what was pushed stays", "stop")
RETRY: Final[Button] = ("Retry", "Begin a new run of the issue", "retry")
APPROVE: Final[Button] = ("Approve the plan", "Have the plan carried out", "approve")

_NEUTRAL: Final[frozenset[StopReason]] = frozenset({"no_change", "not_reproduced", "already_done", "unverified"})
_ASKING: Final[frozenset[StopReason]] = frozenset(
    {"needs_answer", "needs_human", "setup_failed", "unsafe_checks", "conflict", "edited", "secret_found"}
)


@dataclass(frozen=True, slots=True)
class CheckOutput:
    """What a check run says and offers."""

    title: str
    summary: str
    text: str
    state: CheckState
    conclusion: Conclusion | None
    """None until it is completed."""
    buttons: tuple[Button, ...] = ()


def check_output(run: Run) -> CheckOutput:
    """Where the run stands, its steps one by one, and the buttons that make sense now."""
    summary = section("Where it stands", standing(run))
    text = _timeline(run)[:MAX_CHARACTERS]
    match run.phase:
        case Stopping(reason=reason) | Ended(reason=reason):
            return CheckOutput(_title(run, reason), summary, text, "completed", _conclusion(reason), (RETRY,))
        case Approving():
            # GitHub shows the buttons of a completed check run alone.
            title = "The plan waits for approval"
            return CheckOutput(title, summary, text, "completed", "action_required", (APPROVE, STOP))
        case _:
            return CheckOutput(_title(run, None), summary, text, "in_progress", None, (STOP,))


def left_behind_output(head: str) -> CheckOutput:
    """For a commit of the work branch that a later one has followed."""
    return CheckOutput("Followed by another commit", f"The run went on at `{head[:12]}`.", "", "completed", "neutral")


def config_problem_output(problem: str) -> CheckOutput:
    """For the commit of the default branch that brought a configuration which cannot be used."""
    said = f"`.github/fractal-rmo.yml` can't be used: {line(problem, 1_000)}"
    mend = "**Next step:** please mend the file on the default branch; I begin nothing in this repository until then."
    return CheckOutput("The configuration cannot be used", f"{said}\n\n{mend}", "", "completed", "failure")


def config_mended_output() -> CheckOutput:
    """For the same check, once the file can be used again."""
    return CheckOutput("The configuration can be used", "Labelled issues are worked on.", "", "completed", "success")


def _title(run: Run, reason: StopReason | None) -> str:
    steps = f"{len(run.steps)} step(s), {dollars(run.spent.cost)} US dollars"
    if reason is None:
        return f"Working: {steps}"
    return f"{reason.replace('_', ' ').capitalize()}: {steps}"


def _conclusion(reason: StopReason) -> Conclusion:
    if reason == "completed":
        return "success"
    if reason == "cancelled":
        return "cancelled"
    if reason in _ASKING:
        return "action_required"
    return "neutral" if reason in _NEUTRAL else "failure"


def _timeline(run: Run) -> str:
    base = run.pull_request.url.rpartition("/pull/")[0] if run.pull_request is not None else ""
    rows = [_row(step, base) for step in run.steps]
    head = ["| Step | Who | What | Seconds | US dollars | Code | State |", "|---:|---|---|---:|---:|---|---|"]
    table = "\n".join([*head, *rows]) if rows else "No step has been committed yet."
    return "\n\n".join([section("Timeline", table), section("What it came to", _account(run))])


def _row(step: StepCommit, base: str) -> str:
    code = _commit(step.code_sha, base) if step.code_sha is not None else ""
    cells = [
        str(step.seq),
        step.agent,
        cell(step.subject),
        f"{step.seconds:.1f}",
        dollars(step.cost),
        code,
        _commit(step.state_sha, base),
    ]
    return f"| {' | '.join(cells)} |"


def _commit(sha: str, base: str) -> str:
    return f"[`{sha[:12]}`]({base}/commit/{sha})" if base else f"`{sha[:12]}`"


def _account(run: Run) -> str:
    spent = run.spent
    rows = [
        f"Began {moment(run.request.requested_at)}, for issue #{run.request.issue}",
        f"{dollars(spent.cost)} US dollars, {spent.requests} model requests, "
        f"{spent.input_tokens + spent.output_tokens:,} tokens",
        f"Waited {spent.waiting_model:.0f} s for the model, {spent.waiting_ci:.0f} s for checks, "
        f"{spent.waiting_github:.0f} s for GitHub",
        *([f"Model {line(run.frozen.model)}, checklist `{run.frozen.protocol[:12]}`"] if run.frozen else []),
        *([f"Pull request #{run.pull_request.number}"] if run.pull_request else []),
        f"Run `{run.id}`, every step on `refs/rmo/runs/{run.id}`; `/rmo rollback STEP` goes back to one",
    ]
    return "\n".join(f"- {row}" for row in rows)
