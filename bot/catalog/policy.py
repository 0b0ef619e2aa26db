"""`protocols/policy.yaml`: the defaults that we stand behind, so that no number of policy hides in code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypedDict

from bot.catalog.files import read_files, required
from bot.catalog.learning import LearningSection, learning_policy
from bot.catalog.schema import Schema
from bot.model.conversation import Agent
from bot.model.ids import MicroDollars
from bot.model.learning_policy import LearningPolicy
from bot.model.run import Budget


@dataclass(frozen=True, slots=True)
class PromptBudget:
    """How much of what may stand in one agent's first message."""

    tokens: int
    """The whole message, by estimate."""
    guidance_bytes: int
    file_paths: int
    """Number of paths listed."""
    symbols: int
    """Number of symbols listed."""
    excerpt_tokens: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Ceilings of a run and of each agent's prompts, and the statistics of learning."""

    budget: Budget
    prompts: Mapping[Agent, PromptBudget]
    learning: LearningPolicy


class _Run(TypedDict):
    max_steps: int
    max_attempts_per_item: int
    max_requests: int
    max_tokens: int
    max_cost_micro_dollars: int
    max_wall_minutes: int


class _Item(TypedDict):
    max_requests: int
    max_checks: int


class _Reply(TypedDict):
    max_repairs: int
    max_output_tokens: int


class _Prompt(TypedDict):
    tokens: int
    guidance_bytes: int
    file_paths: int
    symbols: int
    excerpt_tokens: int


class _PolicyFile(TypedDict):
    run: _Run
    item: _Item
    reply: _Reply
    prompts: dict[Agent, _Prompt]
    learning: LearningSection


def load_policy(root: Path) -> Policy:
    """The policy under `root`, the directory that holds `protocols/`. Raises DataInvalid, DataMissing."""
    return parse_policy(read_files(root))


def parse_policy(files: Mapping[str, str]) -> Policy:
    """The policy among these files of a catalogue. Raises DataInvalid, DataMissing."""
    where = "protocols/policy.yaml"
    schema = Schema[_PolicyFile](required(files, "protocols/schema.json"), "policy_file")
    document = schema.read(required(files, where), where)
    run, item, reply = document["run"], document["item"], document["reply"]
    return Policy(
        budget=Budget(
            steps=run["max_steps"],
            attempts=run["max_attempts_per_item"],
            requests=run["max_requests"],
            tokens=run["max_tokens"],
            cost=MicroDollars(run["max_cost_micro_dollars"]),
            wall=timedelta(minutes=run["max_wall_minutes"]),
            item_requests=item["max_requests"],
            item_checks=item["max_checks"],
            repairs=reply["max_repairs"],
            output_tokens=reply["max_output_tokens"],
        ),
        prompts={agent: PromptBudget(**row) for agent, row in document["prompts"].items()},
        learning=learning_policy(document["learning"]),
    )
