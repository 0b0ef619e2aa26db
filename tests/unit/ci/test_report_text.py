from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.report import report_text

pieces = st.lists(st.sampled_from([*"ab\n\t\r\x1b[]m2K0;\x07\x9b\x9d\\", "\x1b[2K", "\x1b[31m", "\u202e"]), max_size=30)


def test_escapes_and_what_shows_nothing_go() -> None:
    assert report_text("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07") == "red link"
    assert report_text("a\x00b\x08c\u200bd\u202ee\ufefff\U000e0041g\ud800h") == "abcdefgh"
    assert report_text("tab\tand\nnewline stay") == "tab\tand\nnewline stay"


def test_what_is_erased_or_overwritten_goes() -> None:
    assert report_text("10%\r100%\r\nend") == "100%\nend"
    assert report_text("hidden\x1b[2K\rshown\n10%\r100%\r\nend") == "shown\n100%\nend"


def test_the_length_is_capped() -> None:
    assert len(report_text("x" * 5000)) == 2000
    assert report_text("abc", 2) == "ab"


@settings(deadline=None)
@given(st.text() | pieces.map("".join))
def test_law_once_is_enough_and_no_control_character_is_left(text: str) -> None:
    plain = report_text(text)
    assert report_text(plain) == plain
    assert not any(ord(character) < 32 and character not in "\t\n" for character in plain)
