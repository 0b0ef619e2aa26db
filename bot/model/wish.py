"""What somebody outside wants of a run."""

from dataclasses import dataclass
from typing import Final, Literal

WishKind = Literal["cancel", "edited", "approve", "rollback", "budget", "review", "checks", "base"]
"""`cancel` and `edited` end a run; `approve` and `budget` change it; the others take up again what has ended."""

ENDING: Final = ("cancel", "edited")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody outside wants of a run; read before each step, and granted by an entry of the journal."""

    kind: WishKind
    reason: str
    """In words: who wants it, and why."""
    key: str = ""
    """Tells two wishes of one kind apart: the comment, the head commit; empty where one is enough."""
    value: int = 0
    """The step to go back to, the budget in millionths of a US dollar."""
    by: str = ""
    """Login of the person; empty where it is nobody in particular."""
