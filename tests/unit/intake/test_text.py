"""Cleaning of an issue's text: what nobody sees goes and is counted, what everybody sees stays."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.intake.text import BODY_BYTES, INVISIBLE, TITLE_CHARACTERS, clean, freeze
from bot.model.ids import InstallationId, IssueNumber, LabelEventId, RepositoryId
from bot.model.repository import Repository
from bot.model.task import CleaningReport, Label, text_digest


def body_of(text: str) -> tuple[str, CleaningReport]:
    _, body, report = clean("title", text)
    return body, report


def test_ordinary_text_stays_as_it_is() -> None:
    text = "Größe `a < b` & ünïcode\n\n\tcode --> x <- y <!DOCTYPE html> 日本語 🙂\n<details>shown</details>"
    assert body_of(text) == (text, CleaningReport())


@pytest.mark.parametrize(
    ("text", "left", "count"),
    [
        pytest.param("a<!-- hidden -->b", "ab", 1, id="PI-3"),
        pytest.param("<!-- a --><!-- b\n\nc -->x", "x", 2, id="several-lines"),
        pytest.param("<!-->x", "x", 1, id="shortest"),
        pytest.param("<!--->x", "x", 1, id="short"),
        pytest.param("<!-- a <!-- b --> c -->", " c -->", 1, id="no-nesting-in-html"),
        pytest.param("x <!-<!-- a -->- b -->y", "x y", 2, id="made-by-removal"),
        pytest.param("<<!-- a -->!-- b -->y", "y", 2, id="made-by-removal-early"),
        pytest.param("shown\n<!-- hides the rest\n\nof the page", "shown\n", 1, id="open-block"),
        pytest.param("> - <!-- hides the rest", "> - ", 1, id="open-block-in-quote"),
        pytest.param("the marker `<!--` breaks it", "the marker `` breaks it", 1, id="open-in-line"),
        pytest.param("a <!-<!----  b", "a -  b", 2, id="open-in-line-made-by-removal"),
    ],
)
def test_html_comments_go(text: str, left: str, count: int) -> None:
    body, report = body_of(text)
    assert "<!--" not in body
    assert (body, report.html_comments) == (left, count)


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param("".join(chr(0xE0000 + ord(letter)) for letter in "obey"), id="PI-4-tags"),
        pytest.param("\u200b\u200c\u200d\u2060\u00ad\ufeff", id="PI-5-zero-width"),
        pytest.param("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", id="PI-6-bidirectional"),
        pytest.param("\ufe00\ufe0f\U000e0100\U000e01ef", id="PI-7-variation-selectors"),
        pytest.param("\u115f\u1160\u3164\uffa0\u2800", id="PI-8-fillers"),
        pytest.param("\x00\x1b\x07\x7f\x9b", id="PI-20-control"),
        pytest.param("\ud800\udfff", id="PI-20-surrogates"),
    ],
)
def test_invisible_characters_go_and_are_counted(hidden: str) -> None:
    title, body, report = clean(f"ti{hidden}tle", f"be{hidden}fore\nafter{hidden}")
    assert (title, body) == ("title", "before\nafter")
    assert report.invisible_characters == 3 * len(hidden)


def test_a_comment_that_hides_behind_invisible_characters_goes() -> None:
    assert body_of("a<\u200b!--\u200d x --\u2060>b")[0] == "ab"


def test_newlines_are_made_one_kind() -> None:
    assert body_of("a\r\nb\rc\u2028d\u2029e\x85f")[0] == "a\nb\nc\nd\ne\nf"


def test_a_title_is_one_line() -> None:
    assert clean("  a\n\nb\tc <!-- x --> d ", "")[0] == "a b c d"


def test_a_long_body_is_cut_at_a_character_and_the_rest_counted() -> None:
    text = "a" + "é" * BODY_BYTES
    body, report = body_of(text)
    assert body == "a" + "é" * (BODY_BYTES // 2 - 1)
    assert report.truncated_characters == BODY_BYTES // 2 + 1


def test_a_long_title_is_cut() -> None:
    title, _, report = clean("t" * 1000, "")
    assert title == "t" * TITLE_CHARACTERS
    assert report.truncated_characters == 1000 - TITLE_CHARACTERS


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x <!--" * 200_000, id="open-markers"),
        pytest.param("<!-" * 200_000 + "-->" * 200_000, id="halves"),
        pytest.param("<!-- -->" * 200_000, id="comments"),
        pytest.param("<" * 500_000 + "!--", id="openings"),
        pytest.param(" " * 1_000_000 + "<!--", id="PI-19-spaces"),
    ],
)
def test_megabytes_of_markers_are_cleaned_in_linear_time(text: str) -> None:
    assert "<!--" not in body_of(text)[0]


def test_freezing_keeps_the_digest_of_the_raw_text() -> None:
    repository = Repository(RepositoryId(42), "octo", "shop", InstallationId(7), "main")
    task = freeze(repository, IssueNumber(5), "t\u200bitle", "a<!-- x -->", Label(LabelEventId(9), "ada"))
    assert (task.title, task.body) == ("title", "a")
    assert task.digest == text_digest("t\u200bitle", "a<!-- x -->")
    assert task.cleaning == CleaningReport(html_comments=1, invisible_characters=1)


def test_an_issue_without_a_body_has_an_empty_one() -> None:
    repository = Repository(RepositoryId(42), "octo", "shop", InstallationId(7), "main")
    task = freeze(repository, IssueNumber(5), "title", None, Label(LabelEventId(9), "ada"))
    assert task.body == ""
    assert task.cleaning.is_clean


FRAGMENTS = st.sampled_from(
    ["<!--", "-->", "<", "!", "-", ">", "<!", "<!-", "--", "\n", " ", "x", "\u200b", "\ud800", "\r"]
)
TEXT = st.lists(FRAGMENTS, max_size=30).map("".join) | st.text(
    st.characters(codec=None, exclude_categories=()), max_size=60
)


@given(title=TEXT, body=TEXT)
@example(title="<!--", body="a<!-" * 3 + "<!--" + "->")
@example(title="x" * 300, body="é" * 40_000)
def test_cleaning_is_idempotent_never_grows_and_leaves_nothing_hidden(title: str, body: str) -> None:
    once_title, once_body, _ = clean(title, body)
    twice_title, twice_body, report = clean(once_title, once_body)
    assert (twice_title, twice_body) == (once_title, once_body)
    assert report.is_clean
    assert len(once_title) <= len(title)
    assert len(once_body) <= len(body)
    for text in (once_title, once_body):
        assert "<!--" not in text
        assert INVISIBLE.search(text) is None
    assert "\r" not in once_body
    assert "\n" not in once_title


def test_no_control_or_format_character_is_overlooked() -> None:
    """All of Unicode's are taken out but white space and the few signs that are drawn."""
    left = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and INVISIBLE.search(character) is None
    ]
    assert left[:4] == ["\t", "\n", "\r", "\x85"]
    drawn = ("ARABIC ", "SYRIAC ABBREVIATION MARK", "KAITHI NUMBER SIGN")
    assert [unicodedata.name(each) for each in left[4:] if not unicodedata.name(each).startswith(drawn)] == []
