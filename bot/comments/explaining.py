"""What has failed in a run, why, and what was done about it, as `/rmo explain` tells it."""

from bot.comments.proof import nobodys_fault, tampering
from bot.comments.quoting import cell, line, section, whole
from bot.comments.status import last_tries, standing
from bot.model.failure import Failure
from bot.model.run import RecordedFailure, Run

_SHOWN = 15


def explain_text(run: Run) -> str:
    """Failures with their places, what the checks said, what was tried, and where the run stands now."""
    return whole(
        section("Where it stands", standing(run)),
        section("What failed", _failures(run.failures)),
        section("What was done about it", _answers(run)),
        section("Tampering", tampering(run)),
        section("Nobody's fault", nobodys_fault(run)),
    )


def _failures(failures: tuple[RecordedFailure, ...]) -> str:
    if not failures:
        return "Nothing so far."
    left = len(failures) - _SHOWN
    rows = [
        f"| {each.step} | {each.attempt} | {cell(each.action_item)} | {_what(each.failure)} | {_where(each.failure)} |"
        for each in failures[-_SHOWN:]
    ]
    more = [f"{left} earlier one(s) are not shown."] if left > 0 else []
    head = ["| Step | Try | Action | What failed | Where |", "|---:|---:|---|---|---|"]
    return "\n\n".join(["\n".join([*head, *rows]), *more])


def _what(failure: Failure) -> str:
    where = "in CI" if failure.source == "ci" else "before the push"
    rule = f" {cell(failure.rule)}" if failure.rule else ""
    return f"{cell(failure.tool)}{rule} {where}: {cell(failure.message, 300)}"


def _where(failure: Failure) -> str:
    if failure.test:
        return cell(failure.test)
    return f"{cell(failure.path)}{f', line {failure.line}' if failure.line else ''}"


def _answers(run: Run) -> str:
    rows = [f"- {line(note, 400)}" for note in run.notes[-5:]]
    rows += [f"- {line(each.item.title)}: {each.attempt} tries" for each in last_tries(run) if each.attempt > 1]
    if run.stopped_before_push:
        rows.append(f"- {run.stopped_before_push} try or tries were stopped before the push.")
    if len(run.plan_digests) > 1:
        rows.append(f"- {len(run.plan_digests) - 1} plan(s) were given up for another one.")
    return "\n".join(rows)
