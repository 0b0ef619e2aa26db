"""Pieces that many of GitHub's answers share, read tolerantly: only the fields that are used."""

from typing import get_args

from pydantic import BaseModel

from bot.model.check import CheckState, Conclusion
from bot.model.ids import CommitSha

CONCLUSIONS: dict[str, Conclusion] = {known: known for known in get_args(Conclusion)}


class User(BaseModel):
    login: str
    type: str = "User"


class Label(BaseModel):
    name: str = ""


class AppReference(BaseModel):
    id: int


class ObjectReference(BaseModel):
    sha: CommitSha


def is_bot(user: User | None) -> bool:
    """Whether the account is a program's."""
    return user is not None and user.type == "Bot"


def login(user: User | None) -> str:
    """The account's name, empty where it is gone."""
    return user.login if user is not None else ""


def state(status: str | None) -> CheckState:
    """Whatever is neither running nor over is waiting: GitHub has several words for that."""
    match status:
        case "completed":
            return "completed"
        case "in_progress":
            return "in_progress"
        case _:
            return "queued"


def conclusion(text: str | None) -> Conclusion | None:
    """A conclusion that we do not know is no success: it is read as `action_required`."""
    return CONCLUSIONS.get(text, "action_required") if text else None
