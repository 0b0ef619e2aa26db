"""Changes of issues and pull requests' conversations, each with its history entry and its webhook."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.localhub.effects.webhooks import emit
from bot.localhub.shapes.accounts import Shape, simple_user
from bot.localhub.shapes.issues import comment as comment_shape
from bot.localhub.shapes.issues import issue as issue_shape
from bot.localhub.shapes.pulls import pull_request
from bot.localhub.shapes.repositories import full_repository
from bot.localhub.shapes.repositories import label as label_shape
from bot.localhub.state.accounts import Account, App
from bot.localhub.state.issues import Comment, EventKind, Issue, IssueEvent, IssueState, Label, Reaction
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World

CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)\b", re.IGNORECASE)
"""Words that link a pull request to the issue it closes when merged."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and through which App."""

    account: Account
    app: App | None = None


def remember(world: World, issue: Issue, kind: EventKind, actor: Actor, **details: object) -> IssueEvent:
    """Append to the issue's history; `details` are further fields of IssueEvent."""
    event = IssueEvent(world.next_id("event"), kind, actor.account, world.now(), actor.app)
    event = replace(event, **details)
    issue.events.append(event)
    issue.updated_at = event.created_at
    return event


async def tell(
    world: World, repository: HubRepository, issue: Issue, action: str, actor: Actor, **extra: object
) -> None:
    """Send the `issues` or `pull_request` webhook of this action."""
    if issue.pull is None:
        details: Shape = {"issue": issue_shape(world, repository, issue), **extra}
        emit(world, repository, "issues", action, details, actor.account)
    else:
        shape = await pull_request(world, repository, issue, issue.pull)
        details = {"number": issue.number, "pull_request": shape, **extra}
        emit(world, repository, "pull_request", action, details, actor.account)


def ensure_label(world: World, repository: HubRepository, name: str) -> Label:
    """The label of this name, made where it is new, as GitHub does when an unknown one is added to an issue."""
    known = repository.labels.get(name.lower())
    if known is None:
        known = Label(world.next_id("label"), name)
        repository.labels[name.lower()] = known
    return known


async def open_issue(
    world: World,
    repository: HubRepository,
    actor: Actor,
    title: str,
    body: str | None,
    labels: Sequence[str],
    assignees: Sequence[Account],
) -> Issue:
    """A new issue; labels given with it are told as `labeled` after `opened`, as on GitHub."""
    now = world.now()
    issue = Issue(world.next_id("issue"), repository.next_number, title, body, actor.account, now, now, actor.app)
    repository.issues[issue.number] = issue
    issue.labels = [ensure_label(world, repository, name).name for name in dict.fromkeys(labels)]
    issue.assignees = list(assignees)
    await tell(world, repository, issue, "opened", actor)
    for name in issue.labels:
        await _tell_labelled(world, repository, issue, name, actor)
    for account in issue.assignees:
        remember(world, issue, "assigned", actor, subject=account)
        await tell(world, repository, issue, "assigned", actor, assignee=simple_user(world, account))
    return issue


async def _tell_labelled(world: World, repository: HubRepository, issue: Issue, name: str, actor: Actor) -> None:
    held = repository.labels[name.lower()]
    remember(world, issue, "labeled", actor, label=held.name, label_color=held.color)
    await tell(world, repository, issue, "labeled", actor, label=label_shape(world, repository, held))


async def add_labels(
    world: World, repository: HubRepository, issue: Issue, names: Sequence[str], actor: Actor
) -> list[str]:
    """Add labels; gives the names of those that were not there before."""
    present = {name.lower() for name in issue.labels}
    added: list[str] = []
    for name in names:
        held = ensure_label(world, repository, name)
        if held.name.lower() not in present:
            present.add(held.name.lower())
            issue.labels.append(held.name)
            added.append(held.name)
            await _tell_labelled(world, repository, issue, held.name, actor)
    return added


async def remove_label(world: World, repository: HubRepository, issue: Issue, name: str, actor: Actor) -> bool:
    """Take a label off; False where the issue does not carry it."""
    held = repository.labels.get(name.lower())
    if held is None or held.name not in issue.labels:
        return False
    issue.labels.remove(held.name)
    remember(world, issue, "unlabeled", actor, label=held.name, label_color=held.color)
    await tell(world, repository, issue, "unlabeled", actor, label=label_shape(world, repository, held))
    return True


async def edit(
    world: World, repository: HubRepository, issue: Issue, actor: Actor, title: str | None, body: str | None
) -> None:
    """Change title or body; None leaves it as it is."""
    changes: Shape = {}
    if title is not None and title != issue.title:
        changes["title"] = {"from": issue.title}
        remember(world, issue, "renamed", actor, renamed=(issue.title, title))
        issue.title = title
    if body is not None and body != issue.body:
        changes["body"] = {"from": issue.body or ""}
        issue.body = body
    if changes:
        issue.updated_at = world.now()
        await tell(world, repository, issue, "edited", actor, changes=changes)


async def set_state(
    world: World, repository: HubRepository, issue: Issue, actor: Actor, state: IssueState, reason: str | None
) -> None:
    """Close or reopen; nothing happens where it is in that state already."""
    if state == issue.state:
        return
    issue.state = state
    if state == "closed":
        issue.closed_at, issue.closed_by = world.now(), actor.account
        issue.state_reason = (reason or "completed") if issue.pull is None else None
        remember(world, issue, "closed", actor)
        await tell(world, repository, issue, "closed", actor)
    else:
        issue.closed_at, issue.closed_by = None, None
        issue.state_reason = "reopened" if issue.pull is None else None
        remember(world, issue, "reopened", actor)
        await tell(world, repository, issue, "reopened", actor)


async def close_linked(world: World, repository: HubRepository, text: str, actor: Actor, commit_id: str) -> None:
    """Close the issues that a merged pull request's text names with a closing word."""
    for number in dict.fromkeys(int(found) for found in CLOSING.findall(text)):
        issue = repository.issues.get(number)
        if issue is not None and issue.pull is None and issue.state == "open":
            issue.state, issue.state_reason = "closed", "completed"
            issue.closed_at, issue.closed_by = world.now(), actor.account
            remember(world, issue, "closed", actor, commit_id=commit_id)
            await tell(world, repository, issue, "closed", actor)


def transfer(world: World, source: HubRepository, issue: Issue, target: HubRepository, actor: Actor) -> Issue:
    """Move an issue with its comments to another repository, where it gets another number and no labels."""
    gone = issue_shape(world, source, issue)
    new = replace(issue, id=world.next_id("issue"), number=target.next_number, labels=[], events=[])
    target.issues[new.number] = new
    del source.issues[issue.number]
    source.transferred[issue.number] = (target.id, new.number)
    here, there = full_repository(world, source, None), full_repository(world, target, None)
    arrived = issue_shape(world, target, new)
    changes: Shape = {"new_issue": arrived, "new_repository": there}
    emit(world, source, "issues", "transferred", {"issue": gone, "changes": changes}, actor.account)
    changes = {"old_issue": gone, "old_repository": here}
    emit(world, target, "issues", "opened", {"issue": arrived, "changes": changes}, actor.account)
    return new


def add_comment(world: World, repository: HubRepository, issue: Issue, actor: Actor, body: str) -> Comment:
    """A new comment on the conversation."""
    now = world.now()
    comment = Comment(world.next_id("comment"), actor.account, body, now, now, actor.app)
    issue.comments.append(comment)
    issue.updated_at = now
    tell_comment(world, repository, issue, comment, "created", actor)
    return comment


def tell_comment(
    world: World, repository: HubRepository, issue: Issue, comment: Comment, action: str, actor: Actor, **extra: object
) -> None:
    """Send the `issue_comment` webhook of this action."""
    details: Shape = {
        "issue": issue_shape(world, repository, issue),
        "comment": comment_shape(world, repository, issue, comment),
        **extra,
    }
    emit(world, repository, "issue_comment", action, details, actor.account)


def react(world: World, reactions: list[Reaction], actor: Actor, content: str) -> tuple[Reaction, bool]:
    """Add a reaction; a person's second one of the same kind is the first one again (and the flag False)."""
    for reaction in reactions:
        if reaction.user is actor.account and reaction.content == content:
            return reaction, False
    reaction = Reaction(world.next_id("reaction"), actor.account, content, world.now())
    reactions.append(reaction)
    return reaction, True
