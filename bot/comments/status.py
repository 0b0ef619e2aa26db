"""The one status comment of a run, edited in place."""

from typing import assert_never

from bot.comments.ending import ending
from bot.comments.quoting import MAX_CHARACTERS, line
from bot.model.ids import RunId
from bot.model.phase import (
    Ended,
    FinishedItem,
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
    Working,
)
from bot.model.run import Run, status_of


def status_marker(run: RunId) -> str:
    """Hidden in a run's status comment, so that it is found again; each run has one comment of its own."""
    return f"<!-- rmo:status {run} -->"


def status(run: Run) -> str:
    """The one status comment of a run: where it stands, what it does, what it has cost."""
    problem = run.frozen.config_problem if run.frozen else ""
    parts = [
        status_marker(run.id),
        f"### {_headline(run)}",
        standing(run),
        config_problem(problem) if problem else "",
        _checklist(run),
        _bill(run),
    ]
    return "\n\n".join(part for part in parts if part)[:MAX_CHARACTERS] + "\n"


def config_problem(problem: str) -> str:
    """Said where the repository's configuration can't be used."""
    return f"`.github/fractal-rmo.yml` can't be used, so its defaults hold: {line(problem, 500)}"


def _headline(run: Run) -> str:
    match status_of(run):
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


def _bill(run: Run) -> str:
    spent = run.spent
    cost = f"{spent.cost / 1e6:.2f} US dollars" if spent.cost else "no cost"
    tokens = spent.input_tokens + spent.output_tokens
    link = f" · pull request #{run.pull_request.number}" if run.pull_request else ""
    return f"<sub>{cost} · {spent.requests} model requests · {tokens:,} tokens · run `{run.id}`{link}</sub>"
