"""An issue's text as agents may see it: what a human reader sees, and nothing that is hidden from one.

Text that GitHub does not show (HTML comments, tag characters, zero-width and bidirectional characters, fillers) is the
cheapest way to speak to a model behind its owner's back. It is taken out and counted, and the counts are shown in the
pull request. This claims no protection against what stands in plain sight.
"""

import re

from bot.model.ids import IssueNumber
from bot.model.repository import Repository
from bot.model.task import CleaningReport, Label, Task, text_digest

BODY_BYTES = 64 * 1024
"""How much of a body is kept, in bytes of UTF-8."""
TITLE_CHARACTERS = 256
"""GitHub's own limit of a title."""

INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters, without tab and the newlines
    "\u00ad\u034f\u061c"  # soft hyphen, grapheme joiner, Arabic letter mark
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5\u180b-\u180f"  # Khmer inherent vowels, Mongolian selectors
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # zero-width, joiners, bidirectional
    "\u2800"  # Braille blank
    "\ufe00-\ufe0f\U000e0000-\U000e0fff"  # variation selectors and tags
    "\ufff9-\ufffb\ufffe\uffff"  # annotations, noncharacters
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # hieroglyphic, shorthand, musical format
    "\ud800-\udfff"  # lone surrogates
    "]"
)
"""Every character that shows nothing and is no white space."""

_NEWLINE = re.compile("\r\n|[\r\x85\u2028\u2029]")
_OPENING = "<!--"
_CLOSING = "-->"
_BLOCK_START = re.compile(r"(?:^|\n)[ \t>*+\-0-9.)]*\Z")
_LINE_TAIL = 64
"""How far back the start of a line is looked for; the longest list or quote prefix that counts as one."""


def clean(title: str, body: str) -> tuple[str, str, CleaningReport]:
    """Title and body without what a reader of the rendered issue cannot see, and the counts of what went.

    The title becomes one line. Idempotent, in linear time, and no result is longer than what it was made from.
    """
    title, title_invisible = _strip_invisible(title)
    body, body_invisible = _strip_invisible(body)
    title, title_comments = _strip_comments(" ".join(title.split()))
    body, body_comments = _strip_comments(body)
    title, title_cut = _cap_characters(" ".join(title.split()))
    body, body_cut = _cap_bytes(body)
    report = CleaningReport(
        html_comments=title_comments + body_comments,
        invisible_characters=title_invisible + body_invisible,
        truncated_characters=title_cut + body_cut,
    )
    return title, body, report


def freeze(repository: Repository, issue: IssueNumber, title: str, body: str | None, label: Label) -> Task:
    """The task that this labelling asks for: cleaned text, and the digest of the raw text to notice later edits by.

    `body` is None where the issue has none, as GitHub's API says it.
    """
    raw_body = body or ""
    clean_title, clean_body, report = clean(title, raw_body)
    return Task(
        repository=repository,
        issue=issue,
        title=clean_title,
        body=clean_body,
        label=label,
        digest=text_digest(title, raw_body),
        cleaning=report,
    )


def _strip_invisible(text: str) -> tuple[str, int]:
    visible, count = INVISIBLE.subn("", text)
    return _NEWLINE.sub("\n", visible), count


def _strip_comments(text: str) -> tuple[str, int]:
    """`text` without any `<!--`, also none that only comes about by taking another one out, and their number.

    A comment that never ends hides the rest of the document if it opens a block, so the rest goes; inside a line
    GitHub shows it as text, so only the marker goes.
    """
    kept: list[str] = []
    tail = ""  # the last characters of `kept`, enough to see a line's start and half an opening marker
    position = count = 0
    can_close = True
    while True:
        rest_head = text[position : position + len(_OPENING) - 1]
        half = _joined_opening(tail, rest_head)
        if half:
            _drop_last(kept, half)
            tail = tail[:-half]
            start, inside = position, position - half
        else:
            start = text.find(_OPENING, position)
            if start < 0:
                kept.append(text[position:])
                return "".join(kept), count
            kept.append(text[position:start])
            tail = (tail + text[max(position, start - _LINE_TAIL) : start])[-_LINE_TAIL:]
            inside = start
        count += 1
        # Two characters may belong to both markers: `<!-->` is a whole comment in HTML.
        end = text.find(_CLOSING, max(inside + 2, start)) if can_close else -1
        if end >= 0:
            position = end + len(_CLOSING)
            continue
        can_close = False
        if _BLOCK_START.search(tail):
            return "".join(kept), count
        position = inside + len(_OPENING)


def _joined_opening(left: str, right: str) -> int:
    """How many characters of `left` begin an opening marker that `right` completes; 0 where there is none."""
    for half in range(1, len(_OPENING)):
        if left.endswith(_OPENING[:half]) and right.startswith(_OPENING[half:]):
            return half
    return 0


def _drop_last(pieces: list[str], count: int) -> None:
    """Takes the last `count` characters off the end of the pieces."""
    while count:
        last = pieces.pop()
        if len(last) > count:
            pieces.append(last[:-count])
            return
        count -= len(last)


def _cap_characters(text: str) -> tuple[str, int]:
    kept = text[:TITLE_CHARACTERS].rstrip()
    return kept, len(text) - len(kept)


def _cap_bytes(text: str) -> tuple[str, int]:
    encoded = text.encode("utf-8")
    if len(encoded) <= BODY_BYTES:
        return text, 0
    kept = encoded[:BODY_BYTES].decode("utf-8", "ignore")
    return kept, len(text) - len(kept)
