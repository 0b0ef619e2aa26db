"""How large a change is, as a reviewer has to read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.loop.size import EXACT_LINES, too_large
from bot.model.repository import RepositoryConfig

BASE = {"a.py": "one\ntwo\nthree\n", "b.py": "x\n"}


def config(files: int = 50, lines: int = 2_000) -> RepositoryConfig:
    return RepositoryConfig(most_files=files, most_lines=lines)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ({"a.py": "one\n2\nthree\n"}, 2),
        ({"a.py": None}, 3),
        ({"new.py": "1\n2\n"}, 2),
        ({"a.py": "zero\none\ntwo\nthree\n", "b.py": "y\n"}, 3),
        ({"a.py": "three\none\ntwo\n"}, 2),
        ({"a.py": BASE["a.py"], "b.py": "x\n"}, 0),
        ({"never.py": None}, 0),
    ],
)
def test_lines_are_counted_as_a_diff_shows_them(code: dict[str, str | None], lines: int) -> None:
    assert too_large(BASE, code, config(lines=lines)) == ""
    if lines:
        assert f"removes {lines} lines" in too_large(BASE, code, config(lines=lines - 1))


def test_files_that_are_as_they_were_do_not_count() -> None:
    code: dict[str, str | None] = {**BASE, "c.py": "1\n", "d.py": "1\n"}
    assert too_large(BASE, code, config(files=2)) == ""
    assert too_large(BASE, code, config(files=1)) == "it changes 2 files, and `most_files` allows 1"


def test_a_long_file_is_counted_quickly_and_close_enough() -> None:
    before = "".join(f"{number}\n" for number in range(EXACT_LINES))
    after = before.replace("7\n", "seven\n", 1)
    assert too_large({"a": before}, {"a": after}, config(lines=2)) == ""
    assert "2 lines" in too_large({"a": before}, {"a": after}, config(lines=1))


texts = st.text("ab\n", max_size=12)


@given(texts, texts)
def test_no_change_is_smaller_than_what_it_adds_and_loses(before: str, after: str) -> None:
    old, new = before.splitlines(), after.splitlines()
    least = abs(len(old) - len(new))
    most = len(old) + len(new)
    assert too_large({"a": before}, {"a": after}, config(lines=most)) == ""
    if least:
        assert too_large({"a": before}, {"a": after}, config(lines=least - 1))
