"""Runs that end as a script says, in no time: for tests that need a CI to answer but not to work."""

from collections.abc import Sequence
from typing import Literal

from bot.localhub.actions.queue import Execute
from bot.localhub.actions.runs import RunOutcome
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun

ScriptedConclusion = Literal["success", "failure", "cancelled", "skipped", "timed_out"]


def scripted_runner(conclusions: Sequence[ScriptedConclusion]) -> Execute:
    """The n-th run's jobs all end as the n-th word says; the last word holds for all further runs."""
    waiting = list(conclusions)

    async def execute(repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        conclusion = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return RunOutcome((), unnamed=conclusion, problem=f"Scripted: {conclusion}.")

    return execute
