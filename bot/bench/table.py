"""The report on the terminal: tables, and in plain words what of it was simulated."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.bench.intervals import Interval
from bot.bench.questions import questions
from bot.bench.report import Comparison, Facts, all_errors, form_errors, means


def tables(facts: Facts) -> RenderableType:
    """Everything, the answers last."""
    return Group(
        _said("Simulated: ", facts.simulated),
        _said("Real: ", facts.real),
        _metrics((form_errors(facts), all_errors(facts))),
        _phases(facts),
        _patterns(facts),
        _items(facts),
        _questions(facts),
    )


def show(facts: Facts) -> None:
    """Print it."""
    Console().print(tables(facts))


def _said(what: str, lines: Sequence[str]) -> Text:
    return Text.assemble((what, "bold"), "; ".join(lines))


def _metrics(comparisons: Sequence[Comparison]) -> Table:
    table = Table(
        *("", "before", "after", "same time, no learned item", "change", "against same time", "target", ""),
        title="What was to be shown (intervals of 95 %)",
        title_justify="left",
    )
    for each in comparisons:
        table.add_row(
            each.name,
            _share(each.before),
            _share(each.after),
            _share(each.baseline),
            _change(each.change),
            _change(each.against_baseline),
            f"{each.target:+.0%}",
            each.answer,
        )
    return table


def _phases(facts: Facts) -> Table:
    each = facts.wall_seconds / len(facts.tasks) if facts.tasks else 0.0
    work = f"{len(facts.tasks)} tasks and {facts.replay_pairs} replayed pairs"
    table = Table(
        *("phase", "tasks", "completed", "tries", "tokens", "US dollars a completed task", "seconds of its steps"),
        title=f"Cost; {facts.wall_seconds:.0f} s for {work}: {each:.1f} s a task with everything",
        title_justify="left",
    )
    for phase in ("before", "learning", "after"):
        found = means(facts, phase)
        if found is not None:
            cost = "-" if found.cost_of_completed is None else f"{found.cost_of_completed / 1e6:.4f}"
            numbers = (f"{found.attempts:.2f}", f"{found.tokens:.0f}", cost, f"{found.seconds:.1f}")
            table.add_row(phase, str(found.tasks), str(found.completed), *numbers)
    return table


def _patterns(facts: Facts) -> Table:
    table = Table(
        *("pattern", "what", "tasks", "e-value", "threshold", ""),
        title="Patterns that were registered",
        title_justify="left",
    )
    for each in sorted(facts.registered, key=lambda each: -each.crossed):
        numbers = (str(each.tasks), f"{each.e_value:.3g}", f"{each.threshold:.3g}")
        table.add_row(each.id, each.text, *numbers, "found" if each.crossed else "not enough yet")
    return table


def _items(facts: Facts) -> Text:
    """One item a paragraph: their reasons are long."""
    said = Text.assemble(("Learned items", "italic"), "\n")
    for each in facts.items:
        said.append(f"{each.id} ({each.kind}, {each.tokens} tokens): {each.state}\n", "bold")
        for line in each.story:
            said.append(f"  {line}\n")
    return said


def _questions(facts: Facts) -> Table:
    table = Table("question", "answer", "because", title="Go or no-go", title_justify="left")
    for each in questions(facts):
        table.add_row(each.text, each.answer, each.because)
    return table


def _share(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.estimate:.0%} ({interval.low:.0%} to {interval.high:.0%})"


def _change(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.estimate:+.0%} ({interval.low:+.0%} to {interval.high:+.0%})"
