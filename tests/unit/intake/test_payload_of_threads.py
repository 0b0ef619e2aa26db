"""Comments, reviews, buttons, and what becomes of repositories and installations: deliveries and their events."""

import json
from typing import Any

import pytest

from bot.intake.payload import BUTTONS
from bot.intake.webhook import parse_delivery
from bot.model.event import (
    ButtonPressed,
    ChecksTouched,
    CommentWritten,
    Event,
    EventSource,
    Ignored,
    InstallationTouched,
    IssueTouched,
    PullRequestReviewed,
    RepositoryTouched,
)
from bot.model.ids import CommentId, CommitSha, InstallationId, IssueNumber, PullRequestNumber, RepositoryId
from bot.model.task import text_digest

Payload = dict[str, Any]  # JSON, built by hand
SHA = CommitSha("0123456789abcdef0123456789abcdef01234567")
SOURCE = EventSource(InstallationId(7), RepositoryId(42), "octo/shop", "ada", sender_is_bot=False)
UNUSED = Ignored("no action that is acted on")
MISSHAPEN = Ignored("the body does not have the shape of its event")


def payload(**fields: object) -> Payload:
    common: Payload = {
        "installation": {"id": 7, "node_id": "x"},
        "repository": {"id": 42, "full_name": "octo/shop", "private": False},
        "sender": {"login": "ada", "type": "User", "id": 3},
    }
    return {**common, **fields}


def parse(event: str, body: Payload) -> Event:
    return parse_delivery(event, json.dumps(body).encode())


def comment(body: str | None = "/rmo stop", **fields: object) -> Payload:
    written = {"id": 900, "body": body, "user": {"login": "ada"}}
    return payload(**{"action": "created", "issue": {"number": 5}, "comment": written, **fields})


def check_run(action: str, external_id: str | None = "42-5-9", **fields: object) -> Payload:
    run = {"id": 1, "head_sha": SHA, "external_id": external_id}
    return payload(**{"action": action, "check_run": run, **fields})


def pull_request(repository: int | None = 42) -> Payload:
    repo = None if repository is None else {"id": repository}
    return {"number": 6, "head": {"ref": "rmo/issue-5-9", "sha": SHA, "repo": repo}}


def installation(action: str, **fields: object) -> Payload:
    return {"action": action, "installation": {"id": 7}, "sender": {"login": "ada", "type": "User"}, **fields}


def test_a_command_in_a_comment() -> None:
    written = CommentWritten(SOURCE, IssueNumber(5), CommentId(900), on_pull_request=False)
    assert parse("issue_comment", comment()) == written
    of_pull_request = comment(issue={"number": 5, "pull_request": {"url": "x"}})
    assert parse("issue_comment", of_pull_request) == CommentWritten(SOURCE, IssueNumber(5), CommentId(900), True)
    misspelt = comment("/rmo stpo")
    assert isinstance(parse("issue_comment", misspelt), CommentWritten)


@pytest.mark.parametrize("body", ["thanks", "> /rmo stop", "```\n/rmo stop\n```", "", None])
def test_a_comment_that_commands_nothing(body: str | None) -> None:
    assert parse("issue_comment", comment(body)) == Ignored("a comment without a command")


@pytest.mark.parametrize("action", ["edited", "deleted", "pinned"])
def test_a_comment_counts_when_it_is_written(action: str) -> None:
    assert parse("issue_comment", comment(action=action)) == UNUSED


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"title": {"from": "old"}}, True),
        ({"body": {"from": ""}}, True),
        ({"title": {"from": "a"}, "body": {"from": "b"}}, True),
        ({}, False),
        ({"labels": {}}, False),
    ],
)
def test_an_edit_of_an_issue_says_whether_its_text_changed(changes: Payload, changed: bool) -> None:
    body = payload(action="edited", issue={"number": 5}, changes=changes)
    assert parse("issues", body) == IssueTouched(SOURCE, IssueNumber(5), "edited", text_changed=changed)


def test_only_an_edit_changes_the_text() -> None:
    body = payload(action="transferred", issue={"number": 5}, changes={"title": {"from": "old"}, "new_issue": {}})
    assert parse("issues", body) == IssueTouched(SOURCE, IssueNumber(5), "transferred")


def test_a_review_that_is_submitted() -> None:
    body = payload(action="submitted", review={"id": 3, "state": "approved"}, pull_request=pull_request())
    reviewed = PullRequestReviewed(SOURCE, PullRequestNumber(6), "rmo/issue-5-9")
    assert parse("pull_request_review", body) == reviewed
    assert parse("pull_request_review", {**body, "action": "dismissed"}) == UNUSED


def test_a_remark_at_a_line() -> None:
    body = payload(action="created", comment={"id": 3}, pull_request=pull_request())
    reviewed = PullRequestReviewed(SOURCE, PullRequestNumber(6), "rmo/issue-5-9")
    assert parse("pull_request_review_comment", body) == reviewed
    assert parse("pull_request_review_comment", {**body, "action": "edited"}) == UNUSED


@pytest.mark.parametrize("repository", [43, None])
def test_reviews_of_forks_are_not_ours(repository: int | None) -> None:
    body = payload(action="submitted", review={"id": 3}, pull_request=pull_request(repository))
    assert parse("pull_request_review", body) == Ignored("a pull request from a fork")


def test_a_check_run_of_ours_is_run_again() -> None:
    assert parse("check_run", check_run("rerequested")) == ButtonPressed(SOURCE, SHA, "42-5-9", "rerequested")


@pytest.mark.parametrize("button", sorted(BUTTONS))
def test_a_button_of_ours(button: str) -> None:
    pressed = check_run("requested_action", requested_action={"identifier": button})
    assert parse("check_run", pressed) == ButtonPressed(SOURCE, SHA, "42-5-9", button)


@pytest.mark.parametrize("pressed", [{"identifier": "deploy"}, {"identifier": ""}, None])
def test_a_button_of_somebody_else(pressed: Payload | None) -> None:
    body = check_run("requested_action", requested_action=pressed)
    assert parse("check_run", body) == Ignored("no button of ours")


@pytest.mark.parametrize("external_id", ["", None, "build-17", "42-5-9\n", "42-5", "\u0664-1-1"])
@pytest.mark.parametrize("action", ["rerequested", "requested_action"])
def test_check_runs_of_others_are_checks(action: str, external_id: str | None) -> None:
    assert parse("check_run", check_run(action, external_id)) == ChecksTouched(SOURCE, SHA)


def test_our_check_run_is_completed_like_any_other() -> None:
    assert parse("check_run", check_run("completed")) == ChecksTouched(SOURCE, SHA)


@pytest.mark.parametrize(
    "action", ["renamed", "transferred", "archived", "unarchived", "publicized", "privatized", "deleted"]
)
def test_what_becomes_of_a_repository(action: str) -> None:
    assert parse("repository", payload(action=action)) == RepositoryTouched(SOURCE, action)


def test_a_repository_that_is_described_anew_is_as_it_was() -> None:
    assert parse("repository", payload(action="edited")) == UNUSED


@pytest.mark.parametrize("action", ["created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"])
def test_what_becomes_of_an_installation(action: str) -> None:
    assert parse("installation", installation(action)) == InstallationTouched(InstallationId(7), action)
    assert parse("installation", installation("renamed")) == UNUSED


@pytest.mark.parametrize("action", ["added", "removed"])
def test_repositories_come_and_go(action: str) -> None:
    body = installation(action, repositories_added=[{"id": 42}], repositories_removed=[])
    assert parse("installation_repositories", body) == InstallationTouched(InstallationId(7), action)
    assert parse("installation_repositories", {**body, "action": "moved"}) == UNUSED


BODIES: dict[str, Payload] = {
    "issue_comment": comment(),
    "check_run": check_run("rerequested"),
    "pull_request_review": payload(action="submitted", review={"id": 3}, pull_request=pull_request()),
    "pull_request_review_comment": payload(action="created", comment={"id": 3}, pull_request=pull_request()),
    "installation": installation("created", repositories=[{"id": 42}]),
    "installation_repositories": installation("added", repositories_added=[]),
    "issues": payload(action="labeled", issue={"number": 5}, label={"name": "rmo"}),
    "push": payload(ref="refs/heads/x", before=SHA, after=SHA),
}


@pytest.mark.parametrize("event", sorted(BODIES))
@pytest.mark.parametrize("other", sorted(BODIES))
def test_a_header_that_does_not_fit_the_body_leads_nowhere(event: str, other: str) -> None:
    """WH-10: the event's name is not signed."""
    parsed = parse(event, BODIES[other])
    assert (parsed == MISSHAPEN) == (event != other), parsed


@pytest.mark.parametrize("event", sorted(set(BODIES) - {"installation", "installation_repositories"}))
def test_without_a_repository_or_an_installation_there_is_nobody_to_act_for(event: str) -> None:
    for missing in ("installation", "repository", "sender"):
        body = {name: value for name, value in BODIES[event].items() if name != missing}
        assert parse(event, body) == MISSHAPEN


def issues(action: str, **issue: object) -> Payload:
    return payload(action=action, issue={"number": 5, **issue}, label={"name": "rmo"})


@pytest.mark.parametrize("body", ["It is off.", "", None])
def test_a_label_tells_which_text_was_labelled(body: str | None) -> None:
    touched = parse("issues", issues("labeled", title="Wrong sum", body=body))
    assert touched == IssueTouched(SOURCE, IssueNumber(5), "labeled", digest=text_digest("Wrong sum", body or ""))


@pytest.mark.parametrize("body", [issues("labeled"), issues("unlabeled", title="Wrong sum", body="It is off.")])
def test_nothing_else_tells_it(body: Payload) -> None:
    touched = parse("issues", body)
    assert isinstance(touched, IssueTouched)
    assert touched.digest == ""
