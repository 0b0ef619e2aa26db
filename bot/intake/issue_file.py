"""A task from a Markdown file instead of an issue, for local runs: the first heading is the title, the rest the body.

A file that cannot serve is an ordinary answer here, not an exception: the caller says it to the person who wrote it.
"""

import re
from dataclasses import dataclass

ISSUE_FILE_BYTES = 1024 * 1024

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?P<title>[^\n]*)")
_CLOSING_MARKS = re.compile(r"(?:^|[ \t])#+$")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class IssueText:
    """Raw title and body, not yet cleaned."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class MalformedIssueFile:
    """Why the file is no issue, in one line that ends in what to do."""

    reason: str


def parse_issue_file(content: bytes) -> IssueText | MalformedIssueFile:
    """Title and body of a Markdown file: UTF-8, at most 1 MiB, with an ATX heading (`# Title`) outside of code.

    Lines before the heading stay at the front of the body.
    """
    if len(content) > ISSUE_FILE_BYTES:
        return MalformedIssueFile(f"the file has {len(content)} bytes: shorten it to at most {ISSUE_FILE_BYTES}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return MalformedIssueFile(f"byte {error.start} is not UTF-8: save the file as UTF-8")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = _first_heading(lines)
    if found is None:
        return MalformedIssueFile("the file has no heading with text: begin it with a line such as '# Title'")
    position, title = found
    body = "\n".join(lines[:position] + lines[position + 1 :]).strip("\n")
    return IssueText(title, body)


def _first_heading(lines: list[str]) -> tuple[int, str] | None:
    fence = ""
    for position, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            closes = mark is not None and mark["fence"].startswith(fence) and not line[mark.end() :].strip()
            fence = "" if closes else fence
        elif mark is not None:
            fence = mark["fence"]
        elif (heading := _HEADING.match(line)) and (title := _title(heading["title"])):
            return position, title
    return None


def _title(text: str) -> str:
    return _CLOSING_MARKS.sub("", text.strip()).strip()
