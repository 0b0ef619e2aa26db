"""The pull request's title and text: what was done and why, what was validated by what, what was not, what it cost."""

from bot.comments.ending import ending
from bot.comments.proof import nobodys_fault, not_validated, proof_of, tampering
from bot.comments.quoting import MAX_CHARACTERS, line, quote
from bot.comments.status import last_tries
from bot.model.phase import Ended, Stopping
from bot.model.run import Run
from bot.model.task import CleaningReport


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
        _section("What shows that it helps", proof_of(run)),
        _section("Tampering", tampering(run)),
        _section("Not validated", not_validated(run)),
        _section("Nobody's fault", nobodys_fault(run)),
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
    for finished in last_tries(run):
        files = ", ".join(f"`{line(path)}`" for path in finished.paths) or "nothing to change"
        tries = f", {finished.attempt} tries" if finished.attempt > 1 else ""
        rows.append(f"- **{line(finished.item.title)}** ({files}{tries}): {line(finished.summary, 600)}")
    return "\n".join(rows)


def _checks(run: Run) -> str:
    rows = [f"- {line(check.name)}: **{check.conclusion or check.state}**" for check in run.checks]
    head = f"On `{run.code_head}`:" if run.code_head and rows else ""
    return "\n".join([part for part in (head, *rows) if part]) or "No check has finished yet."


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
            return ending(reason, detail)
        case _:
            return ""


def _account(run: Run) -> str:
    assert run.frozen is not None
    parts = [
        *([f"{run.stopped_before_push} round trip(s) to CI saved"] if run.stopped_before_push else []),
        f"{run.spent.cost / 1e6:.2f} US dollars",
        f"{run.spent.requests} requests to {line(run.frozen.model)}",
        f"protocol `{run.frozen.protocol[:12]}`",
        f"run `{run.id}`",
        f"every step on `refs/rmo/runs/{run.id}`",
    ]
    return " · ".join(parts)
