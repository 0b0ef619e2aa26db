"""The demonstration: a sample repository with a real defect, from the label to the pull request."""

import asyncio
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.config import Settings
from bot.llm.script import load_script
from bot.local.outcome import in_short, report_on
from bot.local.show import Show
from bot.local.world import Origin, open_world
from bot.models import OpenedModel, open_configured_model, scripted

OWNER, NAME = "demo", "duration"
SAMPLE = (
    ".github/workflows/ci.yml",
    "README.md",
    "duration.py",
    "pyproject.toml",
    "tests/test_duration.py",
)


async def demonstrate(
    settings: Settings, model: str | None, port: int, leave: bool, show: Show, directory: Path
) -> dict[str, Any]:
    """Carry the demonstration out in `directory`; the report of its run.

    Unless `leave`, it serves until it is cancelled, which then is its ordinary end.
    """
    opened = _model(settings, model)
    scripted = model is None
    show.line(f"model: {'a script that comes with the demo; no model is asked' if scripted else opened.spec}")
    data = files("bot.local")
    title, _, body = (data / "sample_issue.md").read_text("utf-8").partition("\n")
    origin = Origin(OWNER, NAME, {path: (data / "sample" / path).read_text("utf-8") for path in SAMPLE}, "main", None)
    async with open_world(settings, origin, opened, show, directory, port=port) as world:
        show.line(f"a GitHub on this machine: {world.url}/{world.full_name}")
        issue = await world.label_an_issue(title.removeprefix("# ").strip(), body.strip())
        show.line(f"a maintainer labels issue #{issue} with `rmo`")
        run = await world.until_ended(issue)
        report = await report_on(world, run)
        for text in in_short(report):
            show.line(text)
        show.line(f"issue: {world.url}/{world.full_name}/issues/{issue}")
        if report["pull_request"] is not None:
            show.line(f"pull request: {report['pull_request']['url']}")
        if not leave:
            show.line("serving until Ctrl-C")
            show.doing("serving until Ctrl-C")
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return report


def _model(settings: Settings, spec: str | None) -> OpenedModel:
    if spec is not None:
        return open_configured_model(settings.model_copy(update={"model": spec}))
    return scripted("script:demo", load_script((files("bot.local") / "sample_replies.jsonl").read_text("utf-8")))
