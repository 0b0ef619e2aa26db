"""The README says what is true: every setting and command is in it, and its example works as printed."""

import json
import re
from pathlib import Path

import pytest

from bot.agents.reading import read_reply
from bot.agents.tools import tools_of
from bot.catalog import find_data, load_catalogue
from bot.cli.app import app
from bot.config import Settings
from bot.llm.script import load_script
from bot.model.conversation import Agent, ModelRequest
from bot.model.reply import Malformed

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def variable(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"RMO_{name.upper()}"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{variable(name)}" in README or f"{variable(name)}=" in README


def test_every_command_is_documented() -> None:
    names = [command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands]
    assert names
    assert all(f"rmo {name}" in README for name in names)


async def test_the_example_of_a_script_can_be_played() -> None:
    found = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert found is not None
    script = load_script(found[1])
    plannable = {node.id for node in load_catalogue(find_data("actions").parent).nodes.values() if node.plannable}
    counts: dict[Agent, int] = {}
    for line in script.lines:
        number = counts.get(line.agent, 0)
        counts[line.agent] = number + 1
        answer = await script.answer(ModelRequest(line.agent, number, "", (), tools_of(line.agent), 100))
        assert not isinstance(read_reply(line.agent, answer, plannable), Malformed)
    assert set(counts) == {"thinker", "processor", "executor"}


def test_the_example_of_a_script_is_json_line_by_line() -> None:
    found = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert found is not None
    assert all(json.loads(line).keys() == {"agent", "reply"} for line in found[1].splitlines())


def test_no_file_of_the_program_has_two_ideas() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / "bot").rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 300
    }
    assert long == {}
