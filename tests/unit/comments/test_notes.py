"""Notes, the dashboard and the pull request that a repository is taken up with."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from inline_snapshot import snapshot

from bot import comments
from bot.ci.exposure import exposure
from bot.comments.dashboard import DashboardState
from bot.comments.notes import QueueReason, exposed_row
from bot.intake.command import parse_commands
from bot.model.exposure import Exposed, Exposure, ExposureKind
from bot.model.forge import PullRequestState
from bot.model.ids import CommitSha, IssueNumber, PullRequestNumber, RunId
from bot.model.onboarding import OnboardingFacts
from tests.unit.loop.story import START

RUN = RunId("7-12-99")
CI = ".github/workflows/ci.yml"


def pull(number: int, author: str) -> PullRequestState:
    return PullRequestState(
        *(PullRequestNumber(number), "PR_1", f"http://hub/octo/tally/pull/{number}", "t", "Closes #12", "open"),
        *(False, False, "fix", CommitSha("a" * 40), "octo/tally", "main", None, author),
    )


def exposed(kind: ExposureKind, detail: str = "D") -> Exposed:
    return Exposed(CI, "test", kind, detail)


def facts(found: Exposure, *required: str) -> OnboardingFacts:
    return OnboardingFacts("octo/tally", "main", ".github/fractal-rmo.yml", "rmo", found, required)


def test_a_later_run_takes_the_place_of_an_earlier_one() -> None:
    said = comments.superseded_note(RUN, RunId("7-12-100"), PullRequestNumber(14))
    assert said.startswith("<!-- rmo:superseded 7-12-99 -->\n\n")
    assert "run `7-12-100` goes on, in pull request #14, and this pull request is closed." in said
    assert "in pull request" not in comments.superseded_note(RUN, RunId("7-12-100"))


def test_somebody_elses_pull_request_is_named() -> None:
    detail = comments.duplicate_detail([pull(8, "ada"), pull(9, "")])
    assert detail == "the issue already has an open pull request: #8 by ada, #9 by somebody"


def test_what_workflows_would_hand_out_is_told_in_one_sentence() -> None:
    found = [exposed("secret", f"S{number}") for number in range(7)]
    detail = comments.unsafe_checks_detail(found)
    assert f"{CI}, job test: the secret S0; " in detail
    assert detail.endswith("; and 2 more")
    unreadable = Exposed(CI, "", "unreadable", "it is no mapping")
    assert comments.unsafe_checks_detail([unreadable]).endswith(f": {CI}: nobody can tell what (it is no mapping)")


@pytest.mark.parametrize("kind", get_args(ExposureKind))
def test_everything_that_is_handed_out_has_its_mend(kind: ExposureKind) -> None:
    row = exposed_row(exposed(kind))
    assert row.startswith(f"- `{CI}`, job `test`: ")
    assert row.endswith(".")


def test_the_mend_that_is_given_is_one() -> None:
    """The condition that people are told to write keeps the secret away, as the analysis sees it."""
    workflow = (
        "on: [push, pull_request]\njobs:\n  a:\n{}    runs-on: ubuntu-latest\n"
        "    steps:\n      - run: ${{{{ secrets.X }}}}\n"
    )
    row = exposed_row(exposed("oidc"))
    condition = row.partition("`if: ")[2].partition("`")[0]
    open_to_all = exposure({CI: workflow.format("")}, default_branch="main")
    left_out = exposure({CI: workflow.format(f"    if: {condition}\n")}, default_branch="main")
    assert open_to_all.secrets == {"X"}
    assert left_out == Exposure(workflows=(CI,))


def test_a_list_of_them_is_never_endless() -> None:
    assert comments.exposure_list([exposed("oidc")] * 25).splitlines()[-1] == "- and 5 more"
    assert comments.exposure_list([]) == ""


@pytest.mark.parametrize("reason", get_args(QueueReason))
def test_what_waits_knows_for_what(reason: QueueReason) -> None:
    said = comments.queue_summary(1_000, reason)
    assert said.startswith(f"{comments.QUEUE_MARKER}\n\n1,000 labelled issues wait: ")
    assert "**Next step:** " in said
    assert "One labelled issue waits: " in comments.queue_summary(1, reason)
    assert comments.queue_empty().startswith(comments.QUEUE_MARKER)


def row(number: int, state: DashboardState, hours: int) -> comments.DashboardRow:
    since = START + timedelta(hours=hours)
    return comments.DashboardRow(IssueNumber(number), "Wrong | @sum", state, "waits", since, None)


def test_the_dashboard() -> None:
    rows = [
        row(3, "running", 2),
        replace(row(2, "running", 1), pull_request=PullRequestNumber(13)),
        row(4, "limited", 0),
    ]
    assert comments.dashboard_title() == "Fractal-RMO: dashboard"
    assert comments.dashboard_body(rows).partition("<sub>")[0] == snapshot(
        """\
<!-- rmo:dashboard -->

What I am doing here. This text is kept up to date by itself.

#### Running

| Issue | Title | Pull request | Where it stands | Since |
|---|---|---|---|---|
| #2 | Wrong &#124; @\u200bsum | #13 | waits | 2026-01-01 13:00 UTC |
| #3 | Wrong &#124; @\u200bsum |  | waits | 2026-01-01 14:00 UTC |

#### Limited by a budget or by GitHub

| Issue | Title | Pull request | Where it stands | Since |
|---|---|---|---|---|
| #4 | Wrong &#124; @\u200bsum |  | waits | 2026-01-01 12:00 UTC |

"""
    )


def test_a_dashboard_of_nothing_and_of_much() -> None:
    assert "Nothing to do at the moment." in comments.dashboard_body([])
    body = comments.dashboard_body([row(number, "queued", 0) for number in range(1, 53)])
    assert "And 2 more." in body
    assert body.index("| #1 |") < body.index("| #2 |")


def test_taking_up_a_repository_with_nothing_to_mend() -> None:
    assert comments.onboarding_title() == "Configure Fractal-RMO"
    body = comments.onboarding_body(facts(Exposure(workflows=(CI,))))
    assert "This adds `.github/fractal-rmo.yml` to `octo/tally`" in body
    assert "**I do nothing here until it is merged.**" in body
    assert "Close this pull request" in body
    for heading in ("To mend first", "Secrets that", "Good to know"):
        assert heading not in body
    assert parse_commands(body) == ()


def test_taking_up_a_repository_with_much_to_mend() -> None:
    found = Exposure(
        handed=(exposed("secret", "TOKEN"), exposed("secret", "KEY")),
        refusals=(exposed("oidc"),),
        warnings=(exposed("write_token", "contents: write"),),
        workflows=(CI,),
    )
    body = comments.onboarding_body(facts(found, "test @x"))
    assert "#### To mend first\n\nNo run begins while these stand" in body
    assert "```yaml\naccept_ci_secrets: [KEY, TOKEN]\n```" in body
    assert "These checks are required, and I wait for them: `test @\u200bx`." in body
    assert "a GITHUB_TOKEN that may write (contents: write)" in body


@pytest.mark.parametrize(
    ("found", "told"),
    [(Exposure(), True), (Exposure(refusals=(Exposed(CI, "", "unreadable", "no mapping"),)), False)],
)
def test_a_repository_without_checks_is_told_so(found: Exposure, told: bool) -> None:
    assert ("No workflow runs for a branch of mine" in comments.onboarding_body(facts(found))) == told
