"""Commits, in the three forms that GitHub gives them: git object, REST commit, and the short one of webhooks."""

from collections.abc import Sequence
from urllib.parse import quote

from bot.localhub.git_history import ChangedFile
from bot.localhub.git_store import Signature, StoredCommit
from bot.localhub.shapes.accounts import Shape, user_or_none
from bot.localhub.shapes.repositories import repository_api, repository_page
from bot.localhub.shapes.times import stamp
from bot.localhub.state.accounts import Account
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World, node_id

NO_REPLY = "users.noreply.localhub.test"
"""Mail domain of the accounts, as `users.noreply.github.com` is on GitHub."""


def mail(account: Account) -> str:
    """The address that stands for an account in commits.

    GitHub's own have `[bot]` in them, which its description, where it says `format: email`, does not allow.
    """
    return f"{account.id}+{account.login.removesuffix('[bot]')}@{NO_REPLY}"


def account_of(world: World, signature: Signature) -> Account | None:
    """Whose address a commit carries, by the number in front of it."""
    number, _, rest = signature.email.partition("+")
    if not number.isdecimal() or not rest.endswith(f"@{NO_REPLY}"):
        return None
    return next((each for each in world.accounts.values() if each.id == int(number)), None)


def verification(commit: StoredCommit) -> Shape:
    """`verification`: only commits that GitHub made itself carry a signature here."""
    if commit.signature is None:
        return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    return {
        "verified": True,
        "reason": "valid",
        "signature": commit.signature,
        "payload": commit.payload,
        "verified_at": stamp(commit.committer.at),
    }


def _git_user(signature: Signature) -> Shape:
    return {"name": signature.name, "email": signature.email, "date": stamp(signature.at)}


def git_commit(world: World, repository: HubRepository, commit: StoredCommit) -> Shape:
    """`git-commit`."""
    api, page = repository_api(world, repository), repository_page(world, repository)
    return {
        "sha": commit.sha,
        "node_id": node_id("C", int(commit.sha[:12], 16)),
        "url": f"{api}/git/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "author": _git_user(commit.author),
        "committer": _git_user(commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"},
        "parents": [
            {"sha": sha, "url": f"{api}/git/commits/{sha}", "html_url": f"{page}/commit/{sha}"}
            for sha in commit.parents
        ],
        "verification": verification(commit),
    }


def commit_item(world: World, repository: HubRepository, commit: StoredCommit) -> Shape:
    """`commit`, without the files."""
    api, page = repository_api(world, repository), repository_page(world, repository)
    return {
        "sha": commit.sha,
        "node_id": node_id("C", int(commit.sha[:12], 16)),
        "url": f"{api}/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "comments_url": f"{api}/commits/{commit.sha}/comments",
        "commit": {
            "url": f"{api}/git/commits/{commit.sha}",
            "author": _git_user(commit.author),
            "committer": _git_user(commit.committer),
            "message": commit.message,
            "comment_count": 0,
            "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"},
            "verification": verification(commit),
        },
        "author": user_or_none(world, account_of(world, commit.author)),
        "committer": user_or_none(world, account_of(world, commit.committer)),
        "parents": [
            {"sha": sha, "url": f"{api}/commits/{sha}", "html_url": f"{page}/commit/{sha}"} for sha in commit.parents
        ],
    }


def commit_with_files(
    world: World, repository: HubRepository, commit: StoredCommit, files: Sequence[ChangedFile]
) -> Shape:
    """`commit` with its changes."""
    additions, deletions = sum(each.additions for each in files), sum(each.deletions for each in files)
    return {
        **commit_item(world, repository, commit),
        "stats": {"additions": additions, "deletions": deletions, "total": additions + deletions},
        "files": [diff_entry(world, repository, commit.sha, each) for each in files],
    }


def diff_entry(world: World, repository: HubRepository, sha: str, changed: ChangedFile) -> Shape:
    """`diff-entry`."""
    api, page = repository_api(world, repository), repository_page(world, repository)
    place = quote(changed.path)
    shape: Shape = {
        "sha": changed.sha,
        "filename": changed.path,
        "status": changed.status,
        "additions": changed.additions,
        "deletions": changed.deletions,
        "changes": changed.additions + changed.deletions,
        "blob_url": f"{page}/blob/{sha}/{place}",
        "raw_url": f"{page}/raw/{sha}/{place}",
        "contents_url": f"{api}/contents/{place}?ref={sha}",
    }
    if changed.patch is not None:
        shape["patch"] = changed.patch
    if changed.previous_path is not None:
        shape["previous_filename"] = changed.previous_path
    return shape


def simple_commit(commit: StoredCommit) -> Shape:
    """`simple-commit`, as check suites and workflow runs carry it."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": stamp(commit.committer.at),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }


def pushed_commit(world: World, repository: HubRepository, commit: StoredCommit, files: Sequence[ChangedFile]) -> Shape:
    """A commit of a push webhook."""

    def person(signature: Signature) -> Shape:
        account = account_of(world, signature)
        named = {} if account is None else {"username": account.login}
        return {"name": signature.name, "email": signature.email, "date": stamp(signature.at), **named}

    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": stamp(commit.committer.at),
        "url": f"{repository_page(world, repository)}/commit/{commit.sha}",
        "author": person(commit.author),
        "committer": person(commit.committer),
        "added": [each.path for each in files if each.status == "added"],
        "removed": [each.path for each in files if each.status == "removed"],
        "modified": [each.path for each in files if each.status not in ("added", "removed")],
    }
