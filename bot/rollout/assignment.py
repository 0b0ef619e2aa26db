"""Which arm of an item's trial a task is in: permuted blocks, drawn by a keyed hash instead of a generator.

The lot is a function of the item, the stratum and the task's place in it, so it can be drawn again after a crash and
comes out the same; who does not know the salt can't foresee it, and can't choose a task's place to suit an arm. Small
blocks: nearly as powerful as large ones (808 tasks against 840 in blocks of 20), and they close sooner.
"""

import hashlib
import hmac

from bot.model.rollout import Arm

HOLDBACK_BLOCK = 10
"""Tasks in a block of a promoted item's trial: at a holdback of a tenth, one of them goes without the item."""


def arm_at(item: str, stratum: str, position: int, *, share: float, block: int, salt: str) -> Arm:
    """The arm of the task at `position` (from 0, in the order of assignment) of the item's stratum.

    Each block of `block` positions has `treated_in(share, block)` treated tasks, every order of them equally likely,
    independent between blocks, strata and items. Raises ValueError as `treated_in` does.
    """
    treated = treated_in(share, block)
    number, slot = divmod(position, block)
    # Every part with its length in front, so that no two places share a name
    place = "".join(f"{len(part)}:{part}" for part in (item, stratum, str(number), str(block), str(treated)))

    def ticket(of: int) -> bytes:
        return hmac.digest(salt.encode(), f"{place}{of}".encode(), hashlib.sha256)

    mine = ticket(slot)
    return "treated" if sum(ticket(other) < mine for other in range(block)) < treated else "control"


def treated_in(share: float, block: int) -> int:
    """How many tasks of a block are treated; raises ValueError where that leaves an arm empty: nothing to compare."""
    treated = round(share * block)
    if not 0 < treated < block:
        raise ValueError(f"a share of {share!r} in blocks of {block!r} leaves one arm empty; take a larger block")
    return treated
