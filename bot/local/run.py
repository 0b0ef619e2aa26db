"""`rmo run`: a clone of the user's repository, its own workflows, and a branch as the result."""

import asyncio
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.config import Settings
from bot.git.local import LocalRepository, import_refs, inspect
from bot.git.tree import list_files
from bot.intake.issue_file import IssueText, MalformedIssueFile, parse_issue_file
from bot.local.show import Show
from bot.model.errors import NeedsHuman
from bot.model.run import Run
from bot.models import open_configured_model

ISSUE_BYTES = 8 * 1024**2
"""A larger file is no issue."""
WORKFLOWS = ".github/workflows/"


async def run_locally(
    settings: Settings, repo: Path, issue: Path, ci_network: bool, show: Show, directory: Path
) -> dict[str, Any]:
    """Work on the issue, with `directory` for everything that is not kept; the report of the run.

    The branch and the run's ref are in `repo` afterwards.
    Raises NeedsHuman for what is wrong with the arguments, before anything is started.
    """
    local = await inspect(repo)
    if local.branch is None:
        raise NeedsHuman(f"{str(repo)!r} is on no branch; check one out, the run starts from it")
    text = await asyncio.to_thread(_read_issue, issue)
    model = open_configured_model(settings)
    # Loaded only now: what is wrong with the arguments is said at once.
    from bot.local.outcome import in_short, report_on
    from bot.local.world import Origin, open_world

    if local.is_dirty:
        show.line(f"note: {local.changed} changed file(s) are not committed; the run starts from the last commit")
    paths = [entry.path for entry in await list_files(local.path / ".git", local.head)]
    own = [path for path in paths if path.startswith(WORKFLOWS) and path.endswith((".yml", ".yaml"))]
    workflow = None if own else (files("bot.local") / "default_workflow.yml").read_text("utf-8")
    show.line(f"checks: {', '.join(own) if own else 'the default validation; the repository has no workflow'}")
    origin = Origin("local", _name(local.path), local.path, local.branch, workflow)
    # Names of runs and branches are made of ids, and the clone may hold those of earlier runs.
    first_id = int(datetime.now(UTC).timestamp())
    async with open_world(settings, origin, model, show, directory, ci_network=ci_network, first_id=first_id) as world:
        number = await world.label_an_issue(text.title, text.body)
        run = await world.until_ended(number)
        report = await report_on(world, run)
        await _bring_home(local, run, f"{world.url}/{world.full_name}.git", world.token)
        left = world.left_over(run)
    for line in (*in_short(report), *left, *_result(report)):
        show.line(line)
    return report


def _name(path: Path) -> str:
    """A repository's name as GitHub would make it of a directory's."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.name.removesuffix(".git")).strip(".-")[:100] or "repository"


def _read_issue(path: Path) -> IssueText:
    try:
        content = path.read_bytes() if path.stat().st_size <= ISSUE_BYTES else None
    except OSError as error:
        raise NeedsHuman(f"the issue file {str(path)!r} can't be read ({error.strerror}); check the path") from error
    if content is None:
        raise NeedsHuman(f"the issue file {str(path)!r} is larger than {ISSUE_BYTES} bytes; give a shorter one")
    match parse_issue_file(content):
        case MalformedIssueFile(reason=reason):
            raise NeedsHuman(f"the issue file {str(path)!r} can't be used: {reason}")
        case IssueText() as text:
            return text


async def _bring_home(local: LocalRepository, run: Run, url: str, token: str) -> None:
    """The work branch and the run's own ref, under their own names."""
    refs: dict[str, str] = {}
    if run.state_ref:
        refs[run.state_ref] = f"refs/rmo/runs/{run.id}"
    if run.frozen is not None and run.code_head is not None:
        branch = f"refs/heads/{run.frozen.task.branch}"
        refs[branch] = branch
    if refs:
        await import_refs(local.path, url, refs, token=token)


def _result(report: dict[str, Any]) -> list[str]:
    pull = report["pull_request"]
    lines: list[str] = []
    if report["branch"]:
        lines.append(f"branch: {report['branch']}")
    if report["state_ref"]:
        lines.append(f"every step: git log {report['state_ref']}")
    if pull is not None:
        lines += ["", f"# {pull['title']}", "", pull["body"].rstrip()]
    return lines
