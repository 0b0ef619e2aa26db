"""What two runs or two versions prove, and what they do not."""

import pytest

from bot.ci.proof import behaviour_kept, code_unchanged, named, red_before_green, reproduction, state_of
from bot.model.validation import (
    BehaviourKept,
    CodeUnchanged,
    NotReproduced,
    RedBeforeGreen,
    Reproduced,
    TestEvidence,
    TestState,
    Unproven,
)

CODE = '"""Doc."""\n\n\nclass Cart:\n    """Doc."""\n\n    def total(self):\n        "Doc."\n        return 1  # one\n'
DEEP = "(a" + "\n.b" * 50_000 + ")"


def ran(*outcomes: tuple[str, TestState]) -> TestEvidence:
    return TestEvidence(outcomes, 1, reported=True, source="sandbox")


SILENT = TestEvidence((), None, reported=False, source="ci")


def test_red_and_then_green_is_a_proof_and_a_failure_is_worth_more_than_an_error() -> None:
    base = ran(("t.py::a", "passed"), ("t.py::b", "error"), ("t.py::c", "failed"), ("n.py", "error"))
    head = ran(("t.py::a", "passed"), ("t.py::b", "passed"), ("t.py::c", "passed"), ("n.py::d", "passed"))

    assert red_before_green(base, head) == RedBeforeGreen("t.py::c", "failed", "passed", "sandbox", "sandbox")
    only_new = ran(("n.py::d", "passed"))
    assert red_before_green(base, only_new) == RedBeforeGreen("n.py::d", "error", "passed", "sandbox", "sandbox")


@pytest.mark.parametrize(
    ("base", "head", "reason"),
    [
        (SILENT, ran(), "the tests left no report on the base commit"),
        (ran(), SILENT, "the tests left no report on the change"),
        (ran(("a", "failed")), ran(("a", "failed")), "no test that could show it passes on the change"),
        (ran(("a", "passed")), ran(("a", "passed")), "a would pass without the change too"),
        (ran(("a", "skipped")), ran(("a", "passed")), "a would pass without the change too"),
        (ran(("b", "failed")), ran(("a", "passed")), "a would pass without the change too"),
    ],
)
def test_what_proves_nothing(base: TestEvidence, head: TestEvidence, reason: str) -> None:
    assert red_before_green(base, head) == Unproven(reason)


def test_a_test_of_which_nothing_is_known_is_absent() -> None:
    assert state_of("t.py::a", {"t.py": "passed"}) == "absent"


def test_behaviour_is_kept_where_every_test_ends_as_before() -> None:
    base = ran(("a", "passed"), ("b", "failed"))

    assert behaviour_kept(base, ran(("b", "failed"), ("a", "passed"), ("c", "passed"))) == BehaviourKept(2)
    assert behaviour_kept(base, ran(("a", "passed"))) == Unproven("not executed on the change: b")
    assert behaviour_kept(base, ran(("a", "passed"), ("b", "passed"))) == Unproven(
        "ended otherwise than on the base commit: b"
    )
    assert isinstance(behaviour_kept(ran(("a", "failed")), ran(("a", "failed"))), Unproven)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (ran(("a", "passed")), ran(("a", "passed"), ("b", "failed"), ("c", "passed")), Reproduced(("b",))),
        (ran(("a", "passed")), ran(("a", "failed")), Reproduced(("a",))),
        (ran(("a", "failed")), ran(("a", "failed"), ("b", "passed")), NotReproduced(("b",))),
        (ran(), ran(("b", "skipped")), Unproven("no new test was executed on the base commit")),
        (ran(), SILENT, Unproven("the new tests left no report on the base commit")),
    ],
)
def test_an_issue_is_reproduced_by_new_failures_alone(
    before: TestEvidence, after: TestEvidence, expected: object
) -> None:
    assert reproduction(before, after) == expected


def test_an_error_before_the_test_reproduces_nothing() -> None:
    found = reproduction(ran(), ran(("t.py", "error"), ("b", "passed")))

    assert isinstance(found, Unproven)
    assert found.reason.startswith("t.py errs before it tests anything")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a.py": CODE}, {"a.py": CODE.replace("Doc.", "Other.")}),
        ({"a.py": "def f():\n    pass\n"}, {"a.py": 'def f():\n    """Doc."""\n'}),
        ({"a.py": "async def f():\n    'x'\n    return 1\n"}, {"a.py": "async def f():\n    return (1)\n"}),
        ({}, {"README.md": "x", "docs/a.txt": "x", "CHANGES": "x"}),
        ({"docs/old.rst": "x"}, {"docs/old.rst": None}),
    ],
    ids=["docstrings", "first docstring", "last docstring", "documents", "deleted document"],
)
def test_documentation_leaves_the_code_as_it_is(before: dict[str, str | None], after: dict[str, str | None]) -> None:
    assert code_unchanged(before, after) == CodeUnchanged(len(after))


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ({}, {}, "nothing changed"),
        ({}, {"requirements.txt": "x"}, "'requirements.txt' is no documentation"),
        ({}, {"data.json": "{}"}, "'data.json' is no documentation"),
        ({}, {"a.py": CODE}, "it is new"),
        ({"a.py": CODE}, {"a.py": None}, "was deleted"),
        ({"a.py": CODE}, {"a.py": "def f(:\n"}, "does not parse"),
        ({"a.py": CODE}, {"a.py": CODE.replace("return 1", "return 2")}, "the code of 'a.py' changed"),
        ({"a.py": "x = 'doc'\n"}, {"a.py": "x = 'other'\n"}, "the code of 'a.py' changed"),
        ({"a.py": DEEP}, {"a.py": DEEP}, "does not parse"),
    ],
)
def test_anything_else_is_no_documentation(
    before: dict[str, str | None], after: dict[str, str | None], word: str
) -> None:
    found = code_unchanged(before, after)

    assert isinstance(found, Unproven)
    assert word in found.reason


def test_a_tree_that_parses_and_is_too_deep_to_compare_is_not_compared() -> None:
    deep = "x = " + "+".join(["1"] * 2000)

    assert isinstance(code_unchanged({"a.py": deep}, {"a.py": deep}), Unproven)


def test_many_names_are_counted() -> None:
    assert named([str(number) for number in range(7)]) == "0, 1, 2, 3, 4 and 2 more"
