"""What a person sees on GitHub of a run: its pull request, each commit with its checks, and what the bot said."""

import io
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

import httpx
from github.PullRequest import PullRequest
from github.Repository import Repository

STATE = ".rmo/state.json"
OWN_CHECK = "fractal-rmo"


@dataclass(frozen=True, slots=True)
class SeenCommit:
    """A commit of the work branch."""

    sha: str
    subject: str
    trailers: dict[str, str]
    author: str
    checks: list[str]
    """`name: conclusion` of the check runs, without the bot's own timeline."""
    files: dict[str, str]
    """Path -> blob."""


@dataclass(frozen=True, slots=True)
class SeenPull:
    """A pull request."""

    number: int
    branch: str
    head: str
    base: str
    state: str
    draft: bool
    merged: bool
    body: str
    files: list[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A pull request of the bot's with its commits."""

    pull: SeenPull
    commits: list[SeenCommit]
    """Oldest first."""


def pulls_of(repository: Repository, issue: int) -> list[SeenPull]:
    """The pull requests that the bot opened for an issue, oldest first."""
    return [_seen(pull) for pull in _pulls(repository, issue)]


def close_pull(repository: Repository, issue: int) -> None:
    (pull,) = _pulls(repository, issue)
    pull.edit(state="closed")


def see(repository: Repository, issue: int) -> Seen:
    """The one pull request of an issue."""
    (pull,) = _pulls(repository, issue)
    commits = [
        SeenCommit(
            sha=commit.sha,
            subject=commit.commit.message.partition("\n")[0],
            trailers=trailers(commit.commit.message),
            author=commit.author.login if commit.author else "",
            checks=sorted(
                f"{check.name}: {check.conclusion}" for check in commit.get_check_runs() if check.name != OWN_CHECK
            ),
            files=files_of(repository, commit.sha),
        )
        for commit in pull.get_commits()
    ]
    return Seen(_seen(pull), commits)


def _pulls(repository: Repository, issue: int) -> list[PullRequest]:
    pulls = repository.get_pulls(state="all", sort="created", direction="asc")
    return [pull for pull in pulls if pull.head.ref.startswith(f"rmo/issue-{issue}-")]


def _seen(pull: PullRequest) -> SeenPull:
    # PyGithub fetches what is missing when it is looked at: all of it here, in the person's own thread
    return SeenPull(
        number=pull.number,
        branch=pull.head.ref,
        head=pull.head.sha,
        base=pull.base.sha,
        state=pull.state,
        draft=pull.draft,
        merged=pull.merged,
        body=pull.body,
        files=[file.filename for file in pull.get_files()],
    )


def trailers(message: str) -> dict[str, str]:
    """The lines `Name: value` of the last block."""
    block = message.strip().rpartition("\n\n")[2]
    return dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)


def files_of(repository: Repository, sha: str) -> dict[str, str]:
    """Path -> blob of every file of a commit."""
    tree = repository.get_git_tree(repository.get_git_commit(sha).tree.sha, recursive=True)
    return {entry.path: entry.sha for entry in tree.tree if entry.type == "blob"}


def state_commits(repository: Repository, run: str, base: str) -> list[str]:
    """The commits of a run's own ref since the base commit, oldest first."""
    found: list[str] = []
    sha = repository.get_git_ref(f"rmo/runs/{run}").object.sha
    while sha != base:
        found.append(sha)
        (parent,) = repository.get_git_commit(sha).parents
        sha = parent.sha
    return found[::-1]


def refs(repository: Repository) -> list[str]:
    """Every branch, and every ref of the bot's own kind."""
    return [ref.ref for kind in ("heads/", "rmo/") for ref in repository.get_git_matching_refs(kind)]


def heads(repository: Repository) -> dict[str, str]:
    """Branch -> commit."""
    return {ref.ref: ref.object.sha for ref in repository.get_git_matching_refs("heads/")}


def comments(repository: Repository, issue: int, author: str) -> list[str]:
    """What one account said at an issue."""
    return [each.body for each in repository.get_issue(issue).get_comments() if each.user.login == author]


def failed_tests(repository: Repository, sha: str, token: str) -> set[str]:
    """Node ids of the tests that failed on a commit, from the JUnit reports that its workflow runs uploaded."""
    found: set[str] = set()
    for run in repository.get_workflow_runs(head_sha=sha):
        for artifact in run.get_artifacts():
            answer = httpx.get(
                artifact.archive_download_url,
                headers={"authorization": f"Bearer {token}"},
                follow_redirects=True,
                trust_env=False,
            )
            with zipfile.ZipFile(io.BytesIO(answer.raise_for_status().content)) as archive:
                for name in archive.namelist():
                    if PurePosixPath(name).name == "junit.xml":
                        found |= _failed(archive.read(name))
    return found


def _failed(junit: bytes) -> set[str]:
    cases = ElementTree.fromstring(junit).iter("testcase")
    return {
        f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name']}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    }
