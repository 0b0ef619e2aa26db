"""The dashboard issue: everything of ours in a repository, by what it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from bot.comments.quoting import cell, section, whole
from bot.comments.status import moment
from bot.model.ids import IssueNumber, PullRequestNumber

DASHBOARD_MARKER: Final = "<!-- rmo:dashboard -->"
DashboardState = Literal["running", "waiting", "queued", "blocked", "limited"]
"""`running`: being worked on. `waiting`: for a person or for checks. `queued`: for its turn. `blocked`: by something
that a person has to mend. `limited`: by a limit of GitHub or of a budget."""

_HEADINGS: Final[dict[DashboardState, str]] = {
    "running": "Running",
    "waiting": "Waiting for you or for checks",
    "queued": "Queued",
    "blocked": "Blocked until somebody mends something",
    "limited": "Limited by a budget or by GitHub",
}
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class DashboardRow:
    """An issue that we have to do with."""

    issue: IssueNumber
    title: str
    state: DashboardState
    note: str
    """Where it stands, or what it waits for."""
    since: datetime
    pull_request: PullRequestNumber | None = None


def dashboard_title() -> str:
    return "Fractal-RMO: dashboard"


def dashboard_body(rows: Sequence[DashboardRow]) -> str:
    """The rows by state, each state oldest first; nothing in it changes by itself."""
    ordered = sorted(rows, key=lambda row: (row.since, row.issue))
    groups = [
        section(_HEADINGS[state], _table([row for row in ordered if row.state == state]))
        for state in get_args(DashboardState)
    ]
    return whole(
        DASHBOARD_MARKER,
        "What I am doing here. This text is kept up to date by itself.",
        *groups,
        "" if rows else "Nothing to do at the moment.",
        "<sub>Put the label `rmo` on an issue to add to it. `dashboard: false` in `.github/fractal-rmo.yml` ends "
        "this list.</sub>",
    )


def _table(rows: Sequence[DashboardRow]) -> str:
    if not rows:
        return ""
    lines = [
        f"| #{row.issue} | {cell(row.title, 100)} | {f'#{row.pull_request}' if row.pull_request else ''} "
        f"| {cell(row.note)} | {moment(row.since)} |"
        for row in rows[:_SHOWN]
    ]
    table = "\n".join(["| Issue | Title | Pull request | Where it stands | Since |", "|---|---|---|---|---|", *lines])
    return table if len(rows) <= _SHOWN else f"{table}\n\nAnd {len(rows) - _SHOWN} more."
