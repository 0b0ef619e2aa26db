"""What a mask takes and what it leaves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.failures.masks import mask, mask_callee, mask_identifiers


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("assert -1 == 3", "assert <int> == <int>"),
        ("assert 0.1 + 0.2 == 0.3", "assert <float> + <float> == <float>"),
        ("assert [1, [2, 'x']] == {'a': 1}", "assert <list> == <dict>"),
        ("assert (1, 2) in {1, 2}", "assert <tuple> in <set>"),
        ("assert {} != ()", "assert <dict> != <tuple>"),
        ("assert None is not None", "assert None is not None"),
        ("assert (a and b) == add(1, [2])", "assert (a and b) == add(<int>, <list>)"),
        ("assert x[0] == Cart(items=[], total=3)", "assert x[<int>] == Cart(items=<list>, total=<int>)"),
        ("assert [Cart(1)] == []", "assert [Cart(<int>)] == <list>"),
        ("+ where -1 = <function add at 0x7fa5>(1, 2)", "+ where <int> = add(<int>, <int>)"),
        ("where 1 = <bound method Cart.total of <shop.Cart object at 0x7f>>()", "where <int> = Cart.total()"),
        ("+ where inf = <built-in function max>(nan)", "+ where <float> = max(<float>)"),
        ("<function <lambda> at 0x7f>(1)", "<function <lambda> at <hex>>(<int>)"),
        ("'int' object has no attribute 'price'", "'int' object has no attribute <str>"),
        ("can only concatenate 'str' (not 'int') to b'x'", "can only concatenate 'str' (not 'int') to <bytes>"),
        ("can't find it's key", "can't find it's key"),
        ('it said "don\'t" twice', "it said <str> twice"),
        ("an [unclosed (list {of", "an [unclosed (list {of"),
        ("closed ] before it opened", "closed ] before it opened"),
        ("see https://a.b/c?d=1#e.", "see <url>"),
        ("at /tmp/pytest-of-me/pytest-12/x0/f.txt:3", "at <path>"),
        ("at C:\\Users\\me\\f.py", "at <path>"),
        ("at cart.py:12:4", "at <path>"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id <uuid>"),
        ("of 0123456789abcdef0123456789abcdef01234567", "of <int>"),
        ("of " + "abcdef" * 6 + "abcd", "of <int>"),
        ("of deadbee1, a defaced facade", "of <int>, a defaced facade"),
        ("on 2026-03-01T12:00:00.123+01:00", "on <date>"),
        ("on 2026-03-01 at 12:00:01,5", "on <date> at <date>"),
        ("on Sun, 01 Mar 2026 12:00:00 GMT", "on <date>"),
        ("datetime.datetime(2026, 3, 1, 12, 0)", "<date>"),
        ("took 12ms or 1.5s", "took <int> or <float>"),
        ("\x1b[31mred\x1b[0m 7", "red <int>"),
    ],
)
def test_masks(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("add() takes 2", "<fn>() takes 2"),
        ("Cart.__init__() got", "<fn>() got"),
        ("f.<locals>.g() missing", "<fn>() missing"),
        ("add(1) is called", "add(1) is called"),
    ],
)
def test_the_callee_of_a_type_error(text: str, masked: str) -> None:
    assert mask_callee(text) == masked


def test_identifiers_in_quotes() -> None:
    assert mask_identifiers('"Cart" has no "x", don\'t "') == "<id> has no <id>, don't \""


WORDS = (
    *"ab5f0x'\"\\/.:-_[](){}<>,= TZe\n",
    *(
        "datetime.datetime(",
        "://",
        "2024-01-01",
        "12:34:56",
        ".py",
        "None",
        "<int>",
        "<function ",
        " at 0x1f>",
        "<bound method b of ",
        "1 Jan 2024",
        "abcdef1",
        "'int'",
    ),
)


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map("".join) | st.text(max_size=200))
def test_law_masking_what_is_masked_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once
    assert mask_callee(mask_callee(text)) == mask_callee(text)
    assert mask_identifiers(mask_identifiers(text)) == mask_identifiers(text)


def test_the_law_holds_where_the_result_is_cut() -> None:
    once = mask("1 " * 1000)
    assert len(once) == 2000
    assert mask(once) == once
