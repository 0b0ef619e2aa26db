"""The actions that workflows use, as local git repositories that `act` takes instead of fetching them.

`actions/checkout` needs none, because act does it itself. An action that the caller brings is served as it is. Any
other gets a stand-in that fails its step and says why.
"""

import asyncio
import shutil
from collections.abc import Iterable, Mapping
from importlib.resources import as_file, files
from pathlib import Path

from bot.localhub.actions.workflow import composite_uses
from bot.localhub.git_process import git

OWN = {
    "actions/setup-python": "setup-python",
    "actions/upload-artifact": "upload-artifact",
    "actions/cache": "cache",
}
SKIPPED = frozenset({"actions/checkout"})
_AUTHOR = ("-c", "user.name=localhub", "-c", "user.email=localhub@localhub.test", "-c", "commit.gpgSign=false")


class StandIns:
    """The stand-ins below one directory, made when they are first asked for."""

    def __init__(self, directory: Path, brought: Mapping[str, Path] | None = None) -> None:
        """`brought` are real actions: `owner/name/path` as workflows name them, and the directory of each."""
        self.directory = directory
        self.brought = brought or {}
        self._making = asyncio.Lock()
        self._made: set[Path] = set()

    @property
    def scripts(self) -> Path:
        """Where the programs that they start are."""
        return self.directory / "stand_ins"

    async def serve(self, uses: Iterable[str]) -> dict[str, Path]:
        """`owner/name@ref` -> repository, for everything in `uses` that is an action of another repository."""
        async with self._making:
            if not self.scripts.is_dir():
                await asyncio.to_thread(self._unpack)
            served: dict[str, Path] = {}
            waiting = sorted(uses, reverse=True)
            while waiting:
                name = waiting.pop()
                if name.startswith((".", "docker:")) or "@" not in name:
                    continue
                path, _, ref = name.rpartition("@")
                owner_and_name = "/".join(path.split("/")[:2])
                if owner_and_name.lower() in SKIPPED:
                    continue
                if f"{owner_and_name}@{ref}" not in served and path in self.brought:
                    waiting += composite_uses((self.brought[path] / "action.yml").read_text("utf-8"))
                served[f"{owner_and_name}@{ref}"] = await self._repository(owner_and_name, path)
            return served

    def _unpack(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with as_file(files("bot.localhub.actions") / "stand_ins") as packaged:
            shutil.copytree(packaged, self.scripts, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (self.directory, *self.directory.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)

    async def _repository(self, owner_and_name: str, path: str) -> Path:
        own = OWN.get(owner_and_name.lower())
        if own is not None:
            directory = self.scripts / own
        elif path in self.brought:
            directory = self.directory / "brought" / owner_and_name
            await asyncio.to_thread(self._copy, path, directory / path.removeprefix(owner_and_name).strip("/"))
        else:
            directory = self.directory / "unavailable" / owner_and_name
            await asyncio.to_thread(self._write_unavailable, directory, owner_and_name, path)
        if directory not in self._made:
            await git(directory, "init", "--quiet", "--template=")
            await git(directory, "add", "--all")
            await git(directory, *_AUTHOR, "commit", "--quiet", "--allow-empty", "-m", "Stand in")
            self._made.add(directory)
        return directory

    def _copy(self, path: str, place: Path) -> None:
        if not place.is_dir():
            shutil.copytree(self.brought[path], place, ignore=shutil.ignore_patterns("__pycache__"))
            for each in (place, *place.rglob("*")):
                each.chmod(0o755 if each.is_dir() else 0o644)

    def _write_unavailable(self, directory: Path, owner_and_name: str, path: str) -> None:
        template = (self.scripts / "unavailable" / "action.yml").read_text()
        inside = path.removeprefix(owner_and_name).strip("/")
        for place in (directory, directory / inside):
            place.mkdir(parents=True, exist_ok=True)
            (place / "action.yml").write_text(template.replace("$NAME", path))
