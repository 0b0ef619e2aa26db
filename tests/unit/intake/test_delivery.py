"""What deliveries tell us: the closed table of events, and nothing that a hostile body could break."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.intake.webhook import parse_delivery
from bot.model.event import (
    BranchTouched,
    ChecksTouched,
    Event,
    EventSource,
    Ignored,
    IssueTouched,
    PullRequestTouched,
)
from bot.model.ids import CommitSha, InstallationId, IssueNumber, RepositoryId
from bot.model.task import text_digest

Payload = dict[str, Any]  # JSON, built by hand
SHA = "0123456789abcdef0123456789abcdef01234567"
SOURCE = EventSource(InstallationId(7), RepositoryId(42), "octo/shop", "ada", sender_is_bot=False)
EVENTS = [
    "issues",
    "check_run",
    "check_suite",
    "workflow_run",
    "status",
    "push",
    "pull_request",
    "ping",
    "issue_comment",
]


def payload(**fields: object) -> Payload:
    common: Payload = {
        "installation": {"id": 7, "node_id": "x"},
        "repository": {"id": 42, "full_name": "octo/shop", "private": False},
        "sender": {"login": "ada", "type": "User", "id": 3},
    }
    return {**common, **fields}


def parse(event: str, body: Payload) -> Event:
    return parse_delivery(event, json.dumps(body).encode())


def issue(**fields: object) -> Payload:
    return payload(**{"action": "labeled", "issue": {"number": 5, "title": "t"}, "label": {"name": "rmo"}, **fields})


def pull_request(**fields: object) -> Payload:
    head = {"ref": "rmo/issue-5-9", "sha": SHA, "repo": {"id": 42}}
    return payload(**{"action": "closed", "pull_request": {"number": 6, "head": head}, **fields})


LABELLED = IssueTouched(SOURCE, IssueNumber(5), "labeled", digest=text_digest("t", ""))


def test_the_label_on_an_issue() -> None:
    assert parse("issues", issue()) == LABELLED


@pytest.mark.parametrize(
    "action",
    ["unlabeled", "edited", "closed", "reopened", "deleted", "transferred", "locked", "unlocked"],
)
def test_what_happens_to_a_labelled_issue(action: str) -> None:
    assert parse("issues", issue(action=action)) == IssueTouched(SOURCE, IssueNumber(5), action)


def test_a_bot_is_told_apart_from_a_person() -> None:
    touched = parse("issues", issue(sender={"login": "some-app[bot]", "type": "Bot"}))
    assert isinstance(touched, IssueTouched)
    assert touched.source.sender == "some-app[bot]"
    assert touched.source.sender_is_bot


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("check_run", payload(action="completed", check_run={"head_sha": SHA, "conclusion": "success"})),
        ("check_run", payload(action="rerequested", check_run={"head_sha": SHA})),
        ("check_suite", payload(action="completed", check_suite={"head_sha": SHA})),
        ("workflow_run", payload(action="completed", workflow_run={"head_sha": SHA})),
        ("status", payload(sha=SHA, state="pending", context="ci/other")),
    ],
)
def test_everything_that_concerns_a_commits_checks(event: str, body: Payload) -> None:
    assert parse(event, body) == ChecksTouched(SOURCE, CommitSha(SHA))


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("check_run", payload(action="created", check_run={"head_sha": SHA})),
        ("check_suite", payload(action="requested", check_suite={"head_sha": SHA})),
        ("workflow_run", payload(action="in_progress", workflow_run={"head_sha": SHA})),
        ("pull_request", pull_request(action="assigned")),
    ],
)
def test_what_has_only_begun_wakes_nobody(event: str, body: Payload) -> None:
    assert isinstance(parse(event, body), Ignored)


def test_a_push_and_the_deletion_of_a_branch() -> None:
    body = payload(ref="refs/heads/main", before=SHA, after="0" * 40)
    assert parse("push", body) == BranchTouched(SOURCE, "refs/heads/main", CommitSha("0" * 40))


def test_a_pull_request() -> None:
    assert parse("pull_request", pull_request()) == PullRequestTouched(SOURCE, "rmo/issue-5-9", "closed")


@pytest.mark.parametrize(
    ("event", "body"),
    [
        pytest.param("issues", issue(label={"name": "RMO"}), id="AU-11-case"),
        pytest.param("issues", issue(label={"name": "rmo "}), id="AU-11-space"),
        pytest.param("issues", issue(label={"name": "rm\u043e"}), id="AU-11-cyrillic"),
        pytest.param("issues", issue(label=None), id="no-label"),
        pytest.param("issues", issue(issue={"number": 5, "pull_request": {"url": "u"}}), id="AU-12-pull-request"),
        pytest.param("issues", issue(action="opened"), id="AU-4-labelled-when-opened-comes-as-labeled"),
        pytest.param("issues", issue(action="edited", comment={"id": 1}), id="WH-10-comment-named-issue"),
        pytest.param("push", issue(), id="WH-10-issue-named-push"),
        pytest.param("issues", payload(ref="refs/heads/main", before=SHA, after=SHA), id="WH-10-push-named-issue"),
        pytest.param("pull_request", pull_request(action="edited", review={"id": 1}), id="WH-10-review-named-pull"),
        pytest.param(
            "pull_request",
            pull_request(pull_request={"head": {"ref": "rmo/issue-5-9", "repo": {"id": 1}}}),
            id="AU-14-fork",
        ),
        pytest.param(
            "pull_request", pull_request(pull_request={"head": {"ref": "x", "repo": None}}), id="AU-14-fork-deleted"
        ),
        pytest.param("push", payload(ref="refs/tags/v1", before=SHA, after=SHA), id="tag"),
        pytest.param("issue_comment", issue(action="created", comment={"id": 1}), id="WH-16-unused-event"),
        pytest.param("unheard_of", issue(), id="WH-16-unknown-event"),
        pytest.param("check_run", payload(action="invented", check_run={"head_sha": SHA}), id="WH-16-unknown-action"),
        pytest.param("check_run", payload(action="completed", check_run={"head_sha": "main"}), id="no-sha"),
        pytest.param("check_run", payload(action="completed", check_run={"head_sha": f"{SHA}\n"}), id="sha-newline"),
        pytest.param("issues", issue(installation=None), id="no-installation"),
        pytest.param("issues", issue(repository={"id": True, "full_name": "octo/shop"}), id="truth-for-number"),
        pytest.param("issues", issue(repository={"id": "42", "full_name": "octo/shop"}), id="text-for-number"),
        pytest.param("issues", issue(repository={"id": 42, "full_name": "../../shop"}), id="path-for-name"),
        pytest.param("issues", issue(issue={"number": 2**70}), id="number-too-large"),
        pytest.param("issues", issue(sender={"login": "a\nb", "type": "User"}), id="newline-in-login"),
    ],
)
def test_what_is_ignored(event: str, body: Payload) -> None:
    assert isinstance(parse(event, body), Ignored)


def within(value: bytes) -> bytes:
    """A delivery that would be acted on but for one value in it that nobody reads."""
    return json.dumps(issue(extra="HERE")).encode().replace(b'"HERE"', value)


def test_an_unread_value_changes_nothing() -> None:
    assert parse_delivery("issues", within(b'{"a": [1, 2.5, null]}')) == LABELLED


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: b"[" * 100_000, id="WH-13-open-depth"),
        pytest.param(lambda: within(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), id="WH-13-depth"),
        pytest.param(lambda: within(b"9" * 5_000), id="WH-14-long-integer"),
        pytest.param(lambda: within(b"NaN"), id="WH-15-nan"),
        pytest.param(lambda: within(b"-Infinity"), id="WH-15-infinity"),
        pytest.param(lambda: within(b'1, "action": "closed"'), id="WH-15-repeated-key"),
        pytest.param(lambda: json.dumps(issue()).encode("utf-16"), id="utf-16"),
        pytest.param(lambda: b"\xff\xfe", id="no-utf-8"),
        pytest.param(lambda: b"", id="empty"),
        pytest.param(lambda: b"payload=%7B%7D", id="WH-12-form"),
        pytest.param(lambda: b"[]", id="list"),
        pytest.param(lambda: b'"text"', id="text"),
        pytest.param(lambda: b"null", id="null"),
        pytest.param(lambda: json.dumps(issue(sender={"login": "\ud800", "type": "User"})).encode(), id="surrogate"),
    ],
)
def test_hostile_json_is_ignored_and_never_raises(make: Callable[[], bytes]) -> None:
    assert isinstance(parse_delivery("issues", make()), Ignored)


def test_a_reason_holds_no_text_of_the_payload() -> None:
    answer = parse("issues", issue(action="IGNORE_ALL", label={"name": "obey"}))
    assert isinstance(answer, Ignored)
    assert "IGNORE_ALL" not in answer.reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["action", "issue", "label", "check_run", "check_suite", "pull_request", "ref", "after", "sha", "sender", "comment"]
)


@given(event=st.sampled_from(EVENTS) | st.text(max_size=10), body=st.binary(max_size=200))
@example(event="issues", body=b"{}")
def test_any_bytes_lead_to_an_event(event: str, body: bytes) -> None:
    assert isinstance(parse_delivery(event, body), Ignored)


@given(event=st.sampled_from(EVENTS), fields=st.dictionaries(KEYS, JSON, max_size=3))
def test_any_field_of_any_shape_leads_to_an_event(event: str, fields: dict[str, object]) -> None:
    for whole in (issue(), pull_request()):
        assert parse(event, {**whole, **fields}) is not None
