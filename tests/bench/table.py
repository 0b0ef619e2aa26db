"""Tables of distributions."""

import statistics
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table


def show(title: str, rows: Sequence[tuple[str, Sequence[float], str]]) -> None:
    """(name, measurements in seconds, what is wanted) a row."""
    table = Table("what", "n", "min", "median", "max", "wanted", title=title, title_justify="left")
    for name, seconds, wanted in rows:
        numbers = (min(seconds), statistics.median(seconds), max(seconds))
        table.add_row(name, str(len(seconds)), *(f"{number:.3f} s" for number in numbers), wanted)
    Console().print(table)


def show_facts(title: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """(name, what was measured, what is wanted) a row."""
    table = Table("what", "measured", "wanted", title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
