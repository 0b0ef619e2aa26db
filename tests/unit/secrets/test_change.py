"""What a change adds: new secrets are named by place and kind, never by value; old ones and placeholders are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.secrets.change import Added, say, scan_change

DRAWN = "q7Zt4Wc9Lm2Xv8Rb3Kp5"
TOKEN = f"ghp_{DRAWN}"


def test_an_added_secret_is_named_by_its_place() -> None:
    found = scan_change({"b.py": f"a = 1\nb = '{TOKEN}'\n\nc = 'AKIAABCDEFGHIJKLMNOP'\n", "a.py": None}, ())

    assert found == (Added("b.py", 2, "GitHub token"), Added("b.py", 4, "AWS key"))
    assert say(found) == ("the change holds what looks like a credential: b.py:2 (GitHub token), b.py:4 (AWS key)")


def test_a_secret_that_was_there_is_its_owners_affair() -> None:
    text = f"token = '{TOKEN}'\n"
    assert scan_change({"moved.py": f"\n\n{text}"}, (text,)) == ()
    assert scan_change({"a.py": text}, (text.replace("ghp", "ghs"),)) == (Added("a.py", 1, "GitHub token"),)


def test_a_path_is_a_text_as_well() -> None:
    assert scan_change({f"src/{TOKEN}.py": ""}, ()) == (Added("src/[redacted].py", 0, "GitHub token"),)


def test_of_very_many_only_some_are_named() -> None:
    found = scan_change({"a.py": f"'{TOKEN}'\n" * 25}, ())
    assert len(found) == 25
    assert say(found).endswith("a.py:20 (GitHub token) and 5 more")


@pytest.mark.parametrize(
    "line",
    [
        "postgresql://scott:tiger@localhost/db",
        "https://user:${PASSWORD_1}@host",
        "https://user:12345678@host",
        "https://{user}:{token2}@host",
        "key = 'AKIAIOSFODNN7EXAMPLE'",
        "Authorization: Bearer deadbeef12346",
    ],
)
def test_what_documentation_writes_does_not_stop_a_change(line: str) -> None:
    assert scan_change({"README.md": line}, ()) == ()


@pytest.mark.parametrize("line", ["postgresql://app:kV7pq2Lx@db/app", f"Authorization: Bearer {DRAWN}"])
def test_what_may_open_something_does(line: str) -> None:
    assert len(scan_change({"README.md": line}, ())) == 1


@given(st.text(), st.text(), st.sampled_from((TOKEN, f"sk-ant-api03-{DRAWN}")))
def test_a_secret_is_never_told(before: str, after: str, token: str) -> None:
    found = scan_change({"a.py": f"{before} {token} {after}", f"{before} {token}": "x"}, ())
    assert found
    assert DRAWN not in say(found)
