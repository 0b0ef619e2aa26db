"""Which agents understand which schema of the checklists, so that nobody is held to what it cannot read.

The versions of the agents are counted here, in the program; what each of them reads stands in
`protocols/compatibility.yaml`. A checklist in a schema that an agent of this program does not read is refused when the
catalogue is loaded, with the next step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from bot.catalog.checklist import FIRST_SCHEMA, ChecklistFile, checklist_files
from bot.catalog.errors import DataInvalid
from bot.catalog.files import read_files, required
from bot.catalog.schema import Schema
from bot.model.conversation import Agent

COMPATIBILITY_PATH: Final = "protocols/compatibility.yaml"
VERSIONS: Final[Mapping[Agent, int]] = {"thinker": 2, "processor": 2, "executor": 2}
"""Counted up when the part of the program that speaks for an agent learns to read another schema."""


class _Agent(TypedDict):
    agent: Agent
    version: int
    schemas: list[int]
    reads: str


class _CompatibilityFile(TypedDict):
    agents: list[_Agent]


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one version of an agent understands."""

    agent: Agent
    version: int
    schemas: tuple[int, ...]
    reads: str
    """For people."""
    current: bool
    """It is the version in this program."""


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The table, and the schema that each checklist is written in."""

    agents: tuple[Understanding, ...]
    checklists: Mapping[str, int]
    """By path."""


def load_compatibility(root: Path) -> Compatibility:
    """For people to look at: the table of the catalogue under `root`. Raises DataInvalid, DataMissing."""
    files = read_files(root)
    return compatibility(files, checklist_files(files))


def compatibility(files: Mapping[str, str], documents: Mapping[str, ChecklistFile]) -> Compatibility:
    """The table and the schemas of the checklists `documents`, not yet held against it.

    Raises DataInvalid, DataMissing.
    """
    schema = Schema[_CompatibilityFile](required(files, "protocols/schema.json"), "compatibility_file")
    document = schema.read(required(files, COMPATIBILITY_PATH), COMPATIBILITY_PATH)
    agents = tuple(
        Understanding(
            row["agent"], row["version"], tuple(row["schemas"]), row["reads"], VERSIONS[row["agent"]] == row["version"]
        )
        for row in document["agents"]
    )
    for agent, version in VERSIONS.items():
        rows = [each for each in agents if each.agent == agent and each.current]
        if len(rows) != 1:
            problem = f"has to say once what version {version} of the {agent} understands, it does {len(rows)} times"
            raise DataInvalid(COMPATIBILITY_PATH, problem)
    return Compatibility(agents, {path: schema_of(document) for path, document in documents.items()})


def check_compatibility(table: Compatibility) -> None:
    """Raises DataInvalid for a checklist that an agent of this program does not understand."""
    for path, wanted in table.checklists.items():
        for agent in _strangers(table, wanted):
            problem = (
                f"schema {wanted} is not understood by the {agent.agent} of this program (version {agent.version})"
            )
            raise DataInvalid(path, f"{problem}: update the program, or write the file in {list(agent.schemas)!r}")


def schema_of(document: ChecklistFile) -> int:
    """The version of the form that a checklist is written in."""
    return document.get("schema", FIRST_SCHEMA)


def _strangers(table: Compatibility, wanted: int) -> Iterator[Understanding]:
    return (each for each in table.agents if each.current and wanted not in each.schemas)
