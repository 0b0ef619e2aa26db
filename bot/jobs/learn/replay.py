"""Doing an old item again, told something else: the run as its journal has it, up to the first try, and on from there.

Everything is the real thing: the view from the state files, the model, the tools, the validation in the sandbox. Only
nothing is recorded or written to GitHub: the replay ends at the first validation, which is what learning measures.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.failures.evidence import exception_of
from bot.failures.features import closed_rule
from bot.jobs.context import Context
from bot.jobs.perform.environment import prepare_environment
from bot.jobs.perform.model import ask_model
from bot.jobs.perform.tools import use_tools
from bot.jobs.perform.validate import validate_item
from bot.loop import apply, fold, next_step
from bot.model.failure import Failure
from bot.model.ids import ItemKey
from bot.model.journal import Entry
from bot.model.outcome import EnvironmentPrepared, ItemValidated, ModelReplied, Outcome
from bot.model.pattern import Signature
from bot.model.phase import Working
from bot.model.run import Run, RunRequest, Spent
from bot.model.step import AskModel, UseTools, ValidateItem

MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Replayed:
    """How the item fared at its first validation; an item that never came to one has failed."""

    succeeded: bool
    signatures: frozenset[Signature]
    cost_micro_dollars: int


def starting_point(request: RunRequest, entries: Sequence[Entry], wanted: Collection[ItemKey]) -> Run | None:
    """The run as it stood before its first try at one of these planned items; None where it never came to that."""
    run = fold(request, ())
    for entry in entries:
        phase = run.phase
        if isinstance(phase, Working) and phase.item.key in wanted:
            return run
        run = apply(run, entry)
    return None


async def prepare_replay(start: Run, context: Context) -> Run | None:
    """`start` with its dependencies installed here and now; None where that can't be done any more.

    Raises as the GitHub, git and sandbox edges do.
    """
    prepared = await prepare_environment(start, context)
    if not isinstance(prepared, EnvironmentPrepared) or prepared.environment is None:
        return None
    return replace(start, environment=prepared.environment)


async def replay(start: Run, items: tuple[str, ...], context: Context) -> Replayed:
    """Go on from `start`, told `items`, to the first validation. Raises Retryable, Final and NeedsHuman as edges do."""
    assert start.frozen is not None
    began = context.now()
    run = replace(
        start,
        request=replace(start.request, requested_at=began),
        frozen=replace(start.frozen, items=items, protocol=context.catalogue.digest, model=context.model.spec),
        spent=Spent(),
        last_at=began,
        status_due=False,
    )
    for _ in range(MOST_STEPS):
        outcome = await _perform(run, context)
        if outcome is None:
            break
        step = next_step(run)
        assert step is not None
        at = context.now()
        after = apply(run, Entry(run.last_seq + 1, step, outcome, at, at, 0.0))
        if isinstance(outcome, ItemValidated):
            failures = after.failures[len(run.failures) :]
            found = frozenset(each for one in failures for each in signatures_of(one.failure))
            return Replayed(not outcome.failures, found, after.spent.cost)
        run = replace(after, status_due=False)
    failures = run.failures[len(start.failures) :]
    found = frozenset(each for one in failures for each in signatures_of(one.failure))
    return Replayed(succeeded=False, signatures=found, cost_micro_dollars=run.spent.cost)


async def _perform(run: Run, context: Context) -> Outcome | None:
    """The next outcome; None where the run would leave the item, or leave this machine."""
    step = next_step(run)
    match step:
        case AskModel(agent="executor"):
            outcome = await ask_model(step, run, context)
            assert isinstance(outcome, ModelReplied)
            return outcome
        case UseTools():
            return await use_tools(step, run, context)
        case ValidateItem():
            return await validate_item(run, context)
        case _:
            return None


def signatures_of(failure: Failure) -> tuple[Signature, ...]:
    """What `failure` counts as, at every level; as the store has it for a recorded one."""
    found = [Signature("category", failure.category), Signature("fingerprint", failure.fingerprint)]
    if rule := closed_rule(failure.tool, failure.rule):
        found.append(Signature("rule", f"{failure.tool}:{rule}"))
    if exception := exception_of(failure):
        found.append(Signature("exception", exception))
    return tuple(found)
