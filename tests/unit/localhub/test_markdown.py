"""Markdown on the pages: readable, and harmless whatever is in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.localhub.markdown import render


def test_what_the_bot_writes_is_readable() -> None:
    html = render("<!-- rmo:status 1 -->\n### Done\n\n- [x] one\n- [ ] two\n\n<sub>no cost · `run`</sub>\n")
    assert "rmo:status" not in html
    assert "<h3>Done</h3>" in html
    assert 'aria-label="done"' in html
    assert 'aria-label="to do"' in html
    assert "<sub>no cost · <code>run</code></sub>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](http://evil.example/pixel.png)",
        "<img src=x onerror=alert(1)>",
        "<sub onclick=alert(1)>x</sub>",
        "<!-- a <!-- b --> <script>x</script> -->",
        "`</code><script>x</script>`",
    ],
)
def test_what_others_write_does_nothing(text: str) -> None:
    html = render(text)
    assert not re.search(r"<(script|img|iframe|sub \w)", html, re.IGNORECASE)
    assert 'href="javascript' not in html.lower()


fragments = st.sampled_from(
    ["<", ">", "&lt;sub&gt;", "<sub>", "</sub>", "<!--", "-->", "`", "[x] ", "- ", "\n", "(", ")", "[", "]", "a", '"']
)


@given(st.lists(fragments, max_size=40).map("".join))
def test_only_known_tags_come_out(text: str) -> None:
    tags = set(re.findall(r"</?([a-z0-9]+)", str(render(text))))
    assert tags <= {"p", "ul", "ol", "li", "em", "strong", "code", "pre", "a", "sub", "span", "blockquote", "hr"} | {
        *("h1", "h2", "h3", "h4", "h5", "h6", "br", "table", "thead", "tbody", "tr", "th", "td"),
    }
