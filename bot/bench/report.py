"""What a bench has shown: numbers with their uncertainty, held against targets that were stated beforehand.

Pure. The metrics and their targets are fixed here, before any bench is run: the primary metric is the share of first
attempts with an error of form (syntax, or an answer that can't be read), to be halved; the secondary one is the share
of first attempts with any error, to be a fifth lower. `before` and `after` are the same problems in the same numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.bench.intervals import Bootstrap, Interval, wilson
from bot.bench.measure import Measured, Phase

FORM_TARGET: Final = -0.5
ERROR_TARGET: Final = -0.2

Answer = Literal["go", "no-go", "not enough data"]


@dataclass(frozen=True, slots=True)
class FoundPattern:
    """A registered pattern, and how far its evidence has come."""

    id: str
    kind: str
    text: str
    crossed: bool
    e_value: float
    threshold: float
    tasks: int
    """In its context, that its present evidence is made of."""


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
    registered: Sequence[FoundPattern]
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

    @property
    def patterns(self) -> Sequence[FoundPattern]:
        """Those that reached their threshold."""
        return [each for each in self.registered if each.crossed]


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
