"""What every command prints alike: tables on a terminal, lines with tabs elsewhere, JSON where it was asked for.

Whatever is printed may hold a stranger's text, and nothing of such a text may act on the terminal.
"""

import json
from collections.abc import Sequence
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def visible(text: object) -> str:
    """A hostile text for a terminal: nothing in it can act on the terminal or hide from the reader."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in str(text))


def print_json(value: object) -> None:
    from bot.model.codec import encode, finite

    typer.echo(json.dumps(finite(encode(value)), indent=2))


def print_table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on a terminal, else one line a row with tabs between."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        for row in rows:
            typer.echo("\t".join(map(visible, row)))
        return
    table = Table(*titles)
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    console.print(table)


def print_facts(facts: Sequence[tuple[str, object]]) -> None:
    """One `name: value` a line."""
    for name, value in facts:
        typer.echo(f"{name}: {visible('' if value is None else value)}")
