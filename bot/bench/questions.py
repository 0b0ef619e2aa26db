"""The four questions that a bench answers by go or no-go, by limits that were stated beforehand; and the whole as JSON.

Pure.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.bench.report import Answer, Comparison, Facts, Means, all_errors, form_errors, means

COST_LIMIT: Final = 1.1
"""A completed task may cost this many times what it cost before."""
SECONDS_LIMIT: Final = 30.0
"""Of the whole program's own work for a task; what a model takes to think comes on top."""
LEAST_TASKS: Final = 10
LEAST_PATTERNS: Final = 5


@dataclass(frozen=True, slots=True)
class Question:
    """One of the four."""

    text: str
    answer: Answer
    because: str


def questions(facts: Facts) -> tuple[Question, ...]:
    """The go/no-go table."""
    return (_emerged(facts), _helped(facts), _manageable(facts), _maintainable(facts))


def _emerged(facts: Facts) -> Question:
    completed = sum(task.completed for task in facts.tasks)
    enough = len(facts.patterns) >= LEAST_PATTERNS and completed >= LEAST_TASKS
    because = (
        f"{len(facts.patterns)} patterns reached their threshold (wanted: {LEAST_PATTERNS}), of "
        f"{len(facts.registered)} registered; {completed} tasks completed (wanted: {LEAST_TASKS})"
    )
    return Question("Did patterns emerge?", "go" if enough else "no-go", because)


def _helped(facts: Facts) -> Question:
    both = (form_errors(facts), all_errors(facts))
    answers = {each.answer for each in both}
    answer: Answer = "not enough data" if "not enough data" in answers else "go" if answers == {"go"} else "no-go"
    return Question("Did learning help?", answer, "; ".join(_told(each) for each in both))


def _told(comparison: Comparison) -> str:
    if comparison.change is None:
        return f"{comparison.name}: nothing to compare"
    change = comparison.change
    return (
        f"{comparison.name}: {change.estimate:+.0%} ({change.low:+.0%} to {change.high:+.0%}; "
        f"target {comparison.target:+.0%})"
    )


def _manageable(facts: Facts) -> Question:
    before, after = means(facts, "before"), means(facts, "after")
    text = "Is the cost manageable?"
    if before is None or after is None or before.cost_of_completed is None or after.cost_of_completed is None:
        return Question(text, "not enough data", "no completed tasks to compare")
    ratio = after.cost_of_completed / before.cost_of_completed if before.cost_of_completed else 1.0
    fine = ratio <= COST_LIMIT and after.seconds <= SECONDS_LIMIT
    because = (
        f"a completed task costs {after.cost_of_completed / 1e6:.4f} US dollars against "
        f"{before.cost_of_completed / 1e6:.4f} before ({ratio - 1:+.0%}, limit {COST_LIMIT - 1:+.0%}); "
        f"its steps take {after.seconds:.1f} s (limit {SECONDS_LIMIT:.0f})"
    )
    return Question(text, "go" if fine else "no-go", because)


def _maintainable(facts: Facts) -> Question:
    """Few items, each with its numbers, within a prompt's budget; and nothing that ended by the program's fault."""
    broken = sum(task.outcome in ("failed", "refused") for task in facts.tasks)
    tokens = sum(item.tokens for item in facts.items if item.state in ("production", "staged"))
    silent = [item.id for item in facts.items if not item.story]
    text = "Is the system maintainable?"
    fine = not broken and not silent and tokens <= facts.token_budget and not facts.refused_changes
    because = (
        f"{facts.merged} protocol pull requests merged, {len(facts.items)} learned items, {len(silent)} of them "
        f"without a decision; {tokens} of {facts.token_budget} tokens of a prompt; {broken} runs ended by an error of "
        f"the program; {len(facts.refused_changes)} rounds of learning could not do all they wanted"
    )
    return Question(text, "go" if fine else "no-go", because)


def as_json(facts: Facts) -> Mapping[str, Any]:
    """The report as JSON values, every single task included."""
    both = (form_errors(facts), all_errors(facts))
    return {
        "model": facts.model,
        "seed": facts.seed,
        "simulated": list(facts.simulated),
        "real": list(facts.real),
        "metrics": [{**asdict(each), "answer": each.answer} for each in both],
        "phases": {phase: _dict(means(facts, phase)) for phase in ("before", "learning", "after")},
        "questions": [asdict(each) for each in questions(facts)],
        "registered": [asdict(each) for each in facts.registered],
        "items": [asdict(each) for each in facts.items],
        "protocol_pull_requests_merged": facts.merged,
        "learning_problems": list(facts.refused_changes),
        "replay_pairs": facts.replay_pairs,
        "promotions": [list(each) for each in facts.promotions],
        "wall_seconds": facts.wall_seconds,
        "outcomes": dict(Counter(task.outcome for task in facts.tasks)),
        "tasks": [{**asdict(task), "first_attempt": sorted(task.first_attempt)} for task in facts.tasks],
    }


def _dict(value: Means | None) -> dict[str, Any] | None:
    return None if value is None else asdict(value)
