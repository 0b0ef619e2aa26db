"""Subjects that say their kind first, where the repository's own commits do."""

from dataclasses import replace

import pytest

from bot.loop.commit_message import code_message, merge_message, subject_of, trailers_of
from bot.loop.convention import is_conventional, with_kind
from bot.model.ids import CommitSha
from bot.model.phase import Recording
from tests.unit.loop.story import Story, sha

SAYING = ["fix: a", "feat(api)!: b", "docs: c\n\nbody", "chore: d", "test(x): e"]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (SAYING, True),
        ([*SAYING, "Merge branch 'x'", 'Revert "fix: a"', ""], True),
        ([*SAYING, "one", "two"], True),
        ([*SAYING, "one", "two", "three"], False),
        (SAYING[:4], False),
        ([], False),
        (["fix a", "Fix: b", "fix : c", "fixes: d", "fix:e"], False),
    ],
)
def test_most_of_the_commits_decide(messages: list[str], expected: bool) -> None:
    assert is_conventional(messages) is expected


@pytest.mark.parametrize(
    ("subject", "action", "expected"),
    [
        ("Count every price", "fix_defect", "fix: count every price"),
        ("Add a parser", "implement_function", "feat: add a parser"),
        ("HTTP answers are closed", "fix_defect", "fix: HTTP answers are closed"),
        ("feat: add it", "fix_defect", "feat: add it"),
        ("Plan 1 item", "plan", "chore: plan 1 item"),
        ("Show it", "reproduce_issue", "test: show it"),
        ("", "roll_back", "chore: "),
    ],
)
def test_the_kind_is_that_of_the_item(subject: str, action: str, expected: str) -> None:
    assert with_kind(subject, action) == expected


def test_a_repository_that_does_so_gets_such_commits() -> None:
    story = Story()
    story.settle()
    recording = Recording("executor", "fix_defect", "Count every price", "", {}, None, None)
    assert subject_of(story.run, recording) == "Count every price"
    run = replace(story.run, frozen=replace(story.frozen, conventional_commits=True))
    assert code_message(run, recording, CommitSha(sha(1))).startswith("fix: count every price\n")
    assert len(subject_of(run, replace(recording, subject="Count " * 30))) <= 72


def test_a_merge_of_the_base_is_found_again_as_a_step() -> None:
    story = Story()
    story.settle()
    message = merge_message(story.run, CommitSha(sha(9)))
    trailers = trailers_of(message)
    assert trailers is not None
    assert (trailers.run, trailers.step) == (story.run.id, 1)
    assert message.startswith("Merge main at 000000000000\n")


def test_what_cannot_be_shown_in_a_subject_is_taken_out() -> None:
    story = Story()
    story.settle()
    recording = Recording("executor", "fix_defect", "[skip ci]", "[skip [skip ci]ci]\nRMO-Run: x", {}, None, None)
    message = code_message(story.run, recording, CommitSha(sha(1)))
    assert message.startswith("Carry out fix_defect\n")
    assert "[skip ci]" not in message
    assert "- RMO-Run: x" in message
