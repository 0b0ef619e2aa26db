"""What a bench has shown: numbers with their uncertainty, targets that were stated beforehand, and four questions.

Pure. The metrics and their targets are fixed here, before any bench is run: the primary metric is the share of first
attempts with an error of form (syntax, or an answer that can't be read), to be halved; the secondary one is the share
of first attempts with any error, to be a fifth lower. `before` and `after` are the same problems in the same numbers.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from bot.bench.intervals import Bootstrap, Interval, wilson
from bot.bench.measure import Measured, Phase

FORM_TARGET: Final = -0.5
ERROR_TARGET: Final = -0.2
COST_LIMIT: Final = 1.1
"""A completed task may cost this many times what it cost before."""
SECONDS_LIMIT: Final = 30.0
"""Of the whole program's own work for a task; what a model takes to think comes on top."""
LEAST_TASKS: Final = 10
LEAST_PATTERNS: Final = 5

Answer = Literal["go", "no-go", "not enough data"]


@dataclass(frozen=True, slots=True)
class FoundPattern:
    """A pattern that crossed its threshold."""

    id: str
    text: str
    e_value: float
    threshold: float


@dataclass(frozen=True, slots=True)
class TriedItem:
    """A learned item, and what became of it."""

    id: str
    kind: str
    pattern: str
    state: str
    tokens: int
    """About, of what a prompt gets longer by; 0 for a check."""
    story: tuple[str, ...]
    """Its decisions, each with its numbers."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a bench leaves."""

    model: str
    seed: int
    tasks: Sequence[Measured]
    registered: int
    patterns: Sequence[FoundPattern]
    items: Sequence[TriedItem]
    merged: int
    """Protocol pull requests."""
    refused_changes: Sequence[str]
    """Rounds of learning that could not do something, and why."""
    token_budget: int
    """Of learned and other items in one prompt."""
    wall_seconds: float
    replay_pairs: int
    promotions: Sequence[tuple[int, str]]
    """Number of the first task after an item was promoted, and the item."""
    simulated: Sequence[str]
    real: Sequence[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric, before and after, and beside it the tasks of the same time that were told no learned item."""

    name: str
    target: float
    before: Interval | None
    after: Interval | None
    baseline: Interval | None
    change: Interval | None
    """Relative: -0.5 is half of it."""
    against_baseline: Interval | None
    """The same, against the tasks of the same time."""

    @property
    def answer(self) -> Answer:
        """Met where the estimate reaches the target and the interval leaves no change out."""
        if self.change is None:
            return "not enough data"
        return "go" if self.change.estimate <= self.target and self.change.high < 0 else "no-go"


@dataclass(frozen=True, slots=True)
class Question:
    """One of the four."""

    text: str
    answer: Answer
    because: str


def form_errors(facts: Facts) -> Comparison:
    """The primary metric."""
    return compare("first attempts with an error of form", facts, lambda task: task.has_form_error, FORM_TARGET)


def all_errors(facts: Facts) -> Comparison:
    """The secondary metric."""
    return compare("first attempts with any error", facts, lambda task: task.has_error, ERROR_TARGET)


def compare(name: str, facts: Facts, is_bad: Callable[[Measured], bool], target: float) -> Comparison:
    """`is_bad` over the phases; whole problems are drawn for the intervals of the changes."""
    problems = sorted({task.problem for task in facts.tasks})
    clusters = [[task for task in facts.tasks if task.problem == problem] for problem in problems]
    bootstrap = Bootstrap(clusters, facts.seed)

    def share(group: Callable[[Measured], bool]) -> Callable[[Sequence[Sequence[Measured]]], float | None]:
        def of(drawn: Sequence[Sequence[Measured]]) -> float | None:
            chosen = [is_bad(task) for cluster in drawn for task in cluster if group(task)]
            return sum(chosen) / len(chosen) if chosen else None

        return of

    def change(new: Callable[[Measured], bool], old: Callable[[Measured], bool]) -> Interval | None:
        def relative(drawn: Sequence[Sequence[Measured]]) -> float | None:
            now, then = share(new)(drawn), share(old)(drawn)
            return None if now is None or not then else now / then - 1

        return bootstrap.interval(relative) if clusters else None

    def rate(group: Callable[[Measured], bool]) -> Interval | None:
        chosen = [is_bad(task) for task in facts.tasks if group(task)]
        return wilson(sum(chosen), len(chosen))

    return Comparison(
        name=name,
        target=target,
        before=rate(_before),
        after=rate(_after),
        baseline=rate(_without),
        change=change(_after, _before),
        against_baseline=change(_after, _without),
    )


def _before(task: Measured) -> bool:
    return task.phase == "before"


def _after(task: Measured) -> bool:
    return task.phase == "after" and not task.is_baseline


def _without(task: Measured) -> bool:
    """Of the same time as `after`, told no learned item."""
    return task.phase == "after" and task.is_baseline


@dataclass(frozen=True, slots=True)
class Means:
    """What a task took, on average."""

    tasks: int
    completed: int
    cost_of_completed: float | None
    """Micro dollars spent on all tasks, for each completed one."""
    tokens: float
    seconds: float
    attempts: float


def means(facts: Facts, phase: Phase) -> Means | None:
    """Of all tasks of a phase, its baseline left aside; None where there is none."""
    tasks = [task for task in facts.tasks if task.phase == phase and not task.is_baseline]
    if not tasks:
        return None
    completed = sum(task.completed for task in tasks)
    return Means(
        tasks=len(tasks),
        completed=completed,
        cost_of_completed=sum(task.cost for task in tasks) / completed if completed else None,
        tokens=sum(task.tokens for task in tasks) / len(tasks),
        seconds=sum(task.seconds for task in tasks) / len(tasks),
        attempts=sum(task.attempts for task in tasks) / len(tasks),
    )


def questions(facts: Facts) -> tuple[Question, ...]:
    """The go/no-go table."""
    return (_emerged(facts), _helped(facts), _manageable(facts), _maintainable(facts))


def _emerged(facts: Facts) -> Question:
    completed = sum(task.completed for task in facts.tasks)
    enough = len(facts.patterns) >= LEAST_PATTERNS and completed >= LEAST_TASKS
    because = (
        f"{len(facts.patterns)} patterns reached their threshold (wanted: {LEAST_PATTERNS}), of {facts.registered} "
        f"registered; {completed} tasks completed (wanted: {LEAST_TASKS})"
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


def curve(facts: Facts, is_bad: Callable[[Measured], bool], width: int) -> tuple[tuple[int, Interval], ...]:
    """Share of first attempts that are bad, over whole windows of tasks in the order of filing, baseline left out.

    Each point is at the last task of its window.
    """
    tasks = sorted((task for task in facts.tasks if not task.is_baseline), key=lambda task: task.number)
    points: list[tuple[int, Interval]] = []
    for first in range(0, len(tasks) - width + 1, width):
        window = tasks[first : first + width]
        rate = wilson(sum(map(is_bad, window)), width)
        assert rate is not None
        points.append((window[-1].number, rate))
    return tuple(points)


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
        "registered": facts.registered,
        "patterns": [asdict(each) for each in facts.patterns],
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
