"""The one status comment of a run, edited in place.

It holds nothing that changes by itself, such as the time of now: only news are worth an edit.
"""

from datetime import datetime
from typing import assert_never

from bot.comments.ending import ending
from bot.comments.estimating import estimate_words
from bot.comments.quoting import line, whole
from bot.model.estimate import Estimate
from bot.model.ids import RunId
from bot.model.phase import (
    Answering,
    Approving,
    Consulting,
    Ended,
    FinishedItem,
    GoingBack,
    Inspecting,
    Judging,
    Opening,
    Planning,
    Preparing,
    Presenting,
    Proving,
    Recording,
    Reviewing,
    Starting,
    Stopping,
    Updating,
    Working,
)
from bot.model.run import Run, status_of


def status_marker(run: RunId) -> str:
    """Hidden in a run's status comment, so that it is found again; each run has one comment of its own."""
    return f"<!-- rmo:status {run} -->"


def status(run: Run, estimate: Estimate | None = None, link: str = "", waits: str = "") -> str:
    """The one status comment of a run: where it stands, what it does, what it has cost, and the next step.

    `estimate` is of the whole plan; `link` the address of the run's own page, where there is one;
    `waits` says what a run that stands still waits for.
    """
    running = status_of(run) == "running"
    return whole(
        status_marker(run.id),
        f"### {_headline(run)}",
        f"Waiting: {line(waits, 500)}." if waits else standing(run),
        _leak(run),
        _checklist(run),
        f"Estimate for the whole plan: {estimate_words(estimate)}." if estimate is not None and running else "",
        _people(run),
        _bill(run, link),
    )


def _headline(run: Run) -> str:
    match status_of(run):
        case "running" if isinstance(run.phase, Approving):
            return "Waiting for your approval"
        case "running":
            return "Working on it"
        case "succeeded":
            return "Done: ready for your review" if run.pull_request else "Done: nothing had to be changed"
        case "cancelled":
            return "Cancelled"
        case "stopped":
            return "Stopped"
        case "failed":
            return "Something went wrong on my side"
        case _ as unreachable:
            assert_never(unreachable)


def standing(run: Run) -> str:
    """Where the run stands, in one sentence; at its end with the next step."""
    match run.phase:
        case Starting() | Preparing():
            return "Setting up the repository and running its own tests before anything is changed."
        case Planning(problem=""):
            return "Making a plan."
        case Planning(problem=problem):
            return f"Making another plan, because the last one did not work: {line(problem)}"
        case Reviewing(occasion="plan"):
            return "Reviewing the plan."
        case Reviewing():
            return "Checks failed; deciding what to do about it."
        case Working(item=item, attempt=attempt):
            again = f" (try {attempt})" if attempt > 1 else ""
            return f"Working on: {line(item.title)}{again}"
        case Inspecting(work=work):
            return f"Validating before the push: {line(work.item.title)}"
        case Recording(subject=subject):
            return f"Committing: {line(subject)}"
        case Opening():
            return "Opening a draft pull request."
        case Approving() | Consulting() | Answering() | GoingBack() | Updating() as phase:
            return _with_people(phase)
        case Judging(head=head):
            return f"Waiting for the checks of `{head[:12]}`."
        case Proving(head=head):
            return f"The checks of `{head[:12]}` are green; looking for a proof that they show something."
        case Presenting():
            return "Bringing the pull request up to date."
        case Stopping(reason=reason, detail=detail) | Ended(reason=reason, detail=detail):
            return ending(reason, detail)
        case _ as unreachable:
            assert_never(unreachable)


def _with_people(phase: Approving | Consulting | Answering | GoingBack | Updating) -> str:
    """Where the run stands while it follows what people do."""
    match phase:
        case Approving():
            return (
                "The plan is made, and no code is written before somebody with write access approves it.\n\n"
                "**Next step:** comment `/rmo approve` to have it carried out, or `/rmo stop`; "
                "`/rmo plan` shows it in full."
            )
        case Consulting():
            return "Reading what reviewers ask for."
        case Answering():
            return "Answering a reviewer."
        case GoingBack(step=step):
            return f"Going back to step {step} by a commit of its own."
        case Updating():
            return "Seeing whether the base branch has moved, to bring its newer commits in by a merge."
        case _ as unreachable:
            assert_never(unreachable)


def _leak(run: Run) -> str:
    """A credential in an issue is public: whoever wrote it should know, and nobody else learns more of it."""
    if run.frozen is None or not run.frozen.task.cleaning.secrets:
        return ""
    return (
        "**The text of this issue seems to hold a credential.** I left it out of everything; please revoke it, "
        "as deleting it here is not enough."
    )


def _checklist(run: Run) -> str:
    done = [f"- [x] {line(finished.item.title)}" for finished in last_tries(run)]
    match run.phase:
        case Working(item=item):
            current = [f"- [ ] **{line(item.title)}**"]
        case Inspecting(work=work):
            current = [f"- [ ] **{line(work.item.title)}**"]
        case _:
            current = []
    pending = [f"- [ ] {line(item.title)}" for item in run.pending_items]
    return "\n".join([*done, *current, *pending])


def last_tries(run: Run) -> list[FinishedItem]:
    """Each finished item once, as its last try left it."""
    return list({finished.item.key: finished for finished in run.finished_items}.values())


def _people(run: Run) -> str:
    rows: list[str] = []
    if run.approved_by:
        rows.append(f"Plan approved by {line(run.approved_by, 100)}.")
    if run.remarks:
        answered = sum(remark.id in run.answered for remark in run.remarks)
        rows.append(f"Remarks of reviewers answered: {answered} of {len(run.remarks)}.")
    rows += [f"Not done: {line(reason, 300)}." for reason in dict.fromkeys(run.refused_wishes[-3:])]
    return "\n".join(f"- {row}" for row in rows)


def _bill(run: Run, link: str) -> str:
    spent = run.spent
    cost = f"{dollars(spent.cost)} US dollars" if spent.cost else "no cost"
    tokens = spent.input_tokens + spent.output_tokens
    parts = [
        cost,
        f"{spent.requests} model requests",
        f"{tokens:,} tokens",
        _times(run),
        f"run [`{run.id}`]({link})" if link else f"run `{run.id}`",
        *([f"pull request #{run.pull_request.number}"] if run.pull_request else []),
    ]
    return f"<sub>{' · '.join(parts)}</sub>"


def _times(run: Run) -> str:
    began = f"began {moment(run.request.requested_at)}"
    match run.phase:
        case Ended(at=at):
            return f"{began}, ended {moment(at)}"
        case _:
            return began


def moment(at: datetime) -> str:
    """A time as people are told it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def dollars(cost: int) -> str:
    """Millionths of a US dollar as dollars and cents."""
    return f"{cost / 1e6:.2f}"
