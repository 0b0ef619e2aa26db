"""Where a new file can stand: nothing that is there is swallowed by it."""

import pytest

from bot.loop.places import new_place, obstacle
from bot.model.change import Create, Delete, Rename, Replace

FILES = ("src/a.py", "README.md", "Straße/ä.py")
OTHERS = ("link", "vendored/module")


def test_what_makes_a_file() -> None:
    assert new_place(Create("a.py", "x")) == "a.py"
    assert new_place(Rename("a.py", "b.py")) == "b.py"
    assert new_place(Replace("a.py", "x", "y")) is None
    assert new_place(Delete("a.py")) is None


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("link", "is a link or a submodule"),
        ("link/below.py", "lies behind 'link'"),
        ("README.md/below", "is a file, so nothing can lie below it"),
        ("src", "is a directory"),
        ("SRC/b.py", "is 'src' on systems that ignore case"),
        ("readme.MD", "is 'README.md' on systems that ignore case"),
        ("STRASSE/b.py", "is 'Straße' on systems that ignore case"),
    ],
)
def test_what_stands_in_the_way(path: str, why: str) -> None:
    assert why in (obstacle(path, FILES, OTHERS) or "")


@pytest.mark.parametrize("path", ["src/b.py", "docs/a.md", "vendored/other.py", "readme.txt", "src/deep/er.py"])
def test_what_is_free(path: str) -> None:
    assert obstacle(path, FILES, OTHERS) is None
