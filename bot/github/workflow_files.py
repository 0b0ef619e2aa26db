"""The workflow files of a repository, and whether it has a label: what is looked at before any run."""

from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from bot.github.client import Client
from bot.github.repositories import read_file
from bot.github.wire import Label
from bot.model.ids import CommitSha

DIRECTORY = ".github/workflows"


class _Entry(BaseModel):
    path: str
    type: str


_ENTRIES: TypeAdapter[list[_Entry] | dict[str, object]] = TypeAdapter(list[_Entry] | dict[str, object])
_LABEL = TypeAdapter(Label)


async def read_workflow_files(client: Client, ref: CommitSha | str) -> dict[str, str]:
    """Path -> text of every workflow at a commit or branch; empty where there are none.

    Raises `TooLarge` for one of more than a megabyte.
    """
    listed = await client.find(_ENTRIES, f"{client.repository}/contents/{DIRECTORY}", {"ref": ref})
    entries = listed if isinstance(listed, list) else []
    paths = [each.path for each in entries if each.type == "file" and each.path.endswith((".yml", ".yaml"))]
    texts = {path: await read_file(client, path, ref) for path in paths}
    return {path: text.decode("utf-8", "replace") for path, text in texts.items() if text is not None}


async def has_label(client: Client, label: str) -> bool:
    """Whether the repository has a label of this name."""
    return await client.find(_LABEL, f"{client.repository}/labels/{quote(label, safe='')}") is not None
