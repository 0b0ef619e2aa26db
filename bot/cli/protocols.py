"""`rmo protocols`: the items that agents are told, how each of them does, and a person's word about them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.asking import OPERATOR, Actor, Note, remark_of, with_learner
from bot.cli.printing import AsJson, print_facts, print_json, print_table, visible

if TYPE_CHECKING:
    from bot.jobs.learn.learner import Learner
    from bot.jobs.learn.overrides import Said
    from bot.jobs.learn.showing import ItemLine, ItemSummary

protocols = typer.Typer(no_args_is_help=True, help="What agents are told, how it does, and a person's word about it.")

Item = Annotated[str, typer.Argument(help="Id of an item, as `list` shows it.")]


@protocols.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the items of the checklists with what is in force for each."""
    from bot.jobs.learn.showing import read_items

    async def read(learner: "Learner") -> "tuple[ItemLine, ...]":
        return await learner.database.transact(read_items, learner.catalogue)

    found = with_learner(read)
    if as_json:
        print_json(found)
        return
    titles = ("item", "kind", "state", "since", "for", "evidence", "last")
    print_table(titles, [_line(each) for each in found])


@protocols.command("show")
def show_command(item: Item, as_json: AsJson = False) -> None:
    """Show one item with everything that was decided about it, and what the numbers say now."""
    from bot.jobs.learn.showing import read_item

    async def read(learner: "Learner") -> "ItemSummary | None":
        return await learner.database.transact(read_item, learner.catalogue, learner.policy, item, learner.now())

    found = with_learner(read)
    if found is None:
        sys.stderr.write(f"rmo: there is no item {visible(item)!r}; `rmo protocols list` shows which there are\n")
        raise typer.Exit(1)
    print_json(found) if as_json else _print_item(found)


@protocols.command("add")
def add_command(item: Item, note: Note = "", actor: Actor = OPERATOR) -> None:
    """Tell every new run an item of the checklists, whatever its numbers say."""
    _say(item, "add", note, actor)


@protocols.command("pin")
def pin_command(item: Item, note: Note = "", actor: Actor = OPERATOR) -> None:
    """Keep an item as it is: no decision changes it."""
    _say(item, "pin", note, actor)


@protocols.command("unpin")
def unpin_command(item: Item, note: Note = "", actor: Actor = OPERATOR) -> None:
    """Let decisions change an item again."""
    _say(item, "unpin", note, actor)


@protocols.command("ban")
def ban_command(item: Item, note: Note = "", actor: Actor = OPERATOR) -> None:
    """Retire an item, and never propose it again."""
    _say(item, "ban", note, actor)


@protocols.command("unban")
def unban_command(item: Item, note: Note = "", actor: Actor = OPERATOR) -> None:
    """Allow an item to be proposed again."""
    _say(item, "unban", note, actor)


@protocols.command("retire")
def retire_command(item: Item, note: Note = "", actor: Actor = OPERATOR) -> None:
    """Tell no new run an item any more."""
    _say(item, "retire", note, actor)


@protocols.command("purge")
def purge_command(
    by: Annotated[str | None, typer.Option("--actor", help="Tasks that this person labelled.")] = None,
    run: Annotated[str | None, typer.Option(help="The task of this run.")] = None,
    since: Annotated[str | None, typer.Option(help="Tasks from this day or moment on (2026-01-31, UTC).")] = None,
    note: Note = "",
    said_by: Annotated[str, typer.Option("--by", help="Who says so.")] = OPERATOR,
) -> None:
    """Learn nothing from some tasks any more: counts and evidence are made anew without them. Failures stay."""
    from bot.jobs.learn.overrides import purge
    from bot.model.errors import NeedsHuman
    from bot.model.ids import RunId
    from bot.store.failure_filter import read_moment

    if sum(given is not None for given in (by, run, since)) != 1:
        raise NeedsHuman("say whose tasks are meant: exactly one of --actor, --run and --since")
    moment = None if since is None else read_moment("since", since)
    purged = with_learner(
        lambda learner: purge(
            learner, remark_of(said_by, note), actor=by, run=None if run is None else RunId(run), since=moment
        )
    )
    typer.echo(f"nothing is learned from {purged.tasks} more tasks; {purged.patterns} patterns are judged anew")


@protocols.command("lint")
def lint_command(
    path: Annotated[Path | None, typer.Argument(help="Directory with `actions/` and `protocols/`.")] = None,
    base: Annotated[str | None, typer.Option(help="Judge the change since this commit too.")] = None,
) -> None:
    """Hold every checklist, remedy and example to its rules, and a change to what a reviewer can see through."""
    import asyncio

    from bot.catalog import find_data
    from bot.local.lint import lint_work_tree

    findings = asyncio.run(lint_work_tree(path or find_data("protocols").parent, base))
    for each in findings:
        typer.echo(f"{each.path}: {each.rule}: {each.message}")
    if findings:
        raise typer.Exit(1)
    typer.echo("the protocols are in order")


@protocols.command("compatibility")
def compatibility_command(as_json: AsJson = False) -> None:
    """Show which agents understand which form of the checklists."""
    from bot.catalog import find_data
    from bot.catalog.compatibility import load_compatibility

    table = load_compatibility(find_data("protocols").parent)
    if as_json:
        print_json(table)
        return
    rows = [
        (
            each.agent,
            each.version,
            "this program" if each.current else "",
            ", ".join(map(str, each.schemas)),
            each.reads,
        )
        for each in table.agents
    ]
    print_table(("agent", "version", "", "schemas", "reads"), rows)
    print_table(("checklist", "schema"), list(table.checklists.items()))


@protocols.command("replay")
def replay_command(
    item: Item,
    approve: Annotated[float, typer.Option(help="US dollars that its replays may cost.", min=0.01, max=100_000)],
    note: Note = "",
    actor: Actor = OPERATOR,
) -> None:
    """Let an item be promoted by replays of old tasks alone, for at most this much money."""
    from bot.jobs.learn.overrides import approve_replays

    event = with_learner(
        lambda learner: approve_replays(learner, item, round(approve * 1_000_000), remark_of(actor, note))
    )
    typer.echo(f"{visible(item)}: {visible(event.detail)}")


def _say(item: str, verb: "Said", note: str, actor: str) -> None:
    from bot.jobs.learn.overrides import say

    event = with_learner(lambda learner: say(learner, item, verb, remark_of(actor, note)))
    typer.echo(f"{visible(item)} is {event.state} ({verb})")


def _line(each: "ItemLine") -> tuple[object, ...]:
    standing = each.standing
    marks = [name for name, holds in (("pinned", standing.pinned), ("banned", standing.banned)) if holds]
    state = " ".join([standing.state + (f" ({standing.route})" if standing.route else ""), *marks])
    since = f"{standing.since:%Y-%m-%d}" if each.last else ""
    happened = f"{each.last.kind}: {each.last.detail}" if each.last else ""
    return each.item.id, each.item.kind, state, since, ", ".join(each.item.actions), each.item.evidence, happened


def _print_item(found: "ItemSummary") -> None:
    item, standing = found.item, found.standing
    facts: list[tuple[str, object]] = [("item", standing.item), ("state", standing.state)]
    if item is not None:
        when = " and ".join(f"{name}={value}" for name, value in item.when.items())
        facts += [
            *(("kind", item.kind), ("for", ", ".join(item.actions)), ("when", when), ("file", item.path)),
            *(("against", ", ".join(item.targets)), ("evidence", item.evidence)),
        ]
    if standing.pinned or standing.banned:
        facts.append(("a person's word", "pinned" if standing.pinned else "banned"))
    if found.decision is not None:
        facts.append(("now", f"{found.decision.kind}: {found.decision.reason}"))
        if found.decision.more_tasks is not None:
            facts.append(("needed", f"about {found.decision.more_tasks} more tasks"))
    if found.late is not None:
        facts.append(("people", found.late.said))
    if found.pairs:
        cost = sum(pair.cost_micro_dollars for pair in found.pairs) / 1_000_000
        facts.append(("replays", f"{len(found.pairs)} for {cost:.2f} US dollars"))
    print_facts(facts)
    if item is not None:
        typer.echo("text:")
        for line in item.text.split("\n"):
            typer.echo(f"  {visible(line)}")
    for event in found.events:
        numbers = ", ".join(f"{name} {value:.3g}" for name, value in event.numbers.items())
        typer.echo(
            f"{event.at:%Y-%m-%d %H:%M}  {event.kind} by {visible(event.actor)}: {visible(event.detail)}  {numbers}"
        )
