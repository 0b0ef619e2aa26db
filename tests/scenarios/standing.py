"""What stands in a repository in the end, without what differs from one run to the next: ids, SHAs, times, names."""

import difflib
import re
from dataclasses import dataclass

from bot.localhub.git_store import GitStore
from bot.localhub.state.issues import Issue
from bot.localhub.state.repository import HubRepository
from bot.model.ids import IssueNumber
from bot.model.phase import Ended
from tests.scenarios.town import Place, Story

_IDS = (
    (re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|\+00:00| UTC)?"), "TIME"),
    (re.compile(r"\b[0-9a-f]{40}\b|\b[0-9a-f]{12}\b"), "SHA"),
    (re.compile(r"\b[0-9]+-([0-9]+)-[0-9]+\b"), r"RUN-\1"),
    (re.compile(r"rmo/issue-([0-9]+)-[0-9]+"), r"rmo/issue-\1-LABEL"),
    (re.compile(r"[0-9,]+ tokens"), "N tokens"),
    (re.compile(r"\b[0-9.]+ ?(?:s|ms|min|h|seconds?|minutes?|hours?)\b"), "TIME"),
    (re.compile(r"http://127\.0\.0\.1:[0-9]+"), "http://HUB"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Lines that two runs are compared by."""

    lines: tuple[str, ...]

    def assert_same_as(self, expected: "Standing") -> None:
        """Raise AssertionError with the difference."""
        found = list(difflib.unified_diff(expected.lines, self.lines, "undisturbed", "disturbed", n=1, lineterm=""))
        assert not found, "\n".join(found)


async def standing(place: Place, issue: IssueNumber, story: Story) -> Standing:
    """Branches with their commits and trees, pull requests, comments, labels, checks, and how the run has ended."""
    repository = place.town.hub.world.repositories[place.id]
    phase = story.run.phase
    lines = [f"ended: {phase.reason} {phase.detail}" if isinstance(phase, Ended) else f"at {type(phase).__name__}"]
    lines += [f"runs of the issue: {await place.runs(issue)}"]
    lines += [f"failure: {each.failure.category} {each.failure.tool} {each.attempt}" for each in story.failures]
    for ref, sha in sorted((await repository.git.refs()).items()):
        if not ref.startswith("refs/pull/"):
            lines += [
                f"{ref}: {line}" for line in await _commits(repository.git, sha, trees=ref.startswith("refs/heads"))
            ]
    for _, each in sorted(repository.issues.items()):
        lines += _issue(each)
    lines += sorted(
        f"check {each.name} by {each.suite.app.slug}: {each.status} {each.conclusion}"
        for each in repository.checks.values()
    )
    return Standing(tuple(_plain(line, repository) for line in lines))


async def _commits(store: GitStore, sha: str, *, trees: bool) -> list[str]:
    """Of a step's own record the tree holds ids, and so is left out."""
    lines: list[str] = []
    at: str | None = sha
    while at is not None:
        commit = await store.commit(at)
        subject = commit.message.partition("\n")[0]
        lines.insert(0, f"{commit.author.name}: {subject}, tree {'/'.join(_pairs(commit.tree)) if trees else '-'}")
        at = commit.parents[0] if commit.parents else None
    return lines


def _pairs(sha: str) -> list[str]:
    """In a form that is not taken for an id."""
    return [sha[start : start + 8] for start in range(0, 40, 8)]


def _issue(issue: Issue) -> list[str]:
    here = f"#{issue.number}"
    lines = [f"{here} {issue.title!r} by {issue.user.login}: {issue.state}, labels {issue.labels}, {issue.locked=}"]
    lines += [f"{here} body: {line}" for line in (issue.body or "").splitlines()]
    for number, comment in enumerate(issue.comments, 1):
        lines += [f"{here} {comment.user.login} says ({number}): {line}" for line in comment.body.splitlines()]
    if issue.pull is not None:
        pull = issue.pull
        lines.append(
            f"{here} {pull.head_ref} into {pull.base_ref}, draft {pull.draft}, merged {pull.merged_at is not None}"
        )
    return lines


def _plain(line: str, repository: HubRepository) -> str:
    line = line.replace(repository.full_name, "OWNER/REPOSITORY")
    for form, stands_for in _IDS:
        line = form.sub(stands_for, line)
    return line
