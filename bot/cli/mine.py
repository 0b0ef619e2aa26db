"""`rmo mine`: judge what can be judged, look for what stands out, and register the best of it, here and now."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.asking import with_learner
from bot.cli.printing import AsJson, print_json, visible

if TYPE_CHECKING:
    from bot.jobs.learn.gather import Gathered
    from bot.jobs.learn.learner import Learner
    from bot.jobs.learn.mine import Extent, Mined


@dataclass(frozen=True, slots=True)
class _Pass:
    gathered: "Gathered"
    mined: "Mined"


def mine(
    extent: Annotated[
        str, typer.Option(help="frequency: common failures; rules: with contexts; everything: all counted anew.")
    ] = "rules",
    history: Annotated[
        bool, typer.Option("--history", help="Judge what is recorded: its first half suggests, its second is evidence.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for failures that are no chance. Needs neither a model nor GitHub; `rmo serve` does it by itself."""
    wanted = _extent(extent)

    async def work(learner: "Learner") -> _Pass:
        from bot.jobs.learn.gather import gather_evidence
        from bot.jobs.learn.history import mine_history
        from bot.jobs.learn.mine import mine

        if history:
            mined, gathered = await mine_history(learner)
            return _Pass(gathered, mined)
        return _Pass(await gather_evidence(learner), await mine(learner, wanted))

    done = with_learner(work)
    if as_json:
        print_json({"blocks": done.gathered.blocks, "crossed": done.gathered.crossed, **_fields(done.mined)})
        return
    typer.echo(f"{done.mined.units} new units, {done.mined.tasks} tasks, {done.mined.candidates} stand out")
    for pattern in done.gathered.crossed:
        typer.echo(f"{pattern.registration.id} has evidence enough: {visible(pattern.registration.hypothesis.text)}")
    for registration in done.mined.registered:
        typer.echo(f"{registration.id} is registered: {visible(registration.hypothesis.text)}")


def _extent(text: str) -> "Extent":
    from bot.model.errors import NeedsHuman

    match text:
        case "frequency" | "rules" | "everything":
            return text
        case _:
            raise NeedsHuman(f"there is no extent {text!r}; use frequency, rules or everything")


def _fields(mined: "Mined") -> dict[str, object]:
    from dataclasses import fields

    return {each.name: getattr(mined, each.name) for each in fields(mined)}
