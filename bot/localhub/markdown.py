"""Markdown as GitHub shows it, as far as the pages need it, and nothing that could act.

HTML of the text is shown as text, except hidden comments, which stay hidden, and `<sub>`, which only makes small.
Images are shown as their words. What is left is escaped by the renderer, and the pages' policy loads nothing anyway.
"""

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

MAX_CHARACTERS = 100_000
_SMALL = re.compile(r"&lt;(/?)sub&gt;")
_TASK = re.compile(r"<li>\s*(<p>)?\[([ x])\] ")
_MARKS = {"x": ("done", "☑"), " ": ("to do", "☐")}
_RENDERER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def render(text: str) -> Markup:
    """Safe HTML for the pages."""
    html = _RENDERER.render(_without_comments(text[:MAX_CHARACTERS]))
    html = _SMALL.sub(r"<\1sub>", html)
    if html.count("<sub>") != html.count("</sub>"):
        html = html.replace("<sub>", "").replace("</sub>", "")
    # The renderer has escaped everything, and what is put back holds no text of others.
    return Markup(_TASK.sub(_task, html))  # nosec B704


def _without_comments(text: str) -> str:
    """Without `<!-- … -->`; an end that is missing hides nothing."""
    parts: list[str] = []
    while (start := text.find("<!--")) != -1 and (end := text.find("-->", start)) != -1:
        parts.append(text[:start])
        text = text[end + 3 :]
    return "".join([*parts, text])


def _task(match: re.Match[str]) -> str:
    name, mark = _MARKS[match[2]]
    return f'<li class="task">{match[1] or ""}<span role="img" aria-label="{name}">{mark}</span> '
