"""The bot in a process of its own that kills itself where a test wants it to.

Reads one order a line and leads each life in a fork of itself: imports take seconds, and a sweep needs hundreds of
lives. The parent never starts a thread or an event loop that outlives a call, so that a fork is as good as a start.
"""

import asyncio
import contextlib
import gc
import json
import os
import signal
import sys
import threading
import traceback
from dataclasses import replace
from datetime import timedelta

import githubkit.exception
import httpx
from pydantic import SecretStr
from sqlalchemy import Connection

from bot.compose import Bot, compose
from bot.config import Settings
from bot.github.connections import Connections
from bot.jobs.deliveries import receive_deliveries
from bot.jobs.receive_event import receive_delivery
from bot.jobs.reconcile import reconcile
from bot.llm.script import load_exchange, load_script
from bot.model.command import Unqualified
from bot.model.conversation import ModelAnswer, ModelRequest
from bot.model.ids import RunId
from bot.models import OpenedModel, scripted
from bot.sandbox import Sandbox, qualify
from bot.serving import start_web
from bot.store import journal
from bot.store.journal import run_table
from tests.crash.order import AtBoundary, AtNewBoundary, AtWrite, Diary, Order

READS = frozenset({"GET", "HEAD", "OPTIONS"})
VOICE = os.dup(1)
"""Where the test listens; what the bot itself prints goes to its log."""
LOADED = (githubkit.exception,)
"""What the bot loads on first use; a life must not wait for it."""


def main() -> None:
    """Serve orders until standard input ends."""
    load_exchange()
    sandbox = asyncio.run(qualify("auto"))
    gc.freeze()
    for line in sys.stdin:
        assert threading.active_count() == 1, threading.enumerate()
        order = Order.decode(line)
        child = os.fork()
        if child == 0:
            _live(order, sandbox)
        _say({"born": child})
        _, status = os.waitpid(child, 0)
        _say({"ended": os.waitstatus_to_exitcode(status)})


def _say(words: dict[str, object]) -> None:
    os.write(VOICE, (json.dumps(words) + "\n").encode())


def _live(order: Order, sandbox: Sandbox | Unqualified) -> None:
    """One life, from which nothing returns to the loop that waits for orders."""
    code = 1
    try:
        order.home.mkdir(parents=True, exist_ok=True)
        log = os.open(order.home / "log", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        for printed in (1, 2):
            os.dup2(log, printed)
        asyncio.run(_work(order, sandbox))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


async def _work(order: Order, sandbox: Sandbox | Unqualified) -> None:
    fate = Fate(order)
    over = asyncio.Event()
    settings = Settings().model_copy(
        update={
            "home": order.home,
            "database_url": order.database_url,
            "github_api_url": order.github_api_url,
            "app_id": order.app_id,
            "webhook_secret": SecretStr(order.webhook_secret),
            "write_pause": timedelta(0),
            "poll_seconds": order.poll_seconds,
            "port": 0,
            "onboarding": False,
        }
    )
    bots: list[Bot] = []

    async def watch(_: RunId) -> None:
        if await bots[0].context.database.transact(_all_ended):
            over.set()

    async with contextlib.AsyncExitStack() as stack:
        bot = await compose(
            settings,
            order.private_key,
            model=fate.model(scripted("script:crash", load_script(order.script))),
            watch=watch,
            sandbox=sandbox,
            environments=order.environments,
            reached=fate.reached,
            transport=fate.transport(),
        )
        stack.push_async_callback(bot.close)
        bots.append(bot)
        await bot.service.start()
        stack.push_async_callback(bot.service.stop)
        _say({"ready": await start_web(stack, settings, bot.context.database, bot)})
        await watch(RunId(""))
        await over.wait()
        await receive_deliveries(bot.context, bot.service.engine, receive_delivery)
        await reconcile(bot.context, bot.service.engine)


def _all_ended(connection: Connection) -> bool:
    any_run = connection.execute(run_table.select().limit(1)).first() is not None
    return any_run and not journal.active_runs(connection)


class Fate:
    """Writes the diary of a life, and ends it at the place that was ordered."""

    def __init__(self, order: Order) -> None:
        self._death = order.death
        self._diary = Diary(order.home)
        self._earlier = frozenset(self._diary.boundaries)
        self._writes = 0

    def reached(self, boundary: str) -> None:
        self._diary.note("boundaries", boundary)
        match self._death:
            case AtBoundary(boundary=fatal) if boundary == fatal:
                die()
            case AtNewBoundary(ending=ending) if boundary.endswith(ending) and boundary not in self._earlier:
                die()
            case _:
                return

    def model(self, inner: OpenedModel) -> OpenedModel:
        """`inner`, whose answers are counted once they are given."""

        async def answer(request: ModelRequest) -> ModelAnswer:
            given = await inner.answer(request)
            self._diary.note("asks", f"{request.agent} {request.number}")
            return given

        return replace(inner, answer=answer)

    def transport(self) -> httpx.AsyncBaseTransport:
        """The network to GitHub, with the place of death in it."""
        return _Transport(self)

    def about_to_write(self, request: httpx.Request) -> None:
        self._diary.note("writes", f"{request.method} {request.url.path}")
        self._writes += 1
        if self._death == AtWrite(self._writes, "before"):
            die()

    def written(self) -> None:
        if self._death == AtWrite(self._writes, "after"):
            die()


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, fate: Fate) -> None:
        self._fate = fate
        self._connections = Connections()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        visible = request.method not in READS and not request.url.path.endswith("/access_tokens")
        if visible:
            self._fate.about_to_write(request)
        response = await self._connections.handle_async_request(request)
        if visible:
            self._fate.written()
        return response

    async def aclose(self) -> None:
        await self._connections.shut()


def die() -> None:
    """The end: nothing is flushed, nothing is closed, nobody is told."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
