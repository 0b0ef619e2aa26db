"""Which tasks a context holds for, and that a task, an issue and a stratum each count for one."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.learning.matching import holds, table_of
from bot.model.evidence import TaskId
from bot.model.pattern import StratumTable, Table, Unit
from tests.unit.learning.tasks import context, registered, unit

AT_A = registered(context(language="a"), strata=())


def counted(*units: Unit) -> Table:
    (only,) = table_of(AT_A, units)
    return only.table


def test_a_literal_for_a_node_holds_below_it_too() -> None:
    below = {"action_item": "fix_crash", "ancestors": ("fix_defect", "change_code")}
    assert holds(context(action_item="fix_crash"), below)
    assert holds(context(action_item="change_code"), below)
    assert not holds(context(action_item="validate_input"), below)
    assert not holds(context(language="fix_defect"), {**below, "language": "python"})


def test_all_literals_hold_and_any_member_will_do() -> None:
    features = {"language": "python", "file_kind": ("source", "test")}
    assert holds((), {})
    assert holds(context(language="python", file_kind="test"), features)
    assert not holds(context(language="python", file_kind="docs"), features)
    assert not holds(context(model="a"), features)


def test_a_task_in_the_context_counts_by_its_units_there_alone() -> None:
    elsewhere = unit(0, failed=True, item="2", language="b")
    assert counted(unit(0, language="a"), elsewhere) == Table(1, 0, 0, 0)
    assert counted(unit(0, language="a", failed=True), elsewhere) == Table(1, 0, 1, 0)


def test_a_task_outside_counts_once_by_all_its_units() -> None:
    assert counted(unit(0, language="b"), unit(0, item="2", language="c", failed=True)) == Table(0, 1, 0, 1)


def test_of_tasks_of_one_issue_the_first_counts() -> None:
    later = [unit(place, failed=True, cluster="issue", language="a") for place in (2, 1)]
    assert counted(*later, unit(0, cluster="issue", language="a")) == Table(1, 0, 0, 0)


def test_an_issue_that_counted_before_counts_no_more() -> None:
    again = unit(9, failed=True, cluster="issue", language="a")
    assert table_of(AT_A, [again, unit(8, language="b")], {"issue"}) == (StratumTable("", Table(0, 1, 0, 0)),)


def test_strata_have_names_and_an_unknown_feature_has_no_value() -> None:
    split = registered(context(language="a"), strata=("repository", "model"))
    units = [unit(0, language="a", repository="r", model="m"), unit(1, repository="r"), unit(2, model="m", failed=True)]
    assert table_of(split, units) == (
        StratumTable("repository= & model=m", Table(0, 1, 0, 1)),
        StratumTable("repository=r & model=", Table(0, 1, 0, 0)),
        StratumTable("repository=r & model=m", Table(1, 0, 0, 0)),
    )


units = st.lists(
    st.builds(
        unit,
        st.integers(0, 30),
        failed=st.booleans(),
        item=st.sampled_from("12"),
        language=st.sampled_from("ab"),
        repository=st.sampled_from("xyz"),
    ),
    unique_by=lambda each: (each.position, each.item),
    max_size=40,
)


@given(units)
def test_each_task_is_in_one_cell_of_one_stratum(several: list[Unit]) -> None:
    split = registered(context(language="a"), strata=("repository",))
    assert sum(each.table.tasks for each in table_of(split, several)) == len({each.task for each in several})


@given(units, st.randoms())
def test_the_order_of_units_does_not_matter(several: list[Unit], chance: Random) -> None:
    split = registered(context(language="a"), strata=("repository",))
    shuffled = chance.sample(several, len(several))
    assert table_of(split, shuffled) == table_of(split, several)


@given(units, units)
def test_a_stratum_never_leaks_into_another(here: list[Unit], there: list[Unit]) -> None:
    """What happens in one repository changes no number of the other's table."""
    split = registered(context(language="a"), strata=("repository",))
    own = [replace(each, position=2 * each.position, context={**each.context, "repository": "own"}) for each in here]
    other = [
        replace(
            each, task=TaskId(f"other-{each.position}"), position=2 * each.position + 1, cluster=f"o-{each.position}"
        )
        for each in there
    ]
    both = table_of(split, [*own, *other])
    assert [each for each in both if each.stratum == "repository=own"] == list(table_of(split, own))
