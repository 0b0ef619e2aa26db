"""A git command that stays and answers one request after another: starting git costs more than most of its answers.

It starts with the first request and again after it broke off. It ends with `close`, and by itself when the server is
killed: its stdin is at its end then.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bot.localhub.errors import GitFailed
from bot.localhub.git_process import GIT_ENVIRONMENT, end

Answer = TypeVar("Answer")


class GitSession:
    """One long-lived git process of a repository; requests wait for each other."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self._directory = directory
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The process that runs, if one does."""
        process = self._process
        return None if process is None or process.returncode is not None else process.pid

    async def ask(self, request: bytes, receive: Callable[[asyncio.StreamReader], Awaitable[Answer]]) -> Answer:
        """Write `request` and give what `receive` reads from the answer; it must read all of it.

        Raises GitFailed where the process ends before its answer does.
        """
        async with self._turn:
            process = self._process = await self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            answered = False
            try:
                # Not drained: git may wait with the rest of a long request until its first answers are read.
                process.stdin.write(request)
                answer = await receive(process.stdout)
                answered = True
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                _, stderr = await process.communicate()
                raise GitFailed(self._arguments, process.returncode or 0, stderr.decode(errors="replace")) from error
            finally:
                if not answered:  # the rest of its answer would be taken for the next one's
                    await self._end()
            return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self.pid is not None:
            return self._process
        await self._end()
        return await asyncio.create_subprocess_exec(
            "git",
            "-C",
            str(self._directory),
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=GIT_ENVIRONMENT,
            start_new_session=True,  # a Ctrl-C is for the server, which ends its own children
        )

    async def close(self) -> None:
        """End the process and wait until it is gone; a later request would start another."""
        async with self._turn:
            await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await end(process)
