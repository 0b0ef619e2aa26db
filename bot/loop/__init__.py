"""The engine's pure half: what is to be done next, and what an outcome changes."""

from bot.loop.apply import apply, fold
from bot.loop.next_step import next_step

__all__ = ["apply", "fold", "next_step"]
