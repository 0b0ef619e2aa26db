"""Edits over a tree: applied, or refused in words that help."""

import pytest

from bot.loop.overlay import MAX_FILE_CHARACTERS, edit, path_of
from bot.model.change import Applied, Create, Delete, Edit, Rejected, Rename, Replace

TREE: dict[str, str | None] = {"a.py": "def one():\n    return 1\n", "b.py": "x\nx\n", "new.py": None}


@pytest.mark.parametrize(
    ("wanted", "overlay"),
    [
        (Replace("a.py", "return 1", "return 2"), {"a.py": "def one():\n    return 2\n"}),
        (Create("new.py", "y"), {"new.py": "y"}),
        (Delete("b.py"), {"b.py": None}),
        (Rename("b.py", "new.py"), {"b.py": None, "new.py": "x\nx\n"}),
    ],
)
def test_what_fits_is_applied(wanted: Edit, overlay: dict[str, str | None]) -> None:
    assert edit({}, TREE, wanted) == Applied(wanted.path, overlay)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Replace("a.py", "retrun 1", "x"), ("occurs nowhere", "2:     return 1")),
        (Replace("a.py", "§§§§", "x"), ("nothing like it",)),
        (Replace("b.py", "x", "y"), ("occurs 2 times", "lines 1, 2")),
        (Replace("a.py", "", "y"), ("`old` is empty",)),
        (Replace("new.py", "x", "y"), ("does not exist", "create it")),
        (Create("a.py", "x"), ("exists already",)),
        (Create("new.py", "x" * (MAX_FILE_CHARACTERS + 1)), ("the limit is",)),
        (Create("new.py", "\ud800"), ("not valid Unicode",)),
        (Delete("new.py"), ("does not exist",)),
        (Rename("new.py", "c.py"), ("does not exist",)),
        (Rename("a.py", "b.py"), ("exists already",)),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(wanted: Edit, words: tuple[str, ...]) -> None:
    refused = edit({}, {**TREE, "c.py": None}, wanted)
    assert isinstance(refused, Rejected)
    assert all(word in refused.reason for word in words), refused.reason


def test_a_rename_names_two_paths() -> None:
    assert path_of(Rename("a", "b")) == ("a", "b")
    assert path_of(Delete("a")) == ("a",)
