"""The event loop of every command: in it, a process that is being started is not lost where the wait is cancelled.

asyncio lets go of it half-made: it lives on, or its end is waited for without end (python/cpython issue 103847,
mended in versions of Python that are newer than those this program has to run on).
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")
Protocol = TypeVar("Protocol", bound=asyncio.SubprocessProtocol)


class CarefulLoop(asyncio.SelectorEventLoop):
    """Heeds a cancellation only once the process can be ended and waited for."""

    async def subprocess_exec(
        self, protocol_factory: Callable[[], Protocol], *args: Any, **kwargs: Any
    ) -> tuple[asyncio.SubprocessTransport, Protocol]:
        coming = self.create_task(super().subprocess_exec(protocol_factory, *args, **kwargs))
        try:
            return await asyncio.shield(coming)
        except asyncio.CancelledError:
            transport, protocol = await coming
            with suppress(ProcessLookupError):
                transport.kill()
            transport.close()
            if isinstance(protocol, asyncio.subprocess.SubprocessStreamProtocol):
                await asyncio.subprocess.Process(transport, protocol, self).wait()
            raise


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` gives, in such a loop of its own."""
    with asyncio.Runner(loop_factory=CarefulLoop) as runner:
        return runner.run(work)
