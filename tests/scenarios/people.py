"""What people do to a repository and its pull requests beside the bot, with git itself and with PyGithub."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from github.PullRequest import PullRequest
from github.Repository import Repository

from tests.badinput.command import git
from tests.scenarios.town import Place, Story

Remark = tuple[str, int, str]
"""Path, line and text."""
Work = Callable[[Path], None]


async def commit(place: Place, branch: str, *works: Work, message: str = "Let me help") -> str:
    """One commit for each of `works` in a clone, pushed; the SHA of the last."""
    return await asyncio.to_thread(_commit, place, branch, works, message)


def _commit(place: Place, branch: str, works: Sequence[Work], message: str) -> str:
    address = f"{place.town.url}/{place.full_name}.git".replace(
        "://", f"://maintainer:{place.town.token('maintainer')}@"
    )
    with tempfile.TemporaryDirectory() as directory:
        clone = Path(directory) / "clone"
        git(Path(directory), "clone", "--quiet", "--branch", branch, address, str(clone))
        for work in works:
            before = git(clone, "rev-parse", "HEAD")
            work(clone)
            if git(clone, "rev-parse", "HEAD") == before:
                git(clone, "add", "--all")
                git(clone, "commit", "--quiet", "--message", message)
        git(clone, "push", "--quiet", "origin", branch)
        return git(clone, "rev-parse", "HEAD").strip()


def writes(path: str, text: str) -> Work:
    """A file with this text."""
    return lambda clone: _write(clone / path, text)


def _write(file: Path, text: str) -> None:
    file.write_text(text)


def changes(path: str, old: str, new: str) -> Work:
    """A file in which `old` became `new`."""
    return lambda clone: _write(clone / path, (clone / path).read_text().replace(old, new))


def says(subject: str) -> Work:
    """A commit that says this and changes nothing."""
    return lambda clone: _say(clone, subject)


def _say(clone: Path, subject: str) -> None:
    git(clone, "commit", "--quiet", "--allow-empty", "--message", subject)


def reverts(sha: str) -> Work:
    """What a merge brought in is taken back, as `git revert` does it."""
    return lambda clone: _revert(clone, sha)


def _revert(clone: Path, sha: str) -> None:
    git(clone, "revert", "--no-edit", "--mainline", "1", sha)


async def review(
    place: Place, number: int, body: str, *remarks: Remark, by: str = "maintainer", event: str = "REQUEST_CHANGES"
) -> None:
    """One review with remarks at lines."""
    at = [{"path": path, "line": line, "body": text} for path, line, text in remarks]
    await place.person(
        lambda repository: repository.get_pull(number).create_review(body=body, event=event, comments=at),  # pyright: ignore[reportArgumentType]  # the library's type knows positions alone
        by,
    )


def threads(pull: PullRequest) -> list[list[tuple[str, str]]]:
    """Each thread at a line, oldest first: who said what."""
    said = sorted(pull.get_review_comments(), key=lambda each: each.id)
    begun = [each for each in said if each.in_reply_to_id is None]
    return [
        [(each.user.login, each.body) for each in said if first.id in (each.id, each.in_reply_to_id)] for first in begun
    ]


def resolved(place: Place, number: int) -> list[bool]:
    """Of each thread, oldest first; PyGithub can't tell."""
    pull = place.town.hub.world.repositories[place.id].issues[number].pull
    assert pull is not None
    return [each.id in pull.resolved_threads for each in pull.review_comments if each.in_reply_to is None]


def text_at(repository: Repository, path: str, ref: str) -> str:
    held = repository.get_contents(path, ref=ref)
    assert not isinstance(held, list)
    return held.decoded_content.decode()


async def taken_up(place: Place, issue: int, times: int) -> Story:
    """The issue's first run, once it has ended after it was taken up so often."""
    return await place.ended(issue, so=lambda run: run.revisits >= times)
