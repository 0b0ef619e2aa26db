"""Reverts are told by what git and GitHub's button write, and by nothing that only looks like it."""

from datetime import UTC, datetime

import pytest

from bot.jobs.late_outcomes import revert_of
from bot.model.forge import CommitSummary
from bot.model.ids import CommitSha, InstallationId, IssueNumber, LabelEventId, RepositoryId, TreeSha
from bot.model.repository import Repository
from bot.model.run import RunRequest
from bot.model.task import Label

MERGE = "0123456789abcdef0123456789abcdef01234567"
REQUEST = RunRequest(
    Repository(RepositoryId(7), "acme", "prices", InstallationId(1), "main"),
    IssueNumber(3),
    Label(LabelEventId(11), "maintainer"),
    datetime(2026, 1, 1, tzinfo=UTC),
)
BUTTON = 'Merge pull request #9 from acme/revert-4-rmo/issue-3-11\n\nRevert "Count every price"'


def commit(message: str) -> CommitSummary:
    return CommitSummary(CommitSha("f" * 40), TreeSha("e" * 40), (), message, None)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (f'Revert "x"\n\nThis reverts commit {MERGE}.', True),
        (f'Revert "x"\n\nThis reverts commit {MERGE}, reversing\nchanges made to {"a" * 40}.', True),
        (f"This reverts commit {MERGE[:7]}.", True),
        (f"This reverts commit {MERGE[:6]}.", False),
        (f"This reverts commit {'9' * 40}.", False),
        (f"Take {MERGE} back", False),
        (BUTTON, True),
        (BUTTON.replace("issue-3-11", "issue-3-112"), False),
        (BUTTON.replace("issue-3-11", "issue-13-11"), False),
        (BUTTON.replace("acme/", "mallory/"), False),
        ("Merge pull request #4 from acme/rmo/issue-3-11", False),
    ],
)
def test_a_revert_is_told_by_its_own_words(message: str, found: bool) -> None:
    newest = commit("Something else")
    by = commit(message)
    assert revert_of([newest, by], REQUEST, MERGE) == (by if found else None)


def test_a_merge_that_github_did_not_name_is_reverted_by_the_button_alone() -> None:
    assert revert_of([commit(f"This reverts commit {MERGE}.")], REQUEST, "") is None
    assert revert_of([commit(BUTTON)], REQUEST, "") is not None
