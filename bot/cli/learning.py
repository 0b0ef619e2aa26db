"""`rmo learning`: switch learning off and on, or begin anew. Failures are never deleted by it."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.asking import OPERATOR, Actor, Note, ask, remark_of, with_learner
from bot.cli.printing import AsJson, print_facts, print_json

if TYPE_CHECKING:
    from bot.jobs.learn.learner import Learner
    from bot.jobs.learn.status import LearningStatus

learning = typer.Typer(no_args_is_help=True, help="Switch learning off and on, or begin anew.")


@learning.command("status")
def status_command(as_json: AsJson = False) -> None:
    """Show whether anything is learned, what it is worth, and which patterns wait for what."""
    from bot.jobs.learn.status import read_status

    async def read(learner: "Learner") -> "LearningStatus":
        return await learner.database.transact(read_status, learner)

    status = with_learner(read)
    if as_json:
        print_json(status)
        return
    state = status.state
    said = state.last
    print_facts(
        [
            ("learning", "on" if state.on else "off"),
            ("from tasks since", f"{state.reset_at:%Y-%m-%d %H:%M}" if state.reset_at else "the first one"),
            ("excluded tasks", state.excluded),
            ("last word", said and f"{said.act} by {said.remark.actor} at {said.remark.at:%Y-%m-%d %H:%M}"),
            ("why", said and said.remark.note),
            ("worth", status.worth),
            ("people", status.late.said),
            *(("people", f"{trial.item}: {trial.late.said}") for trial in status.trials if trial.late is not None),
            *(("waits", f"{pattern}: {reason}") for pattern, reason in status.waiting),
            *(("passed over", f"{item}: {why}") for item, why in status.contradictions),
        ]
    )


@learning.command("off")
def off_command(note: Note = "", actor: Actor = OPERATOR) -> None:
    """Mine, propose and decide nothing until it is switched on; items in force stay so."""
    _switch("off", note, actor)


@learning.command("on")
def on_command(note: Note = "", actor: Actor = OPERATOR) -> None:
    """Learn again."""
    _switch("on", note, actor)


@learning.command("reset")
def reset_command(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")] = False,
    note: Note = "",
    actor: Actor = OPERATOR,
) -> None:
    """Give up every pattern and learn from later tasks only. Failures stay; so do items and open pull requests."""
    from bot.jobs.learn.overrides import reset

    if not yes and not _is_meant():
        sys.stderr.write("rmo: nothing was changed; `rmo learning reset --yes` begins anew\n")
        raise typer.Exit(1)
    with_learner(lambda learner: reset(learner, remark_of(actor, note)))
    typer.echo("learning begins anew; nothing that failed so far is deleted")


def _is_meant() -> bool:
    return sys.stdin.isatty() and typer.confirm("Give up every pattern and learn from later tasks only?")


def _switch(act: str, note: str, actor: str) -> None:
    from bot.store.learning_state import LearningEvent, write_learning_event

    event = LearningEvent("on" if act == "on" else "off", remark_of(actor, note))
    ask(lambda connection: write_learning_event(connection, event))
    typer.echo(f"learning is {act}")
