"""Counts are exactly what looking at every task for every context gives, in whatever order and parts units come."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mining.miner import Miner
from bot.mining.once import Effect, Seen, weighted
from bot.model.evidence import Features
from bot.model.pattern import NODE, ContextLiteral, Unit
from tests.conformance.mining.oracle import SIGNATURES, Told, ancestors, by_hand, told, unit, worlds
from tests.sampling import is_full

EXAMPLES = 400 if is_full() else 15


@settings(max_examples=EXAMPLES, deadline=None)
@given(units=worlds(), parts=st.lists(st.integers(0, 2), min_size=40, max_size=40), least=st.integers(1, 4))
def test_counts_are_what_every_task_says(units: list[Unit], parts: list[int], least: int) -> None:
    miner = Miner(None)
    for part in range(3):
        arriving = [unit for place, unit in enumerate(units) if parts[place] == part]
        assert miner.add(arriving) == len(arriving)
        # Counting between the parts must not change what comes out
        miner.count()
    assert miner.add(units) == 0
    counts = miner.counts(least)
    miner.close()
    assert told(counts) == by_hand(units, least, 3)
    assert counts.tasks == len({unit.cluster for unit in units})
    assert counts.inside[0] == counts.tasks


def test_a_task_with_several_units_in_a_context_counts_once() -> None:
    syntax = SIGNATURES[0]
    context: Features = {"model": "a", NODE: "fix", "ancestors": ancestors("fix")}
    other: Features = {"model": "a", NODE: "add", "ancestors": ancestors("add")}
    miner = Miner(None)
    for position in range(4):
        miner.add([unit(position, context, [syntax], item=str(item)) for item in range(3)])
        miner.add([unit(position, other, item="9")])
    found = told(miner.counts())
    model, fix, make = (ContextLiteral(*each) for each in (("model", "a"), (NODE, "fix"), (NODE, "task")))
    assert found[(model,), syntax] == Told(4, 4, 4)
    assert found[(fix, model), syntax] == Told(4, 4, 4)
    assert found[(make,), syntax] == Told(4, 4, 4)
    # The failure was never in the part of the task that is inside
    assert ((ContextLiteral(NODE, "add"),), syntax) not in found


def test_a_task_of_one_place_is_one_row() -> None:
    units = [Seen(((1, 2),), frozenset({5})), Seen(((1, 2),), frozenset({6}))]
    everything = frozenset({0, 5, 6})
    assert weighted(units) == {((1, 2), Effect(everything, everything)): 1}


def test_the_first_task_of_an_issue_speaks_for_it_even_if_it_comes_late() -> None:
    syntax, rule, _ = SIGNATURES
    miner = Miner(None)
    for issue in range(3):
        later = unit(issue + 10, {"model": "b"}, [rule], cluster=f"issue-{issue}", labeller="second")
        miner.add([later])
    assert ((ContextLiteral("model", "b"),), rule) in told(miner.counts())
    for issue in range(3):
        miner.add([unit(issue, {"model": "a"}, [syntax], cluster=f"issue-{issue}", labeller="first")])
    counts = miner.counts(1)
    assert set(told(counts)) == {((), syntax), ((ContextLiteral("model", "a"),), syntax)}
    assert counts.tasks == 3


def test_a_signature_that_few_tasks_have_is_counted_when_it_has_come_often_enough() -> None:
    syntax = SIGNATURES[0]
    miner = Miner(None)
    miner.add([unit(position, {"model": "a"}, [syntax]) for position in range(2)])
    assert told(miner.counts(1)) == {}
    miner.add([unit(2, {"model": "b"}, [syntax])])
    found = told(miner.counts(1))
    assert found[(ContextLiteral("model", "a"),), syntax] == Told(2, 2, 2)
    assert found[(ContextLiteral("model", "b"),), syntax] == Told(1, 1, 1)


def test_a_level_that_always_comes_with_a_narrower_one_is_broader() -> None:
    syntax, rule, exception = SIGNATURES
    miner = Miner(None)
    miner.add([unit(position, {"model": "a"}, [syntax, rule]) for position in range(3)])
    miner.add([unit(position, {"model": "a"}, [syntax, exception] * (position % 2)) for position in range(3, 6)])
    counts = miner.counts()
    broader = dict(zip(counts.signatures, counts.broader, strict=True))
    place = counts.signatures.index(syntax)
    assert broader == {syntax: frozenset(), rule: frozenset({place}), exception: frozenset({place})}
