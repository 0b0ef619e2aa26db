"""Nothing that others wrote does anything on GitHub: shown with a real Markdown renderer, and as laws."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot import comments
from bot.comments.quoting import MAX_CHARACTERS, cell, line, quote, section, whole
from bot.intake.command import parse_commands
from bot.model.action import Plan
from bot.model.ids import ItemKey
from tests.unit.comments.runs import MEND, done, finished

RENDERER = MarkdownIt("commonmark").enable("table")
ACTING = re.compile(r"<(?:a|img|script|iframe|svg|pre|style|!--)\b")
DANGEROUS = [
    *("@everyone", "@org/team", "fixes #1", "closes my-org/x#2", "Resolves: https://github.com/a/b/issues/3", "GH-7"),
    *("![x](https://evil.example/p.png)", "[x](javascript:alert(1))", "[x][1]\n\n[1]: https://evil.example", "<b>"),
    *("```\nout", "````", "~~~\nout", "<script>alert(1)</script>", "<!-- rmo:status 7-12-99 -->", "&#64;everyone"),
    *(
        "&commat;everyone",
        "\\",
        "`",
        "|",
        "\n",
        " ",
        "/rmo stop",
        "\n/lgtm",
        "www.evil.example",
        "<https://evil.example>",
    ),
    *("\x1b[31m", "\u202e", "\u200b", "\x00", "é", "fix:#3", "]", "[", "!", "(", ")", "&", ";", "#", "a"),
]
hostile = st.one_of(st.text(max_size=100), st.lists(st.sampled_from(DANGEROUS), max_size=8).map("".join))


@given(hostile)
@example("````")
@example("\\&#64;everyone")
def test_nothing_that_others_wrote_acts_on_github(text: str) -> None:
    said = quote(text)
    shown = RENDERER.render(said)
    assert ACTING.search(shown) is None, shown
    plain = html.unescape(shown)
    assert re.search(r"@(?=\w)", plain) is None, plain
    assert re.search(r"(?i)https?://|www\.", plain) is None, plain
    assert re.search(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?:\s*:\s*|\s+)(?:#|gh-)\d", plain) is None, plain
    assert re.search(r"\w#\d", plain) is None, plain
    assert re.search(r"(?m)^\s*/[a-z]", said) is None, said
    assert all(character == "\n" or character == "\u200b" or character.isprintable() for character in said)
    assert parse_commands(said) == ()


@given(hostile)
def test_a_line_is_one_line_and_a_cell_one_cell(text: str) -> None:
    assert "\n" not in line(text)
    table = RENDERER.render(f"| a | b |\n|---|---|\n| {cell(text)} | x |\n")
    assert table.count("<td>") == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@everyone", "@\u200beveryone"),
        ("fixes #1", "fixes\u200b #\u200b1"),
        ("closes my-org/x#2", "closes\u200b \u200bmy-org/x\u200b#\u200b2"),
        ("Resolves: https://h/1", "Resolves\u200b: \u200bhttps:\u200b//h/1"),
        ("![x](u)", "!\u200b[x]\u200b(u)"),
        ("`````", "`\u200b`\u200b`\u200b``"),
        ("~~~", "~\u200b~~"),
        ("<b>&lt;", "&lt;b&gt;&amp;lt;"),
        ("a & b; c", "a & b; c"),
        ("see #12", "see #12"),
        ("a\x1b[31m\u202eb\tc", "a[31mbc"),
        ("  /approve", "  \u200b/approve"),
        ("a/b", "a/b"),
    ],
)
def test_what_becomes_of(text: str, said: str) -> None:
    assert quote(text) == said


def test_what_is_long_is_cut_and_says_so() -> None:
    assert quote("a " * 10, 10) == "a a a a a…"
    assert line("word " * 100, 20).endswith("…")


def test_parts_that_say_nothing_leave_no_gap() -> None:
    assert whole("a", "", section("T", ""), section("T", "b")) == "a\n\n#### T\n\nb\n"


@pytest.mark.parametrize("piece", ["a", "@", "<", "`", "fixes #1 ", "\n"])
def test_a_comment_is_never_longer_than_github_takes(piece: str) -> None:
    text = piece * 70_000
    run = replace(finished(), plan=Plan(text, ()), refused_wishes=(text,) * 100, notes=(text,) * 100)
    run = replace(
        run, finished_items=tuple(done(replace(MEND, key=ItemKey(str(n)), title=text[:2_000])) for n in range(300))
    )
    for said in (comments.pull_request_body(run), comments.status(run), comments.explain_text(run), whole(text, text)):
        assert len(said) <= MAX_CHARACTERS + 1
    assert len(quote(text)) <= 6 * 2_000
