"""Artifacts of workflow runs: fetched within bounds, never trusted, unpacked elsewhere."""

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.errors import TooLarge
from bot.model.forge import Artifact


class _Artifact(BaseModel):
    id: int
    name: str
    size_in_bytes: int
    expired: bool


class _Artifacts(BaseModel):
    artifacts: list[_Artifact]


_ARTIFACTS = TypeAdapter(_Artifacts)


async def list_artifacts(client: Client, run: int) -> tuple[Artifact, ...]:
    """What a workflow run uploaded."""
    return tuple(
        Artifact(entry.id, entry.name, entry.size_in_bytes, entry.expired)
        for page in await client.every(_ARTIFACTS, f"{client.repository}/actions/runs/{run}/artifacts")
        for entry in page.artifacts
    )


async def download_artifact(client: Client, artifact: int, *, most_bytes: int) -> bytes:
    """The zip file's bytes, unread.

    Raises `TooLarge` as soon as there are more than `most_bytes`, whatever size was announced; `NotFound` when it has
    expired.
    """
    pieces: list[bytes] = []
    read = 0
    async for piece in client.download(f"{client.repository}/actions/artifacts/{artifact}/zip"):
        read += len(piece)
        if read > most_bytes:
            raise TooLarge(f"artifact {artifact} has more than {most_bytes} bytes; make it smaller")
        pieces.append(piece)
    return b"".join(pieces)
