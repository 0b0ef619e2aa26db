"""Issues, their comments, reactions and history."""

from collections.abc import Sequence

from bot.localhub.shapes.accounts import Shape, integration_or_none, simple_user, user_or_none
from bot.localhub.shapes.repositories import label, repository_api, repository_page
from bot.localhub.shapes.times import stamp, stamp_or_none
from bot.localhub.state.accounts import Account
from bot.localhub.state.issues import Comment, Issue, IssueEvent, Reaction
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World, node_id

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")


def author_association(world: World, repository: HubRepository, account: Account) -> str:
    """How the author of something stands to the repository."""
    if account is repository.owner:
        return "OWNER"
    role = world.role(repository, account)
    return "NONE" if role is None else "COLLABORATOR"


def reaction(world: World, held: Reaction) -> Shape:
    """`reaction`."""
    return {
        "id": held.id,
        "node_id": node_id("REA", held.id),
        "user": simple_user(world, held.user),
        "content": held.content,
        "created_at": stamp(held.created_at),
    }


def reaction_rollup(url: str, held: Sequence[Reaction]) -> Shape:
    """`reaction-rollup`."""
    counts = {name: sum(each.content == name for each in held) for name in REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(held), **counts}


def issue_page(world: World, repository: HubRepository, issue: Issue) -> str:
    """URL of an issue or pull request for people."""
    kind = "issues" if issue.pull is None else "pull"
    return f"{repository_page(world, repository)}/{kind}/{issue.number}"


def comment(world: World, repository: HubRepository, issue: Issue, held: Comment) -> Shape:
    """`issue-comment`."""
    api = repository_api(world, repository)
    url = f"{api}/issues/comments/{held.id}"
    return {
        "id": held.id,
        "node_id": node_id("IC", held.id),
        "url": url,
        "html_url": f"{issue_page(world, repository, issue)}#issuecomment-{held.id}",
        "issue_url": f"{api}/issues/{issue.number}",
        "body": held.body,
        "user": simple_user(world, held.user),
        "created_at": stamp(held.created_at),
        "updated_at": stamp(held.updated_at),
        "author_association": author_association(world, repository, held.user),
        "performed_via_github_app": integration_or_none(world, held.via_app),
        "reactions": reaction_rollup(url, held.reactions),
    }


def issue_labels(world: World, repository: HubRepository, issue: Issue) -> list[Shape]:
    """The issue's labels in the order in which they were added."""
    return [label(world, repository, repository.labels[name.lower()]) for name in issue.labels]


def issue(world: World, repository: HubRepository, held: Issue) -> Shape:
    """`issue`; a pull request carries `pull_request`, which is how a client tells them apart."""
    api = repository_api(world, repository)
    url = f"{api}/issues/{held.number}"
    shape: Shape = {
        "id": held.id,
        "node_id": node_id("I" if held.pull is None else "PRI", held.id),
        "url": url,
        "repository_url": api,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": issue_page(world, repository, held),
        "number": held.number,
        "state": held.state,
        "state_reason": held.state_reason,
        "title": held.title,
        "body": held.body,
        "user": simple_user(world, held.user),
        "labels": issue_labels(world, repository, held),
        "assignee": user_or_none(world, held.assignees[0] if held.assignees else None),
        "assignees": [simple_user(world, each) for each in held.assignees],
        "milestone": None,
        "locked": held.locked,
        "active_lock_reason": None,
        "comments": len(held.comments),
        "closed_at": stamp_or_none(held.closed_at),
        "closed_by": user_or_none(world, held.closed_by),
        "created_at": stamp(held.created_at),
        "updated_at": stamp(held.updated_at),
        "author_association": author_association(world, repository, held.user),
        "performed_via_github_app": integration_or_none(world, held.via_app),
        "reactions": reaction_rollup(url, held.reactions),
    }
    if held.pull is not None:
        page = issue_page(world, repository, held)
        shape["draft"] = held.pull.draft
        shape["pull_request"] = {
            "url": f"{api}/pulls/{held.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": stamp_or_none(held.pull.merged_at),
        }
    return shape


def issue_event(world: World, repository: HubRepository, held: IssueEvent) -> Shape:
    """`issue-event-for-issue`: fields beyond the common ones depend on the kind."""
    api = repository_api(world, repository)
    shape: Shape = {
        "id": held.id,
        "node_id": node_id("IE", held.id),
        "url": f"{api}/issues/events/{held.id}",
        "actor": simple_user(world, held.actor),
        "event": held.kind,
        "commit_id": held.commit_id,
        "commit_url": None if held.commit_id is None else f"{api}/commits/{held.commit_id}",
        "created_at": stamp(held.created_at),
        "performed_via_github_app": integration_or_none(world, held.via_app),
    }
    match held.kind:
        case "labeled" | "unlabeled":
            shape["label"] = {"name": held.label or "", "color": held.label_color}
        case "renamed":
            before, after = held.renamed or ("", "")
            shape["rename"] = {"from": before, "to": after}
        case "closed":
            shape["state_reason"] = None
        case "assigned" | "unassigned":
            subject = held.subject or held.actor
            shape |= {"assignee": simple_user(world, subject), "assigner": simple_user(world, held.actor)}
        case "review_requested":
            shape["review_requester"] = simple_user(world, held.actor)
            shape["requested_reviewer"] = simple_user(world, held.subject or held.actor)
        case "locked":
            shape["lock_reason"] = None
        case _:
            pass
    return shape
