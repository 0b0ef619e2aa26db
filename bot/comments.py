"""Every sentence the bot says on GitHub: short, kind, concrete, and with the next step that a person can take.

Pure functions of a run. What people or models wrote is quoted so that it can neither mention anyone, close an issue,
load an image nor break out of its place.
"""

import re
from typing import assert_never

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
    Recording,
    Reviewing,
    Starting,
    Stopping,
    StopReason,
    Working,
)
from bot.model.run import Run, status_of
from bot.model.task import CleaningReport

MAX_CHARACTERS = 60_000
"""GitHub refuses comments over 65,536 characters."""

_CLOSES = re.compile(r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(\s*:?\s+)(?=#|\w+/|https?:)", re.IGNORECASE)
_HTML = str.maketrans({"<": "&lt;", ">": "&gt;"})

NEXT_STEP: dict[StopReason, str] = {
    "completed": "Please review the pull request.",
    "unverified": "Please look at the draft: it may still be what you want.",
    "no_change": "If you think that something should change, say more in the issue and label it again.",
    "cancelled": "Label the issue again to start over.",
    "not_permitted": "Somebody with write access can label the issue.",
    "setup_failed": "Please mend the set-up or give `setup:` in `.github/fractal-rmo.yml`, then label it again.",
    "needs_answer": "Please answer in the issue's text and label it again.",
    "stuck": "The branch holds what was tried; a hint in the issue's text may help, then label it again.",
    "budget_steps": "Label the issue again to continue with a fresh budget, or split it.",
    "budget_attempts": "The branch holds what was tried; a hint in the issue's text may help, then label it again.",
    "budget_requests": "Label the issue again to continue with a fresh budget, or split it.",
    "budget_tokens": "Label the issue again to continue with a fresh budget, or split it.",
    "budget_money": "Label the issue again to continue with a fresh budget, or split it.",
    "budget_time": "Label the issue again to continue with a fresh budget, or split it.",
    "checks_timed_out": "Please see why the checks did not finish, and label the issue again.",
    "checks_cancelled": "Label the issue again when the checks may run.",
    "branch_moved": "The branch is yours now; I will not touch it again. Label the issue again for a new one.",
    "refused": "Please change what is named above and label the issue again.",
    "needs_human": "Please see to what is named above and label the issue again.",
    "failed": "This is not your fault. Label the issue again to retry; if it happens twice, please tell the operator.",
}


def status_marker(run: RunId) -> str:
    """Hidden in a run's status comment, so that it is found again; each run has one comment of its own."""
    return f"<!-- rmo:status {run} -->"


def quote(text: str, limit: int = 2_000) -> str:
    """Text of others, made harmless: no HTML, no mention, no closing keyword, no image, no link."""
    cut = text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    shown = "".join(character for character in cut if character == "\n" or character.isprintable())
    shown = shown.translate(_HTML).replace("@", "@\u200b").replace("![", "!\u200b[").replace("](", "]\u200b(")
    return _CLOSES.sub("\\1\u200b\\2", shown).replace("```", "`\u200b``")


def line(text: str, limit: int = 200) -> str:
    """`quote` on one line."""
    return quote(" ".join(text.split()), limit)


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


def _headline(run: Run) -> str:
    match status_of(run):
        case "running":
            return "Working on it"
        case "succeeded":
            return "Done: ready for your review"
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
            return f"Checking the syntax of: {line(work.item.title)}"
        case Recording(subject=subject):
            return f"Committing: {line(subject)}"
        case Opening():
            return "Opening a draft pull request."
        case Judging(head=head):
            return f"Waiting for the checks of `{head[:12]}`."
        case Presenting():
            return "Bringing the pull request up to date."
        case Stopping(reason=reason, detail=detail) | Ended(reason=reason, detail=detail):
            return _ending(reason, detail)
        case _ as unreachable:
            assert_never(unreachable)


def _checklist(run: Run) -> str:
    done = [f"- [x] {line(finished.item.title)}" for finished in _last_tries(run)]
    match run.phase:
        case Working(item=item):
            current = [f"- [ ] **{line(item.title)}**"]
        case Inspecting(work=work):
            current = [f"- [ ] **{line(work.item.title)}**"]
        case _:
            current = []
    pending = [f"- [ ] {line(item.title)}" for item in run.pending_items]
    return "\n".join([*done, *current, *pending])


def _last_tries(run: Run) -> list[FinishedItem]:
    """Each finished item once, as its last try left it."""
    return list({finished.item.key: finished for finished in run.finished_items}.values())


def _bill(run: Run) -> str:
    spent = run.spent
    cost = f"{spent.cost / 1e6:.2f} US dollars" if spent.cost else "no cost"
    tokens = spent.input_tokens + spent.output_tokens
    link = f" · pull request #{run.pull_request.number}" if run.pull_request else ""
    return f"<sub>{cost} · {spent.requests} model requests · {tokens:,} tokens · run `{run.id}`{link}</sub>"


def pull_request_title(run: Run) -> str:
    """The issue's own title; it is what the maintainers will recognise."""
    assert run.frozen is not None
    return line(run.frozen.task.title, 200) or f"Work on issue {run.request.issue}"


def pull_request_body(run: Run) -> str:
    """What was done and why, what was validated by what, what was not, and what it cost."""
    assert run.frozen is not None
    summary = quote(run.plan.summary) if run.plan else ""
    parts = [
        f"Closes #{run.request.issue}",
        summary,
        _section("What was done", _work(run)),
        _section("What the checks said", _checks(run)),
        _section("Not validated", _not_validated(run)),
        _section("Before the change", _before(run)),
        _section("About the issue's text", _cleaning(run.frozen.task.cleaning)),
        _section("How it ended", _end(run)),
        f"<sub>{_account(run)}</sub>",
    ]
    return "\n\n".join(part for part in parts if part)[:MAX_CHARACTERS] + "\n"


def _section(title: str, text: str) -> str:
    return f"#### {title}\n\n{text}" if text else ""


def _work(run: Run) -> str:
    rows: list[str] = []
    for finished in _last_tries(run):
        files = ", ".join(f"`{line(path)}`" for path in finished.paths) or "nothing to change"
        tries = f", {finished.attempt} tries" if finished.attempt > 1 else ""
        rows.append(f"- **{line(finished.item.title)}** ({files}{tries}): {line(finished.summary, 600)}")
    return "\n".join(rows)


def _checks(run: Run) -> str:
    rows = [f"- {line(check.name)}: **{check.conclusion or check.state}**" for check in run.checks]
    head = f"On `{run.code_head}`:" if run.code_head and rows else ""
    return "\n".join([part for part in (head, *rows) if part]) or "No check has finished yet."


def _not_validated(run: Run) -> str:
    rows: list[str] = []
    if run.base_checks is not None and not run.base_checks.ran:
        rows.append(f"- By tests: {line(run.base_checks.note, 500)}.")
    if not run.checks:
        rows.append("- No check of this repository has judged the change.")
    return "\n".join(rows)


def _before(run: Run) -> str:
    base = run.base_checks
    if base is None or not base.failing:
        return ""
    names = "\n".join(f"- `{line(name)}`" for name in base.failing[:20])
    return f"These tests fail on the base branch as well; this change is not blamed for them:\n\n{names}"


def _cleaning(report: CleaningReport) -> str:
    counts = [
        (report.html_comments, "HTML comment(s)"),
        (report.invisible_characters, "invisible character(s)"),
        (report.truncated_characters, "character(s) beyond the limit"),
    ]
    removed = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"Removed before anyone read it: {removed}." if removed else ""


def _end(run: Run) -> str:
    match run.phase:
        case Stopping(reason=reason, detail=detail) | Ended(reason=reason, detail=detail) if reason != "completed":
            return _ending(reason, detail)
        case _:
            return ""


def _ending(reason: StopReason, detail: str) -> str:
    said = line(detail, 1_000)
    return f"{said[:1].upper()}{said[1:]}.\n\n**Next step:** {NEXT_STEP[reason]}"


def _account(run: Run) -> str:
    assert run.frozen is not None
    cost = f"{run.spent.cost / 1e6:.2f} US dollars"
    return (
        f"{cost} · {run.spent.requests} requests to {line(run.frozen.model)} · protocol `{run.frozen.protocol[:12]}` · "
        f"run `{run.id}` · every step on `refs/rmo/runs/{run.id}`"
    )


def config_problem(problem: str) -> str:
    """Said where the repository's configuration can't be used."""
    return f"`.github/fractal-rmo.yml` can't be used, so its defaults hold: {line(problem, 500)}"
