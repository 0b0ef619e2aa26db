"""Which items a new run is told: decided by lot before it starts, recorded once, and never changed.

Asked again for the same run, after a crash, the answer is the same: the places in the blocks are stored under the
run's id in one transaction, before the run's journal knows of them.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot.jobs.learn.standings import Standings, read_standings
from bot.model.evidence import TaskId
from bot.model.learning_policy import CanaryPolicy
from bot.model.protocol import Catalogue, ChecklistItem
from bot.model.rollout import EVERY_ITEM, Arm
from bot.rollout.assignment import HOLDBACK_BLOCK, arm_at
from bot.store.failure_salt import read_salt
from bot.store.rollouts import assign


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a run is told, and the arms that this follows from."""

    items: tuple[str, ...]
    """The most useful first."""
    arms: Mapping[str, Arm] = field(default_factory=dict[str, Arm])


def assign_items(
    connection: Connection, task: TaskId, stratum: str, catalogue: Catalogue, policy: CanaryPolicy, at: datetime
) -> Assigned:
    """The items in force for `task`; safe to repeat, and beside other workers."""
    standings = read_standings(connection, catalogue)
    salt = read_salt(connection, secrets.token_hex(32))

    def drawn(item: str, share: float, block: int) -> Arm:
        def arm_of(position: int) -> Arm:
            return arm_at(item, stratum, position, share=share, block=block, salt=salt)

        return assign(connection, item, task, stratum, arm_of, at).arm

    arms: dict[str, Arm] = {}
    if policy.baseline_share and any(_is_on_trial(item, standings) for item in catalogue.items):
        arms[EVERY_ITEM] = drawn(EVERY_ITEM, 1 - policy.baseline_share, policy.baseline_block)
        if arms[EVERY_ITEM] == "control":
            return Assigned(tuple(item.id for item in catalogue.items if _is_plain(item, standings)), arms)
    told: list[ChecklistItem] = []
    for item in catalogue.items:
        standing = standings.of(item.id)
        match standing.state:
            case "staged":
                arms[item.id] = drawn(item.id, policy.share, policy.block)
            case "production" if item.is_learned and policy.holdback_share and not standing.pinned:
                arms[item.id] = drawn(item.id, 1 - policy.holdback_share, HOLDBACK_BLOCK)
            case "production":
                told.append(item)
                continue
            case _:
                continue
        if arms[item.id] == "treated":
            told.append(item)
    told.sort(key=lambda item: -(standings.benefit(item.id) or 1.0))
    return Assigned(tuple(item.id for item in told), arms)


def _is_on_trial(item: ChecklistItem, standings: Standings) -> bool:
    return item.is_learned and standings.of(item.id).state in ("staged", "production")


def _is_plain(item: ChecklistItem, standings: Standings) -> bool:
    """Written by a person and in force for everybody: also the baseline is told it."""
    return not item.is_learned and standings.of(item.id).state == "production"
