"""What is said once, beside the status comment: a run that begins for another, somebody else's pull request, a merge
that git cannot make, checks that would hand out secrets, issues that wait.

Each note has a marker of its own, so that it is found again and edited instead of being said twice.
"""

from collections.abc import Sequence
from typing import Final, Literal, assert_never

from bot.comments.quoting import line, whole
from bot.model.exposure import Exposed
from bot.model.forge import PullRequestState
from bot.model.ids import PullRequestNumber, RunId

QUEUE_MARKER: Final = "<!-- rmo:queue -->"
QueueReason = Literal["unfinished", "an_hour", "open_pull_requests", "money"]

_WAITS_FOR: Final[dict[QueueReason, str]] = {
    "unfinished": "as many runs as this repository may have are at work; they begin as those end",
    "an_hour": "as many runs as may begin within an hour have begun; `runs_an_hour` in `.github/fractal-rmo.yml` "
    "says how many",
    "open_pull_requests": "as many of my pull requests are open as may be; please merge or close one, or raise "
    "`open_pull_requests` in `.github/fractal-rmo.yml`",
    "money": "the money for today is spent; they begin once the day is over",
}
_SHOWN = 20


def note_marker(name: Literal["superseded"], run: RunId) -> str:
    """Hidden in a note about `run`."""
    return f"<!-- rmo:{name} {run} -->"


def superseded_note(run: RunId, by: RunId, pull_request: PullRequestNumber | None = None) -> str:
    """For the pull request of an earlier run, once a later one has taken the issue over."""
    where = f", in pull request #{pull_request}" if pull_request is not None else ""
    return whole(
        note_marker("superseded", run),
        f"The issue was labelled again: run `{by}` goes on{where}, and this pull request is closed.",
        "**Next step:** none; the branch is kept, should you want something of it.",
    )


def duplicate_detail(pull_requests: Sequence[PullRequestState]) -> str:
    """Why no run begins where somebody already works on the issue; one sentence without its end, to be quoted."""
    names = ", ".join(f"#{pull.number} by {pull.author or 'somebody'}" for pull in pull_requests[:5])
    return f"the issue already has an open pull request: {names}"


def unsafe_checks_detail(found: Sequence[Exposed]) -> str:
    """Why no run begins where workflows would hand too much to a branch of the bot; one sentence, to be quoted."""
    named = "; ".join(f"{each.workflow}{f', job {each.job}' if each.job else ''}: {_what(each)}" for each in found[:5])
    more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
    return f"workflows would hand code that nobody has looked at more than it may have: {named}{more}"


def exposure_list(found: Sequence[Exposed]) -> str:
    """What workflows would hand out, as a list, each with its mend; empty where nothing is."""
    return "\n".join(exposed_row(each) for each in found[:_SHOWN]) + _more(len(found))


def exposed_row(each: Exposed) -> str:
    """One finding as an item of a list, with what to do about it."""
    job = f", job `{line(each.job)}`" if each.job else ""
    return f"- `{line(each.workflow)}`{job}: {line(_what(each))}. {_mend(each)}"


def queue_summary(waiting: int, reason: QueueReason) -> str:
    """The one comment of a repository about labelled issues that have to wait."""
    issues = "One labelled issue waits" if waiting == 1 else f"{waiting:,} labelled issues wait"
    return whole(
        QUEUE_MARKER,
        f"{issues}: {_WAITS_FOR[reason]}.",
        "**Next step:** none; they begin by themselves. Take the label off an issue that should not be worked on.",
    )


def queue_empty() -> str:
    """What the same comment says once nothing waits."""
    return whole(QUEUE_MARKER, "No labelled issue waits any more.")


def _what(each: Exposed) -> str:
    match each.kind:
        case "secret":
            return f"the secret {each.detail}"
        case "every_secret":
            return f"all secrets, by an expression that names none ({each.detail})"
        case "inherit":
            return f"all secrets, to a workflow of another repository ({each.detail})"
        case "oidc":
            return "a token that other services take for this repository (id-token)"
        case "runner":
            return f"a runner that may not be GitHub's own ({each.detail})"
        case "environment":
            return f"what the environment {each.detail} holds"
        case "unreadable":
            return f"nobody can tell what ({each.detail})"
        case "write_token":
            return f"a GITHUB_TOKEN that may write ({each.detail})"
        case "default_token":
            return "a GITHUB_TOKEN with the repository's default permissions"
        case "elsewhere":
            return f"a workflow of another repository runs, without being given anything ({each.detail})"
        case _ as unreachable:
            assert_never(unreachable)


def _mend(each: Exposed) -> str:
    match each.kind:
        case "secret":
            return (
                f"Accept it under `accept_ci_secrets`, or leave `rmo/**` out of this workflow's branches: {_LEAVE_OUT}."
            )
        case "every_secret" | "inherit":
            return f"Name the secrets that are needed, or leave `rmo/**` out: {_LEAVE_OUT}."
        case "oidc" | "runner" | "environment":
            return f"Leave `rmo/**` out: {_LEAVE_OUT}."
        case "unreadable":
            return "Mend the file so that it can be read."
        case "write_token" | "default_token":
            return "`permissions: contents: read` at the top of the file keeps it harmless."
        case "elsewhere":
            return "See that it is pinned to a commit that you trust."
        case _ as unreachable:
            assert_never(unreachable)


_LEAVE_OUT: Final = "`if: ${{ !startsWith(github.head_ref || github.ref_name, 'rmo/') }}` at the job"


def _more(found: int) -> str:
    return f"\n- and {found - _SHOWN} more" if found > _SHOWN else ""
