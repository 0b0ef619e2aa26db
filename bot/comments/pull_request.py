"""The pull request's title and text: what was done and why, what was validated by what, what was not, what it cost."""

from bot.comments.ending import ending
from bot.comments.proof import nobodys_fault, not_validated, proof_of, tampering
from bot.comments.quoting import line, quote, section, whole
from bot.comments.status import dollars, last_tries, moment
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
    return whole(
        f"Closes #{run.request.issue}",
        summary,
        section("What was done", _work(run)),
        section("What reviewers asked for", _reviews(run)),
        section("What the checks said", _checks(run)),
        section("What shows that it helps", proof_of(run)),
        section("Tampering", tampering(run)),
        section("Not validated", not_validated(run)),
        section("Nobody's fault", nobodys_fault(run)),
        section("Before the change", _before(run)),
        section("About the issue's text", _cleaning(run.frozen.task.cleaning)),
        section("How it ended", _end(run)),
        f"<sub>{_account(run)}</sub>",
    )


def _work(run: Run) -> str:
    rows: list[str] = []
    for finished in last_tries(run):
        files = ", ".join(f"`{line(path)}`" for path in finished.paths) or "nothing to change"
        tries = f", {finished.attempt} tries" if finished.attempt > 1 else ""
        rows.append(f"- **{line(finished.item.title)}** ({files}{tries}): {line(finished.summary, 600)}")
    return "\n".join(rows)


def _reviews(run: Run) -> str:
    rows: list[str] = []
    for remark in run.remarks:
        where = f" at `{line(remark.place.path)}`" if remark.place.path else ""
        rows.append(f"- {line(remark.author)}{where}: {'answered' if remark.id in run.answered else 'open'}")
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
        (report.secrets, "credential(s)"),
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
        f"began {moment(run.request.requested_at)}",
        *([f"plan approved by {line(run.approved_by)}"] if run.approved_by else []),
        f"{dollars(run.spent.cost)} US dollars",
        f"{run.spent.requests} requests to {line(run.frozen.model)}",
        f"protocol `{run.frozen.protocol[:12]}`",
        f"run `{run.id}`",
        f"every step on `refs/rmo/runs/{run.id}`",
    ]
    return " · ".join(parts)
