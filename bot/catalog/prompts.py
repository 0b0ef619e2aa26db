"""The wording of the agents: a system text for each, and the templates by name; code holds none of it."""

from collections.abc import Mapping
from typing import Final

from bot.catalog.errors import DataMissing
from bot.catalog.files import required
from bot.model.protocol import Prompts

AGENTS: Final = ("thinker", "processor", "executor")
TEMPLATES: Final = ("plan", "replan", "plan_review", "verdict_review", "item", "repair")

_SYSTEM: Final = "protocols/prompts/system/"
_TEMPLATES: Final = "protocols/prompts/templates/"


def parse_prompts(files: Mapping[str, str]) -> Prompts:
    """System texts and templates. Raises DataMissing where one that the agents need is not there."""
    system = {agent: required(files, f"{_SYSTEM}{agent}.md") for agent in AGENTS}
    templates = {
        path.removeprefix(_TEMPLATES).removesuffix(".md"): text
        for path, text in files.items()
        if path.startswith(_TEMPLATES)
    }
    missing = [name for name in TEMPLATES if name not in templates]
    if missing:
        raise DataMissing(f"the templates {missing!r} are missing under {_TEMPLATES!r}: restore them")
    return Prompts(system=system, templates=templates)
