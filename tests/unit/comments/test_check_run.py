"""Our own check run: it shows a timeline, and is never greener than what the repository's checks said."""

from dataclasses import replace
from typing import get_args

import pytest
from inline_snapshot import snapshot

from bot import comments
from bot.comments.check_run import APPROVE, RETRY, STOP, CheckOutput
from bot.intake.payload import BUTTONS
from bot.model.phase import Approving, Ended, Stopping, StopReason, Working
from tests.unit.comments.runs import MEND, finished, fresh, planned, step
from tests.unit.loop.story import START


def test_the_timeline_of_a_run() -> None:
    output = comments.check_output(finished())
    assert (output.title, output.state, output.conclusion) == (
        "Completed: 3 step(s), 0.00 US dollars",
        "completed",
        "success",
    )
    assert output.summary.startswith("#### Where it stands\n\nAll checks passed: test.")
    table, _, account = output.text.partition("#### What it came to")
    assert [line.split(" | ")[:5] for line in table.splitlines()[4:7]] == snapshot(
        [
            ["| 1", "thinker", "Plan", "1.2", "0.00"],
            ["| 2", "executor", "Mend &#124; it", "1.2", "0.25"],
            ["| 3", "ci", "Verdict", "1.2", "0.00"],
        ]
    )
    code = "e".rjust(40, "0")
    assert f"[`000000000000`](http://hub/octo/tally/commit/{code})" in table
    assert "- Began 2026-01-01 12:00 UTC, for issue #12\n- 0.00 US dollars, 6 model requests, 90 tokens" in account
    assert "- Model script:test, checklist `pppppppppppp`\n- Pull request #13\n- Run `7-12-99`" in account


def test_a_run_that_has_just_begun() -> None:
    output = comments.check_output(replace(fresh(), frozen=None))
    assert output.title == "Working: 0 step(s), 0.00 US dollars"
    assert "No step has been committed yet." in output.text
    assert "Model" not in output.text
    assert (output.state, output.conclusion, output.buttons) == ("in_progress", None, (STOP,))


def test_before_there_is_a_pull_request_commits_are_named_without_links() -> None:
    text = comments.check_output(replace(planned(), steps=(step(1, "thinker", "Plan"),))).text
    assert "| `000000000000` |" in text
    assert "](" not in text


def test_a_commit_that_was_left_behind_says_where_it_went_on() -> None:
    output = comments.left_behind_output("a" * 40)
    assert (output.state, output.conclusion, output.buttons) == ("completed", "neutral", ())
    assert output.summary == "The run went on at `aaaaaaaaaaaa`."


def test_buttons_are_those_that_make_sense() -> None:
    assert comments.check_output(replace(planned(), phase=Approving())).buttons == (APPROVE, STOP)
    assert comments.check_output(replace(planned(), phase=Working(MEND, 1))).buttons == (STOP,)
    assert comments.check_output(finished()).buttons == (RETRY,)
    assert {identifier for _, _, identifier in (APPROVE, STOP, RETRY)} == BUTTONS
    for label, description, identifier in (APPROVE, STOP, RETRY):
        assert len(label) <= 20
        assert len(description) <= 40
        assert len(identifier) <= 20


@pytest.mark.parametrize("reason", get_args(StopReason))
def test_only_a_completed_run_is_green(reason: StopReason) -> None:
    for phase in (Stopping(reason, "because"), Ended(reason, "because", START)):
        output = comments.check_output(replace(finished(), phase=phase))
        assert output.state == "completed"
        assert (output.conclusion == "success") == (reason == "completed")
        assert "**Next step:** " in output.summary


def test_each_kind_of_end_has_its_colour() -> None:
    colours = {
        reason: comments.check_output(replace(finished(), phase=Ended(reason, "x", START))).conclusion
        for reason in get_args(StopReason)
    }
    assert colours["unverified"] == colours["no_change"] == "neutral"
    assert colours["needs_answer"] == colours["unsafe_checks"] == "action_required"
    assert colours["cancelled"] == "cancelled"
    assert colours["failed"] == colours["stuck"] == "failure"


def test_a_text_is_never_longer_than_github_takes() -> None:
    steps = tuple(step(number, "executor", "@" * 200) for number in range(1, 400))
    assert len(comments.check_output(replace(finished(), steps=steps)).text) <= 60_000


def test_a_broken_configuration_is_told_on_its_commit() -> None:
    assert comments.config_problem_output("no key 'x@y'") == CheckOutput(
        "The configuration cannot be used",
        "`.github/fractal-rmo.yml` can't be used: no key 'x@\u200by'\n\n"
        "**Next step:** please mend the file on the default branch; I begin nothing in this repository until then.",
        "",
        "completed",
        "failure",
    )
    assert comments.config_mended_output().conclusion == "success"
