"""Which blocks count, and when: whole, ended, and nothing before them still open, in whichever stratum."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.model.pattern import Table
from bot.model.rollout import ArmCounts, TrialTask
from bot.rollout.trial import closed_blocks, statistics, tables
from tests.unit.rollout.streams import blocks, task


def test_a_block_counts_when_all_its_tasks_have_ended() -> None:
    assert [block.number for block in closed_blocks(blocks("ss", "sf"), 4)] == [0]
    assert not closed_blocks(blocks("ss", "sr"), 4)
    assert not closed_blocks(blocks("ss", "sf")[:3], 4)
    assert not closed_blocks((), 4)


def test_a_closed_block_behind_an_open_one_waits() -> None:
    tasks = (*blocks("ss", "sr"), *blocks("ss", "ff", start=4))
    assert not closed_blocks(tasks, 4)


def test_it_waits_for_open_blocks_of_other_strata_too() -> None:
    slow, fast = blocks("ss", "sr", stratum="slow"), blocks("ss", "ff", stratum="fast")
    assert not closed_blocks((*slow, *fast), 4)
    assert [block.stratum for block in closed_blocks((*fast, *slow), 4)] == ["fast"]


def test_a_stratum_that_never_fills_its_block_keeps_nobody_waiting() -> None:
    rare = blocks("sr", "", stratum="rare")
    assert [block.stratum for block in closed_blocks((*rare, *blocks("ss", "ff")), 4)] == ["r"]


def test_the_rest_of_a_block_from_an_earlier_trial_counts_for_nothing() -> None:
    tasks = (*blocks("ss", "ff")[2:], *blocks("ss", "sf", start=4))
    assert [block.number for block in closed_blocks(tasks, 4)] == [1]


def test_two_workers_whose_clocks_differ_lose_no_block() -> None:
    tasks = (*blocks("ss", "sf"), *blocks("ss", "ff", start=4))
    swapped = (*tasks[:3], tasks[4], tasks[3], *tasks[5:])
    assert [block.number for block in closed_blocks(swapped, 4)] == [0, 1]


def test_only_tasks_that_the_item_applies_to_are_counted() -> None:
    closed = closed_blocks((*blocks("s-", "St"), *blocks("sS", "f-", start=4)), 4)
    assert closed[0].table("success") == Table(1, 2, 1, 1)
    assert closed[0].table("target") == Table(1, 2, 0, 2)
    assert tables(closed, "success").tolist() == [[1, 2, 1, 1], [2, 1, 2, 0]]
    found = statistics(closed, {"e_success": 1.0})
    assert (found.treated, found.control, found.blocks) == (ArmCounts(3, 3, 1), ArmCounts(3, 1, 2), 2)
    assert tables((), "target").shape == (0, 4)


@given(st.data())
def test_what_counts_later_begins_with_what_counted_before(data: st.DataObject) -> None:
    """However tasks end, and in whatever order: no block changes, goes, or slips in before another."""
    strata = data.draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=40))
    ended_at = data.draw(st.lists(st.integers(0, 9), min_size=len(strata), max_size=len(strata)))

    def seen(moment: int, assigned: int) -> list[tuple[str, int]]:
        met: dict[str, int] = {}
        tasks: list[TrialTask] = []
        for stratum, end in list(zip(strata, ended_at, strict=True))[:assigned]:
            tasks.append(task(met.setdefault(stratum, 0), "treated", "s" if end <= moment else "r", stratum))
            met[stratum] += 1
        return [(block.stratum, block.number) for block in closed_blocks(tasks, 4)]

    counts = [*(seen(9, assigned) for assigned in range(len(strata))), seen(9, len(strata))]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(counts))
    counts = [seen(moment, len(strata)) for moment in range(10)]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(counts))
