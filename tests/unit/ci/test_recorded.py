"""What other systems record of failures, in each of their ways."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ci.reports.recorded import read_recorded
from bot.failures.fingerprint import scope_of

PYTHON = """Traceback (most recent call last):
  File "test_solution.py", line 5, in <module>
    check(total)
  File "solution.py", line 9, in total
    return items[0]
IndexError: list index out of range
"""
UPSIDE_DOWN = """AttributeError: 'Solution' object has no attribute 'join'
    word = self.join(parts)
Line 4 in <listcomp> (Solution.py)
    word = self.join(parts)
Line 4 in words (Solution.py)
    ret = Solution().words(param_1)
Line 34 in _driver (Solution.py)
"""


def test_a_traceback() -> None:
    told = read_recorded(PYTHON, "IndexError", "task")
    assert (told.id, told.exception, told.message, told.tool) == (
        "task",
        "IndexError",
        "list index out of range",
        "pytest",
    )
    assert scope_of(told.frames) == "solution:total"


def test_a_traceback_that_is_upside_down() -> None:
    told = read_recorded(UPSIDE_DOWN, "AttributeError")
    assert (told.exception, told.message) == ("AttributeError", "'Solution' object has no attribute 'join'")
    assert [frame.function for frame in told.frames] == ["_driver", "words", "<listcomp>"]


@pytest.mark.parametrize(
    ("text", "kind", "exception", "message", "tool"),
    [
        ("TypeError('no int')\nRuntime Error\n", "TypeError", "TypeError", "no int", "pytest"),
        ("NameError(\"name 'x'\",)", "NameError", "NameError", "name 'x'", "pytest"),
        (
            "TimeoutException()\nTime Limit Exceeded",
            "TimeLimitExceeded",
            "TimeLimitExceeded",
            "TimeoutException()",
            "judge",
        ),
        ("Please act.\n\nMore.", "AgentFormatError", "AgentFormatError", "Please act.", "model"),
        ("no code", "EmptyOutput", "EmptyOutput", "no code", "model"),
        ("building\nsh: make: not found\n", "CommandNotFound", "CommandNotFound", "sh: make: not found", "command"),
        ("FAILED (should pass) test_a", "tests still fail", "TestFailure", "FAILED (should pass) test_a", "pytest"),
        ("", "NonZeroExit", "NonZeroExit", "", "command"),
        ("it broke", "", "", "it broke", "pytest"),
        ("", "", "", "", "pytest"),
        (
            "Wrong Answer: input '[1,2]\\n3' expected 'false' got 'true' (4/9 test cases)",
            "WrongAnswer",
            "WrongAnswer",
            "Wrong answer: ([1,2], 3) -> True, expected False",
            "judge",
        ),
        (
            "Wrong answer at output_line_idx=0: 9 != 3\ninput: 6\n1 1\nexpected: 3 -4\ngot: Yes",
            "WrongAnswer",
            "WrongAnswer",
            "Wrong answer: (6) -> '', expected []",
            "judge",
        ),
        (
            "Wrong Answer\ninput: ['a', 'b']\nexpected: ab cd\ngot: ",
            "WrongAnswer",
            "WrongAnswer",
            "Wrong answer: (['a', 'b']) -> nothing, expected ''",
            "judge",
        ),
        (
            "Wrong Answer\ninput: [1, 2...(truncated)\nexpected: 1...(truncated)\ngot: None",
            "WrongAnswer",
            "WrongAnswer",
            "Wrong answer: ([]) -> None, expected []",
            "judge",
        ),
        ("wrong, that is all", "WrongAnswer", "WrongAnswer", "wrong, that is all", "judge"),
        ("", "WrongAnswer", "WrongAnswer", "", "judge"),
    ],
)
def test_what_is_no_traceback(text: str, kind: str, exception: str, message: str, tool: str) -> None:
    told = read_recorded(text, kind)
    assert (told.exception, told.message, told.tool) == (exception, message, tool)


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "WrongAnswer", "TypeError", "tests still fail", "NonZeroExit"]))
def test_law_no_text_raises(text: str, kind: str) -> None:
    told = read_recorded(text, kind)
    assert told.outcome == "failed"
    assert len(told.message) <= 2000
