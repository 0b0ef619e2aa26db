"""`rmo bench`: does it learn? The proof of concept as a command that anyone can repeat."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

TASKS = 320
QUICK_TASKS = 160


def bench(
    tasks: Annotated[int | None, typer.Option(help=f"How many; without it {TASKS}, or {QUICK_TASKS} if quick.")] = None,
    seed: Annotated[int, typer.Option(help="Of the simulated coder's draws and of the order of the problems.")] = 0,
    model: Annotated[str | None, typer.Option(help="A real model: anthropic:NAME or openai:NAME.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer tasks, and CI without act.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report to this file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the learning curve to this PNG file.")] = None,
    small_model: Annotated[
        bool, typer.Option("--small-model", help="Instead: a real small model's replies at the gate.")
    ] = False,
) -> None:
    """Let a simulated coder with known habits work on real tasks, and see whether its failures become fewer."""
    from bot.cli.progress import run_to_end
    from bot.config import load_settings

    if small_model:
        from bot.bench.small.experiment import complaint, small_model_bench

        raise typer.Exit(run_to_end(partial(small_model_bench, load_settings(), seed), json_file, complaint))
    from bot.bench.run import Wish, carry_out_bench

    wish = Wish(tasks or (QUICK_TASKS if quick else TASKS), seed, model, not quick, plot)
    raise typer.Exit(run_to_end(partial(carry_out_bench, load_settings(), wish), json_file, _complaint))


def _complaint(report: dict[str, Any]) -> str | None:
    """The questions that were not answered by go."""
    unanswered = [f"{each['text']} {each['answer']}" for each in report["questions"] if each["answer"] != "go"]
    return "; ".join(unanswered) or None
