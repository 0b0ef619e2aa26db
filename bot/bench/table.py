"""The report on the terminal: tables, and in plain words what of it was simulated."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.bench.intervals import Interval
from bot.bench.report import Comparison, Facts, all_errors, form_errors, means, questions


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
    table = Table(
        *("phase", "tasks", "completed", "tries", "tokens", "US dollars a completed task", "seconds a task"),
        title=f"Cost; {facts.wall_seconds:.0f} s for {len(facts.tasks)} tasks and {facts.replay_pairs} replayed pairs",
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
    table = Table("pattern", "what", "e-value", "threshold", title="Patterns found", title_justify="left")
    for each in facts.patterns:
        table.add_row(each.id, each.text, f"{each.e_value:.3g}", f"{each.threshold:.3g}")
    return table


def _items(facts: Facts) -> Table:
    table = Table("item", "kind", "state", "tokens", "why", title="Learned items", title_justify="left")
    for each in facts.items:
        table.add_row(each.id, each.kind, each.state, str(each.tokens), each.story[-1] if each.story else "")
    return table


def _questions(facts: Facts) -> Table:
    table = Table("question", "answer", "because", title="Go or no-go", title_justify="left")
    for each in questions(facts):
        table.add_row(each.text, each.answer, each.because)
    return table


def _share(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.estimate:.0%} ({interval.low:.0%} to {interval.high:.0%})"


def _change(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.estimate:+.0%} ({interval.low:+.0%} to {interval.high:+.0%})"
