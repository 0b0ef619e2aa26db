"""A Markdown file as an issue."""

import pytest

from bot.intake.issue_file import ISSUE_FILE_BYTES, IssueText, MalformedIssueFile, parse_issue_file


@pytest.mark.parametrize(
    ("content", "title", "body"),
    [
        (b"# Title\n\nBody\n\n## Part\nmore\n", "Title", "Body\n\n## Part\nmore"),
        (b"\xef\xbb\xbf# Title\r\n\r\nBody\r\n", "Title", "Body"),
        (b"before\n\n### Title ###\nBody", "Title", "before\n\nBody"),
        (b"```\n# no title\n```\n# Title\n", "Title", "```\n# no title\n```"),
        (b"~~~~\n~~~\n# no\n~~~~\n# Title C#\n", "Title C#", "~~~~\n~~~\n# no\n~~~~"),
        (b"#no title\n#\n# Title", "Title", "#no title\n#"),
        ("# Größe".encode(), "Größe", ""),
    ],
)
def test_the_first_heading_is_the_title(content: bytes, title: str, body: str) -> None:
    assert parse_issue_file(content) == IssueText(title, body)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no heading"),
        (b"just text\n", "no heading"),
        (b"    # code\n", "no heading"),
        (b"```\n# in code that never ends\n", "no heading"),
        (b"# Title\xff", "byte 7 is not UTF-8"),
        (b"# " + b"x" * ISSUE_FILE_BYTES, "shorten it"),
    ],
)
def test_what_is_no_issue_says_why(content: bytes, reason: str) -> None:
    answer = parse_issue_file(content)
    assert isinstance(answer, MalformedIssueFile)
    assert reason in answer.reason
    assert "\n" not in answer.reason
