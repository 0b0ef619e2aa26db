"""What shows that a change helps, and what speaks against it, in words."""

from typing import assert_never

from bot.comments.quoting import line
from bot.model.run import Run
from bot.model.validation import BehaviourKept, CodeUnchanged, Proof, RedBeforeGreen, Unproven


def in_words(proof: Proof | Unproven) -> str:
    """A proof, or why there is none, in one line."""
    match proof:
        case RedBeforeGreen(test=test, base=base, head=head, base_source=before, head_source=after):
            return f"{test} {base} on the base commit ({before}) and {head} on the head ({after})"
        case CodeUnchanged(files=files):
            return f"{files} file(s) of documentation changed and no code: the syntax trees are equal"
        case BehaviourKept(tests=tests):
            return f"all {tests} tests of the base commit ran again with the same outcome"
        case Unproven(reason=reason):
            return f"none: {reason}"
        case _ as unreachable:
            assert_never(unreachable)


def proof_of(run: Run) -> str:
    return f"{line(in_words(run.proof), 500)}." if run.proof is not None else ""


def tampering(run: Run) -> str:
    rows: list[str] = []
    for finding in dict.fromkeys(run.tampering):
        place = f"`{line(finding.path)}`{f', line {finding.line}' if finding.line else ''}"
        kind = "suspicion" if finding.suspicion else "refused"
        rows.append(f"- {place}: {finding.rule} ({kind}): {line(finding.detail, 300)}")
    return "\n".join(rows[:50])


def nobodys_fault(run: Run) -> str:
    """Red tests that say nothing about the change; flaky ones are learned from by nobody."""
    rows = [f"- `{line(test)}` fails on the base branch too" for test in run.pre_existing[:20]]
    rows += [f"- `{line(test)}` is flaky: it failed and passed on this very commit" for test in run.flaky[:20]]
    return "\n".join(rows)


def not_validated(run: Run) -> str:
    rows: list[str] = []
    if run.base_checks is not None and not run.base_checks.ran:
        rows.append(f"- By tests: {line(run.base_checks.note, 500)}.")
    for level in run.levels:
        if level.status == "not run":
            rows.append(f"- Before the push, level {level.level} ({level.name}): {line(level.note, 300)}.")
    rows += [f"- A report that could not be read: {line(each, 300)}." for each in run.unread[:10]]
    if run.frozen is not None and not run.frozen.config.red_before_green:
        rows.append("- By a test that fails without the change: the repository's configuration asks for none.")
    if not run.checks:
        rows.append("- No check of this repository has judged the change.")
    return "\n".join(rows)
