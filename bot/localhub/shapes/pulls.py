"""Pull requests, their reviews and the comments at their lines."""

from bot.localhub.git_history import Conflict, changed_files, commits_between, is_ancestor, merge_base, merge_tree
from bot.localhub.shapes.accounts import Shape, simple_user, user_or_none
from bot.localhub.shapes.issues import author_association, issue_labels, issue_page, reaction_rollup
from bot.localhub.shapes.repositories import full_repository, repository_api
from bot.localhub.shapes.times import stamp, stamp_or_none
from bot.localhub.state.issues import Issue, Pull, Review, ReviewComment
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World, node_id
from bot.localhub.verdicts import missing_checks, unstable


def _side(world: World, repository: HubRepository, ref: str, sha: str) -> Shape:
    return {
        "label": f"{repository.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": simple_user(world, repository.owner),
        "repo": full_repository(world, repository, None),
    }


def _links(world: World, repository: HubRepository, issue: Issue, head_sha: str) -> dict[str, str]:
    api = repository_api(world, repository)
    return {
        "self": f"{api}/pulls/{issue.number}",
        "html": issue_page(world, repository, issue),
        "issue": f"{api}/issues/{issue.number}",
        "comments": f"{api}/issues/{issue.number}/comments",
        "review_comments": f"{api}/pulls/{issue.number}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{api}/pulls/{issue.number}/commits",
        "statuses": f"{api}/statuses/{head_sha}",
    }


def pull_simple(world: World, repository: HubRepository, issue: Issue, pull: Pull) -> Shape:
    """`pull-request-simple`, as listings have it."""
    links = _links(world, repository, issue, pull.head_sha)
    page = links["html"]
    return {
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "url": links["self"],
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": links["issue"],
        "comments_url": links["comments"],
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "statuses_url": links["statuses"],
        "_links": {name: {"href": url} for name, url in links.items()},
        "number": issue.number,
        "state": issue.state,
        "locked": issue.locked,
        "active_lock_reason": None,
        "title": issue.title,
        "body": issue.body,
        "draft": pull.draft,
        "user": simple_user(world, issue.user),
        "author_association": author_association(world, repository, issue.user),
        "labels": issue_labels(world, repository, issue),
        "milestone": None,
        "assignee": user_or_none(world, issue.assignees[0] if issue.assignees else None),
        "assignees": [simple_user(world, each) for each in issue.assignees],
        "requested_reviewers": [simple_user(world, each) for each in pull.requested_reviewers],
        "requested_teams": [],
        "head": _side(world, repository, pull.head_ref, pull.head_sha),
        "base": _side(world, repository, pull.base_ref, pull.base_sha),
        "auto_merge": None,
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
        "closed_at": stamp_or_none(issue.closed_at),
        "merged_at": stamp_or_none(pull.merged_at),
        "merge_commit_sha": pull.merge_sha,
    }


async def pull_request(world: World, repository: HubRepository, issue: Issue, pull: Pull) -> Shape:
    """`pull-request`, with what only one pull request's own page has: counts and mergeability."""
    ancestor = await merge_base(repository.git, pull.base_sha, pull.head_sha) or pull.base_sha
    files = await changed_files(repository.git, ancestor, pull.head_sha)
    commits = await commits_between(repository.git, pull.base_sha, pull.head_sha)
    mergeable, state = await mergeability(repository, issue, pull)
    return {
        **pull_simple(world, repository, issue, pull),
        "merged": pull.merged_at is not None,
        "merged_by": user_or_none(world, pull.merged_by),
        "mergeable": mergeable,
        "mergeable_state": state,
        "rebaseable": False,
        "maintainer_can_modify": False,
        "comments": len(issue.comments),
        "review_comments": len(pull.review_comments),
        "commits": len(commits),
        "additions": sum(each.additions for each in files),
        "deletions": sum(each.deletions for each in files),
        "changed_files": len(files),
    }


async def mergeability(repository: HubRepository, issue: Issue, pull: Pull) -> tuple[bool | None, str]:
    """`mergeable` and `mergeable_state` (clean, behind, dirty, draft, blocked, unstable, unknown)."""
    if issue.state == "closed":
        return None, "unknown"
    if isinstance(await merge_tree(repository.git, pull.base_sha, pull.head_sha), Conflict):
        return False, "dirty"
    if pull.draft:
        return True, "draft"
    if missing_checks(repository, pull.base_ref, pull.head_sha):
        return True, "blocked"
    strict = pull.base_ref in repository.strict_branches
    if strict and not await is_ancestor(repository.git, pull.base_sha, pull.head_sha):
        return True, "behind"
    if unstable(repository, pull.head_sha):
        return True, "unstable"
    return True, "clean"


def pull_minimal(world: World, repository: HubRepository, issue: Issue, pull: Pull) -> Shape:
    """`pull-request-minimal`, as check runs refer to pull requests."""
    api = repository_api(world, repository)
    named = {"id": repository.id, "url": api, "name": repository.name}
    return {
        "id": pull.id,
        "number": issue.number,
        "url": f"{api}/pulls/{issue.number}",
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": named},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": named},
    }


def pulls_at(world: World, repository: HubRepository, head_sha: str) -> list[Shape]:
    """Open pull requests whose head is this commit."""
    return [
        pull_minimal(world, repository, issue, issue.pull)
        for issue in repository.pulls
        if issue.pull is not None and issue.state == "open" and issue.pull.head_sha == head_sha
    ]


def review(world: World, repository: HubRepository, issue: Issue, held: Review) -> Shape:
    """`pull-request-review`."""
    url = f"{repository_api(world, repository)}/pulls/{issue.number}"
    page = f"{issue_page(world, repository, issue)}#pullrequestreview-{held.id}"
    return {
        "id": held.id,
        "node_id": node_id("PRR", held.id),
        "user": simple_user(world, held.user),
        "body": held.body,
        "state": held.state,
        "html_url": page,
        "pull_request_url": url,
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        "submitted_at": stamp(held.submitted_at),
        "commit_id": held.commit_id,
        "author_association": author_association(world, repository, held.user),
    }


def review_comment(world: World, repository: HubRepository, issue: Issue, held: ReviewComment) -> Shape:
    """`pull-request-review-comment`."""
    api = repository_api(world, repository)
    url = f"{api}/pulls/comments/{held.id}"
    pull_url = f"{api}/pulls/{issue.number}"
    page = f"{issue_page(world, repository, issue)}#discussion_r{held.id}"
    reply = {} if held.in_reply_to is None else {"in_reply_to_id": held.in_reply_to}
    return {
        "id": held.id,
        "node_id": node_id("PRRC", held.id),
        "pull_request_review_id": held.review_id,
        "url": url,
        "html_url": page,
        "pull_request_url": pull_url,
        "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": pull_url}},
        "diff_hunk": held.diff_hunk,
        "path": held.path,
        "position": 1,
        "original_position": 1,
        "commit_id": held.commit_id,
        "original_commit_id": held.commit_id,
        "user": simple_user(world, held.user),
        "body": held.body,
        "created_at": stamp(held.created_at),
        "updated_at": stamp(held.updated_at),
        "author_association": author_association(world, repository, held.user),
        "start_line": None,
        "original_start_line": None,
        "start_side": None,
        "line": held.line,
        "original_line": held.line,
        "side": held.side,
        "subject_type": "line" if held.line is not None else "file",
        "reactions": reaction_rollup(url, held.reactions),
        **reply,
    }
