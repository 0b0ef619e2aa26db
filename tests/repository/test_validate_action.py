"""The validation action, its reusable workflow and their description agree, and nothing in them can be moved."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "validate" / "action.yml"
WORKFLOW = ROOT / ".github" / "workflows" / "validate.yml"
DOCUMENT = (ROOT / "docs" / "validate.md").read_text("utf-8")
BASE_ONLY = {"base"}
"""Known to the action alone: the workflow always takes the event's own."""


def read(path: Path) -> Any:
    """YAML, where `on` is the truth value that YAML 1.1 takes it for."""
    return yaml.safe_load(path.read_text("utf-8"))


def test_every_input_is_passed_on_and_documented_with_its_default() -> None:
    inputs = read(ACTION)["inputs"]
    called = read(WORKFLOW)
    asked = called[True]["workflow_call"]["inputs"]
    assert inputs.keys() - BASE_ONLY == asked.keys()
    step = called["jobs"]["validate"]["steps"][-1]
    assert step["uses"] == "$/.github/actions/validate"
    assert step["with"] == {name: f"${{{{ inputs.{name} }}}}" for name in asked}
    rows = {cells[0].strip("`"): cells[1].strip("`") for cells in table("Input")}
    assert rows.keys() == inputs.keys()
    for name in asked:
        assert rows[name] == str(asked[name]["default"]).lower() == str(inputs[name]["default"]).lower()


def table(heading: str) -> list[list[str]]:
    lines = DOCUMENT.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |")) + 2
    found: list[list[str]] = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


@pytest.mark.parametrize("path", [ACTION, WORKFLOW], ids=lambda path: path.name)
def test_what_is_used_is_pinned_and_gets_no_right_to_write(path: Path) -> None:
    text = path.read_text("utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for name, remark in used:
        pinned = re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name) and re.fullmatch(r" # v\d+\.\d+\.\d+", remark)
        assert pinned or name.startswith("$/"), name
    assert "secrets" not in text
    assert "write" not in text


def test_the_workflow_reads_and_keeps_no_credentials() -> None:
    called = read(WORKFLOW)
    job = called["jobs"]["validate"]
    assert called["permissions"] == {}
    assert job["permissions"] == {"contents": "read"}
    assert job["steps"][0]["with"]["persist-credentials"] is False
