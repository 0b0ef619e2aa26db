"""What the checks of a commit add up to: for suites, for combined statuses, and for whether a branch may be merged.

A required context is satisfied by a check run that ended in success, neutral or skipped, or by a status of success:
https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks
"""

from collections.abc import Sequence

from bot.localhub.state.checks import CommitStatus, HubCheckRun, StatusState
from bot.localhub.state.repository import HubRepository
from bot.model.check import CheckState, Conclusion

GREEN: frozenset[Conclusion] = frozenset({"success", "neutral", "skipped"})
_WORST_FIRST: tuple[Conclusion, ...] = (
    "startup_failure",
    "failure",
    "timed_out",
    "action_required",
    "cancelled",
    "stale",
    "success",
    "neutral",
    "skipped",
)


def latest_statuses(repository: HubRepository, sha: str) -> list[CommitStatus]:
    """The newest status of each context, newest first."""
    newest: dict[str, CommitStatus] = {}
    for status in repository.statuses:
        if status.sha == sha:
            newest[status.context] = status
    return sorted(newest.values(), key=lambda status: status.id, reverse=True)


def latest_checks(repository: HubRepository, sha: str) -> list[HubCheckRun]:
    """The newest check run of each App and name, newest first."""
    newest: dict[tuple[int, str], HubCheckRun] = {}
    for check in repository.checks.values():
        if check.head_sha == sha:
            newest[(check.suite.id, check.name)] = check
    return sorted(newest.values(), key=lambda check: check.id, reverse=True)


def combined_state(statuses: Sequence[CommitStatus]) -> StatusState:
    """The combined status: any red makes it red, none at all leaves it pending."""
    states = {status.state for status in statuses}
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def together(checks: Sequence[HubCheckRun]) -> tuple[CheckState, Conclusion | None]:
    """State and conclusion of a suite that holds these runs."""
    if not checks:
        return "queued", None
    if any(check.status != "completed" for check in checks):
        started = any(check.status != "queued" for check in checks)
        return ("in_progress" if started else "queued"), None
    ended = {check.conclusion for check in checks}
    return "completed", next(each for each in _WORST_FIRST if each in ended)


def missing_checks(repository: HubRepository, branch: str, sha: str) -> list[str]:
    """Required contexts of `branch` that are not green on `sha`."""
    green = {check.name for check in latest_checks(repository, sha) if check.conclusion in GREEN}
    green |= {status.context for status in latest_statuses(repository, sha) if status.state == "success"}
    return [context for context in repository.required_checks.get(branch, ()) if context not in green]


def unstable(repository: HubRepository, sha: str) -> bool:
    """Whether something on `sha`, required or not, is unfinished or red."""
    runs = any(check.conclusion not in GREEN for check in latest_checks(repository, sha))
    return runs or any(status.state != "success" for status in latest_statuses(repository, sha))
