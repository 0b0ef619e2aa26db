"""The report: what programs read."""

import json
from dataclasses import replace

from bot.model.forge import CommitSummary, PullRequestFile, PullRequestState
from bot.model.ids import CommitSha, PullRequestNumber, TreeSha
from bot.model.phase import Stopping
from bot.model.run import Run
from bot.model.validation import BehaviourKept, CodeUnchanged, TamperFinding
from bot.report import in_json, report_of, trailers_in
from tests.unit.loop.story import REQUEST, Story, failure, item, sha


def finished() -> Story:
    story = Story()
    story.plan(item("Pin it", "reproduce_issue"), item("Mend it"))
    story.decide()
    story.work(test_a_py="t")
    story.work(a_py="1")
    story.fails(failure("x"))
    story.decide(retry="2")
    story.work(a_py="2")
    story.passes()
    return story


def test_the_report_of_a_finished_run() -> None:
    story = finished()
    head = CommitSha(sha(14))
    message = "Mend it\n\nchanged\n\nRMO-Run: 7-12-99\nRMO-Step: 7\n"
    commits = [CommitSummary(head, TreeSha(sha(15)), (CommitSha(sha(3)),), message, "fractal-rmo[bot]")]
    pull = PullRequestState(
        number=PullRequestNumber(13),
        node_id="PR_13",
        url="http://hub/13",
        title="Wrong sum",
        body="b",
        state="open",
        draft=False,
        merged=False,
        head_ref="rmo/issue-12-99",
        head_sha=head,
        head_repository="octo/tally",
        base_ref="main",
        merge_commit=None,
    )
    files = [PullRequestFile("a.py", "modified", None, 1, 1)]
    report = report_of(story.run, commits, pull, files)
    assert json.loads(json.dumps(report)) == report
    assert list(report) == [
        *("issue", "run", "branch", "state_ref", "base_sha", "head_sha", "steps", "commits", "pull_request"),
        *("checks", "failures", "proof", "levels", "round_trips_saved", "tampering", "pre_existing", "flaky"),
    ]
    assert report["proof"]["kind"] == "red_before_green"
    assert report["proof"]["test"] == "tests/test_a.py::test_a"
    assert report["levels"] == [{"level": 1, "name": "syntax", "status": "passed", "seconds": 0.1}]
    assert report["run"]["status"] == "succeeded"
    assert report["run"]["stop_reason"] == "completed"
    assert report["run"]["model_requests"] == 6
    assert [step["agent"] for step in report["steps"]][:3] == ["thinker", "processor", "executor"]
    assert report["commits"][0]["subject"] == "Mend it"
    assert report["commits"][0]["trailers"] == {"RMO-Run": "7-12-99", "RMO-Step": "7"}
    assert report["pull_request"]["files"] == ["a.py"]
    assert [check["conclusion"] for check in report["checks"]] == ["failure", "success"]
    assert report["failures"][0]["fingerprint"] == "x"
    assert report_of(story.run, commits, replace(pull, merged=True), files)["pull_request"]["state"] == "merged"


def test_each_kind_of_proof_as_data() -> None:
    assert in_json(CodeUnchanged(2)) == {"kind": "code_unchanged", "files": 2}
    assert in_json(BehaviourKept(9)) == {"kind": "behaviour_kept", "tests": 9}


def test_what_speaks_against_a_change_is_reported() -> None:
    finding = TamperFinding("test-skipped", "tests/t.py", 3, "a new skip")
    run = replace(finished().run, tampering=(finding,), pre_existing=("t::a",), flaky=("t::b",), stopped_before_push=2)
    report = report_of(run, (), None, ())
    assert report["tampering"] == [
        {"rule": "test-skipped", "path": "tests/t.py", "line": 3, "detail": "a new skip", "suspicion": False}
    ]
    assert (report["pre_existing"], report["flaky"], report["round_trips_saved"]) == (["t::a"], ["t::b"], 2)


def test_the_report_of_a_run_that_has_hardly_begun() -> None:
    report = report_of(Run(REQUEST), (), None, ())
    assert report["issue"] == {"number": 12, "title": ""}
    assert report["run"]["status"] == "running"
    assert report["run"]["stop_reason"] is None
    assert report["branch"] is report["state_ref"] is report["base_sha"] is report["pull_request"] is None


def test_a_run_that_is_stopping_already_says_why() -> None:
    story = Story()
    story.settle()
    report = report_of(replace(story.run, phase=Stopping("stuck", "again")), (), None, ())
    assert (report["run"]["stop_reason"], report["run"]["detail"]) == ("stuck", "again")


def test_prose_is_no_trailer() -> None:
    assert trailers_in("Subject\n\nSome prose: with a colon\nand more\n") == {}
    assert trailers_in("Subject\n") == {}
