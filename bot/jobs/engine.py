"""Durable execution by DBOS: a queue with a limit a repository, a timer, and resumption after a crash.

The engine only decides *when* a run's next step is taken; *what* that step is comes from our journal. Lose the
engine's tables, and the reconciler finishes every run from the journal alone. Five conditions from its measurements
hold here: the application version is pinned, threads are capped, workflows are async and are ended by a message, and
every step may run twice.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID, error

from bot.jobs.pause import Pause
from bot.model.errors import Retryable
from bot.model.ids import RepositoryId, RunId

QUEUE = "runs"
TOPIC = "wake"
APPLICATION_VERSION = "1"
"""Never derived from the source: an edit must not strand runs that are under way."""

GIVEN_UP = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""The engine's words for what it will not carry on with by itself."""
OVER = (*GIVEN_UP, "SUCCESS")
"""Those for what is no longer under way: a run that had nothing to do is begun again when it has."""
POSTPONED = Pause(15.0, ends_early=False)
"""Where not even the intent could be stored."""

_log = structlog.get_logger("bot.jobs.engine")

Advance = Callable[[RunId], Awaitable[Pause | None]]
"""Take one step of a run; the pause before the next one, None when the run has ended."""


class Engine:
    """One process's share of the durable work."""

    def __init__(self, database_url: str, worker: str, runs_per_repository: int, advance: Advance) -> None:
        self._advance = advance
        self._runs_per_repository = runs_per_repository
        self._steps: set[asyncio.Future[Pause | None]] = set()
        self._stopping = False
        self._config: dict[str, Any] = {
            "name": "fractal-rmo",
            "system_database_url": database_url,
            "application_version": APPLICATION_VERSION,
            "executor_id": worker,
            "max_executor_threads": 64,
            "notification_listener_polling_interval_sec": 0.1,
            "log_level": "ERROR",
        }

    async def start(self) -> None:
        """Take up what this worker left unfinished, and begin to serve the queue in this event loop."""
        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS(config=self._config)  # pyright: ignore[reportArgumentType] - a TypedDict with all keys optional
        self._workflow = self._registered()
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE,
            partition_concurrency=self._runs_per_repository,
            polling_interval_sec=0.1,
            on_conflict="always_update",
        )

    def _registered(self) -> Callable[[str], Coroutine[Any, Any, None]]:
        """The one workflow: the same step, over and over, with a pause where it asks for one."""

        @DBOS.step(name="advance")
        async def advance(run: str) -> Pause | None:
            try:
                return await self._step(RunId(run))
            except Retryable as error:
                _log.warning("step_postponed", run=run, problem=str(error))
                return POSTPONED

        @DBOS.workflow(name="run_issue", max_recovery_attempts=None)
        async def run_issue(run: str) -> None:
            called = True
            while called:
                while (pause := await advance(run)) is not None:
                    if pause.seconds > 0:
                        await _let_pass(pause)
                # Whoever called while the last look was under way has found nothing to begin.
                called = await _was_called(0)

        return run_issue

    async def _step(self, run: RunId) -> Pause | None:
        """One step of `run`; left unfinished it never returns, as its end would be stored as the run's."""
        if self._stopping:
            await asyncio.Event().wait()
        step = asyncio.ensure_future(self._advance(run))
        self._steps.add(step)
        try:
            return await step
        except asyncio.CancelledError:
            if self._stopping:
                await asyncio.Event().wait()
            raise
        finally:
            self._steps.discard(step)

    async def enqueue(self, run: RunId, repository: RepositoryId) -> None:
        """Have `run` carried out; a second call for the same run changes nothing while it is queued or under way.

        What the engine has given up is begun anew: whether a run has ended is our journal's to say.
        """
        known = await DBOS.get_workflow_status_async(run)
        if known is not None and known.status in OVER:
            if known.status in GIVEN_UP:
                _log.warning("taken_up_again", run=run, was=known.status)
            await DBOS.delete_workflow_async(run)
        with SetWorkflowID(run), SetEnqueueOptions(queue_partition_key=str(repository)):
            await DBOS.enqueue_workflow_async(QUEUE, self._workflow, run)

    async def wake(self, run: RunId, key: str) -> None:
        """End the pause that `run` is in, if it is in one; `key` makes repeated calls one."""
        try:
            await DBOS.send_async(run, "wake", topic=TOPIC, idempotency_key=f"{run}:{key}")
        except error.DBOSNonExistentWorkflowError:
            return

    async def stop(self) -> None:
        """Leave unfinished runs to the next start; steps that are under way are cancelled and have ended."""
        self._stopping = True
        for step in self._steps:
            step.cancel()
        await asyncio.gather(*self._steps, return_exceptions=True)
        # It tells at length of every run that it has to leave, which is what is wanted.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)


async def _let_pass(pause: Pause) -> None:
    """However many messages have queued up, they end one pause together: the next step sees all that they are about."""
    if not pause.ends_early:
        await DBOS.sleep_async(pause.seconds)
        return
    await _was_called(pause.seconds)


async def _was_called(seconds: float) -> bool:
    """Whether a message has come before so many seconds are over; all that have are taken."""
    message = await DBOS.recv_async(TOPIC, timeout_seconds=seconds)
    called = message is not None
    while message is not None:
        message = await DBOS.recv_async(TOPIC, timeout_seconds=0)
    return called
