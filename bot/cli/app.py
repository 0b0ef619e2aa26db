"""All commands under one name."""

import typer

from bot import __version__
from bot.cli.bench import bench
from bot.cli.demo import demo
from bot.cli.doctor import doctor
from bot.cli.failures import failures
from bot.cli.learning import learning
from bot.cli.mine import mine
from bot.cli.patterns import patterns
from bot.cli.protocols import protocols
from bot.cli.run import run
from bot.cli.schema import schema
from bot.cli.serve import serve
from bot.cli.setup import setup
from bot.cli.validate import validate

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Labelled issues become validated pull requests.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Labelled issues become validated pull requests."""


app.command()(demo)
app.command()(run)
app.command()(setup)
app.command()(doctor)
app.command()(serve)
app.command()(schema)
app.command()(validate)
app.command()(mine)
app.command()(bench)
app.add_typer(failures, name="failures")
app.add_typer(patterns, name="patterns")
app.add_typer(protocols, name="protocols")
app.add_typer(learning, name="learning")
