"""Checks of the checklists in the real sandbox: they stop what a change brings, and blame nothing older on it."""

from bot.jobs.validation import level_text, run_levels
from bot.model.ids import ActionId
from bot.model.protocol import ChecklistItem, ItemKind
from tests.conformance.validation.conftest import MakeBench

SHOP = {
    "src/shop/__init__.py": "",
    "src/shop/sums.py": "def add(a: int, b: int) -> int:\n    return a + b\n",
    "src/shop/old.py": "import random\n\n\ndef pick(tags=[]):\n    return random.choice(tags)\n",
    "tests/test_sums.py": "from shop.sums import add\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n",
}
NEW = "import random\n\n\ndef draw(names, tags=[]):  # noqa\n    return random.choice(names), tags  # nosec\n"


def item(identity: str, text: str, kind: ItemKind = "check") -> ChecklistItem:
    return ChecklistItem(identity, kind, text, (ActionId("change_code"),), "production", "human")


CHECKS = (
    item("check-default", "ruff:B006"),
    item("check-random", "bandit:B311"),
    item("check-shape", "pattern:mutable_default"),
    item("check-test", "required_test:changed_function"),
    item("check-import", "ruff:F401"),
    item("advice-only", "Read first.", "instruction"),
)


async def test_a_check_stops_what_the_change_brings_and_names_its_item(bench_of: MakeBench) -> None:
    work = bench_of(SHOP)

    free = await run_levels(work, {"src/shop/new.py": NEW}, highest=2)
    held = await run_levels(work, {"src/shop/new.py": NEW}, highest=2, checks=CHECKS)
    again = await run_levels(work, {"src/shop/new.py": NEW}, highest=2, checks=CHECKS)

    assert [level.status for level in free] == ["passed", "passed"]
    assert [level.status for level in held] == ["passed", "failed"]
    assert again[1].cached
    assert again[1].failures == held[1].failures
    assert held[1].note == "ruff, bandit, 5 check(s) of the checklists"
    found = {(each.tool, each.rule): each for each in held[1].failures}
    assert set(found) == {
        ("ruff", "B006"),
        ("bandit", "B311"),
        ("check", "mutable_default"),
        ("check", "changed_function"),
    }
    assert found["check", "mutable_default"].category == "logic"
    assert found["check", "mutable_default"].line == 4
    assert "(checklist item check-default)" in level_text(held)
    assert found["check", "changed_function"].message.startswith("no test mentions 'draw'")


async def test_what_the_base_has_too_is_not_blamed_on_the_change(bench_of: MakeBench) -> None:
    """Old code moves to another file and grows by a docstring; a name that a test mentions may change."""
    moved = {
        "src/shop/old.py": None,
        "src/shop/older.py": f'"""Old."""\n\n{SHOP["src/shop/old.py"]}',
        "src/shop/sums.py": "def add(a: int, b: int) -> int:\n    return b + a\n",
    }

    results = await run_levels(bench_of(SHOP), moved, highest=2, checks=CHECKS)

    assert [level.status for level in results] == ["passed", "passed"], results


async def test_a_finding_of_every_change_is_told_once_and_for_the_item(bench_of: MakeBench) -> None:
    results = await run_levels(bench_of(SHOP), {"src/shop/sums.py": "import os\n"}, highest=2, checks=CHECKS)

    (failure,) = results[1].failures
    assert (failure.tool, failure.rule) == ("ruff", "F401")
    assert failure.message.endswith("(checklist item check-import)")


async def test_a_rule_that_the_installed_tool_does_not_know_is_said_and_stops_nothing(bench_of: MakeBench) -> None:
    unknown = (item("check-unknown", "ruff:ZZZ999"), item("check-other", "bandit:B101"))
    overlay = {"src/shop/new.py": "ZERO = 0\n"}

    results = await run_levels(bench_of(SHOP), overlay, highest=2, checks=unknown)

    assert results[1].status == "passed"
    assert results[1].note == (
        "ruff, bandit, 1 check(s) of the checklists; not run: ruff:ZZZ999: ruff left no report that can be read"
    )


async def test_no_python_that_changed_is_nothing_to_hold(bench_of: MakeBench) -> None:
    results = await run_levels(bench_of(SHOP), {"README.md": "# Shop\n"}, highest=2, checks=CHECKS)

    assert [level.status for level in results] == ["not run", "not run"]
