"""Runs wait their turn: so many at once, one at a time in a concurrency group."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from bot.localhub.actions.runs import RunOutcome, begin, finish
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from bot.localhub.state.world import World

Execute = Callable[[HubRepository, WorkflowRun], Awaitable[RunOutcome]]
"""Does a run's jobs; whatever goes wrong in them is part of the outcome."""

CANCELLED = RunOutcome((), unnamed="cancelled", problem="The run was canceled.")


class RunQueue:
    """The runs under way."""

    def __init__(self, world: World, execute: Execute, at_once: int, *, newest_only: bool = False) -> None:
        """`newest_only` ends the runs of older commits of a branch, as if each workflow asked for that itself."""
        self._world = world
        self._newest_only = newest_only
        self._execute = execute
        self._places = asyncio.Semaphore(at_once)
        self._group_places: defaultdict[tuple[int, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._working: dict[int, asyncio.Task[RunOutcome]] = {}

    def submit(self, repository: HubRepository, run: WorkflowRun) -> None:
        """Queue a run; what its concurrency group says about older ones is done first."""
        if self._newest_only and run.concurrency_group is None:
            run.concurrency_group = f"newest of {run.path} for {run.event} of {run.ref}"
            run.cancels_others = True
        if run.concurrency_group is not None:
            for other in repository.runs.values():
                same = other is not run and other.concurrency_group == run.concurrency_group
                if same and (other.status == "queued" or (other.status == "in_progress" and run.cancels_others)):
                    self.cancel(repository, other)
        self._world.background.spawn(self._take_turn(repository, run))

    def cancel(self, repository: HubRepository, run: WorkflowRun) -> None:
        """End a run before its end."""
        working = self._working.get(run.id)
        if working is not None:
            working.cancel()
        elif run.status != "completed":
            run.status = "completed"
            self._world.background.spawn(finish(self._world, repository, run, CANCELLED))

    async def _take_turn(self, repository: HubRepository, run: WorkflowRun) -> None:
        if run.concurrency_group is None:
            await self._work(repository, run)
        else:
            async with self._group_places[repository.id, run.concurrency_group]:
                await self._work(repository, run)

    async def _work(self, repository: HubRepository, run: WorkflowRun) -> None:
        async with self._places:
            if run.status == "completed":
                return
            begin(self._world, run)
            working = asyncio.ensure_future(self._execute(repository, run))
            self._working[run.id] = working
            try:
                await asyncio.wait({working})
            finally:
                del self._working[run.id]
                working.cancel()
            outcome = CANCELLED if working.cancelled() else working.result()
        await finish(self._world, repository, run, outcome)
