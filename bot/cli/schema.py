"""`rmo schema AGENT`: what a scripted reply has to look like."""

import json
from typing import Annotated

import typer

from bot.model.errors import NeedsHuman


def schema(agent: Annotated[str, typer.Argument(help="thinker, processor or executor")]) -> None:
    """Print the JSON Schema of an agent's replies."""
    from bot.agents.tools import reply_schema

    if agent not in ("thinker", "processor", "executor"):
        raise NeedsHuman(f"there is no agent {agent!r}; name thinker, processor or executor")
    typer.echo(json.dumps(reply_schema(agent), indent=2))
