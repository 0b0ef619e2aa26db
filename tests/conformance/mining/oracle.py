"""What the counts have to be, by looking at every task for every context, and units to try it on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import strategies as st

from bot.learning.matching import holds
from bot.model.counts import Counts
from bot.model.evidence import Features, TaskId
from bot.model.ids import ItemKey
from bot.model.pattern import NODE, Context, ContextLiteral, Signature, Unit

START = datetime(2026, 1, 1, tzinfo=UTC)
TREE = {"task": "", "mend": "task", "make": "task", "fix": "mend", "add": "make", "add_method": "add"}
"""Node -> the next broader one."""


def ancestors(node: str) -> tuple[str, ...]:
    above = TREE[node]
    return (above, *ancestors(above)) if above else ()


def unit(
    position: int,
    context: Features,
    signatures: Iterable[Signature] = (),
    *,
    item: str = "1",
    cluster: str = "",
    labeller: str = "someone",
) -> Unit:
    return Unit(
        task=TaskId(f"task-{position}"),
        item=ItemKey(item),
        assigned_at=START + timedelta(hours=position),
        position=position,
        cluster=cluster or f"issue-{position}",
        labeller=labeller,
        context=context,
        signatures=frozenset(signatures),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A count as words and numbers."""

    inside: int
    inside_with: int
    inside_with_anywhere: int


def told(counts: Counts) -> dict[tuple[Context, Signature], Told]:
    rows = zip(counts.context.tolist(), counts.signature.tolist(), counts.inside_with.tolist(),
               counts.inside_with_anywhere.tolist(), strict=True)  # fmt: skip
    return {
        (counts.decoded(context), counts.signatures[signature]): Told(int(counts.inside[context]), inside, anywhere)
        for context, signature, inside, anywhere in rows
    }


def by_hand(units: Sequence[Unit], least: int, tracked: int) -> dict[tuple[Context, Signature], Told]:
    """The same, of signatures that `tracked` tasks have, from the meaning of the words alone."""
    tasks: dict[str, dict[tuple[int, str], list[Unit]]] = defaultdict(lambda: defaultdict(list))
    for each in units:
        tasks[each.cluster][each.position, each.task].append(each)
    speaking = [cluster[min(cluster)] for cluster in tasks.values()]
    signatures = {each for task in speaking for unit in task for each in unit.signatures}
    contexts = {
        tuple(sorted(chosen))
        for each in units
        for size in range(4)
        for chosen in combinations(sorted(_literals(each.context)), size)
        if len({literal.feature for literal in chosen}) == size
    }
    found: dict[tuple[Context, Signature], Told] = {}
    for signature in signatures:
        having = [task for task in speaking if any(signature in unit.signatures for unit in task)]
        if len(having) < tracked:
            continue
        for context in contexts:
            inside = [[unit for unit in task if holds(context, unit.context)] for task in speaking]
            within = sum(any(signature in unit.signatures for unit in task) for task in inside)
            anywhere = sum(any(holds(context, unit.context) for unit in task) for task in having)
            if within >= least:
                found[context, signature] = Told(sum(map(bool, inside)), within, anywhere)
    return found


def _literals(features: Features) -> set[ContextLiteral]:
    found: set[ContextLiteral] = set()
    for feature, value in features.items():
        name = NODE if feature == "ancestors" else feature
        found |= {ContextLiteral(name, each) for each in ((value,) if isinstance(value, str) else value)}
    return found


SIGNATURES = (Signature("category", "syntax"), Signature("rule", "ruff:F821"), Signature("exception", "NameError"))


@st.composite
def worlds(draw: st.DrawFn) -> list[Unit]:
    """Few values, so that units meet; several units of a task, several tasks of an issue, several kinds of files."""
    tasks = draw(st.integers(1, 9))
    units: list[Unit] = []
    for position in range(tasks):
        shared: dict[str, str] = {"model": draw(st.sampled_from(("a", "b"))), "language": draw(st.sampled_from("xy"))}
        cluster = draw(st.sampled_from(("", "", "issue-0", "issue-1")))
        for item in range(draw(st.integers(1, 4))):
            node = draw(st.sampled_from(sorted(TREE)))
            # One that was imported without its tree
            above = draw(st.sampled_from((ancestors(node), ancestors(node), ())))
            kinds = draw(st.sampled_from(("source", ("source", "test"), ("test", "docs", "source"), ())))
            context: Features = {**shared, NODE: node, "ancestors": above, "file_kind": kinds}
            signatures = draw(st.frozensets(st.sampled_from(SIGNATURES)))
            units.append(unit(position, context, signatures, item=str(item), cluster=cluster))
    return units
