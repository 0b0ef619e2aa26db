"""Work that outlives the request that caused it: webhook deliveries and workflow runs."""

import asyncio
from collections.abc import Coroutine


class Background:
    """Tasks under way; `idle` waits for all of them and for those that they start."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start `work` in the running loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)

    async def idle(self) -> None:
        """Return when nothing is under way; raises the first failure of a task, so that none is lost."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        if self._failures:
            raise self._failures.pop(0)

    async def stop(self) -> None:
        """Cancel what is under way and wait for its end."""
        for task in set(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))
