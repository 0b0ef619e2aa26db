"""Deterministic validation of a change before CI sees it: levels, evidence of executed tests, proofs.

Everything is executed in the sandbox, on the base commit's tree with the change laid over it, and kept by content.
"""

from bot.jobs.validation.cache import ValidationCache
from bot.jobs.validation.execution import Executed, execute, run_evidence
from bot.jobs.validation.levels import run_levels
from bot.jobs.validation.proof import Wanted, prove, reproduce
from bot.jobs.validation.text import failure_line, level_text
from bot.jobs.validation.workbench import NotExecuted, Workbench

__all__ = [
    "Executed",
    "NotExecuted",
    "ValidationCache",
    "Wanted",
    "Workbench",
    "execute",
    "failure_line",
    "level_text",
    "prove",
    "reproduce",
    "run_evidence",
    "run_levels",
]
