"""The tree that an agent works on: the base commit, and over it what was committed and what the item has changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.git.search import SearchRefused, search
from bot.git.tree import list_files, read_file, read_files
from bot.jobs.context import Context
from bot.loop.glob import glob_pattern
from bot.model.change import Overlay
from bot.model.ids import CommitSha
from bot.model.phase import Inspecting, Working
from bot.model.run import Run

READ_BYTES = 2_000_000
SYMBOL = "^(class|def|async def) [A-Za-z_]"


@dataclass(frozen=True, slots=True)
class Desk:
    """Reads through the overlay into the base commit; changes nothing."""

    clone: Path
    base: CommitSha
    overlay: Overlay

    @classmethod
    def of(cls, run: Run, context: Context) -> "Desk":
        """The desk of `run` as it stands, uncommitted changes of the item at hand included."""
        assert run.frozen is not None
        match run.phase:
            case Working(overlay=changes) | Inspecting(work=Working(overlay=changes)):
                overlay = {**run.code, **changes}
            case _:
                overlay = run.code
        return cls(context.clones.location(run.request.repository.id), run.frozen.base.sha, overlay)

    def with_overlay(self, overlay: Overlay) -> "Desk":
        return Desk(self.clone, self.base, overlay)

    async def paths(self) -> tuple[str, ...]:
        """Every regular file, sorted."""
        base = {entry.path for entry in await list_files(self.clone, self.base) if entry.is_regular}
        changed = {path for path, text in self.overlay.items() if text is not None}
        return tuple(sorted((base - set(self.overlay)) | changed))

    async def taken(self) -> tuple[frozenset[str], frozenset[str]]:
        """Paths of every file, text or not, and of every link and submodule."""
        entries = await list_files(self.clone, self.base)
        others = {entry.path for entry in entries if not entry.is_regular} - set(self.overlay)
        gone = {path for path, text in self.overlay.items() if text is None}
        files = {entry.path for entry in entries if entry.is_regular} | set(self.overlay)
        return frozenset(files - gone), frozenset(others)

    async def read(self, path: str, max_bytes: int = READ_BYTES) -> str | None:
        """The text of a file; None where there is none, or it is too large or no text."""
        if path in self.overlay:
            return self.overlay[path]
        content = await read_file(self.clone, self.base, path, max_bytes)
        if content is None:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return None

    async def read_base(self, paths: Collection[str], max_bytes: int = READ_BYTES) -> dict[str, str]:
        """The texts that `paths` have on the base commit, as far as they are there and can be read."""
        contents = await read_files(self.clone, self.base, tuple(paths), max_bytes)
        return {path: content.decode("utf-8", "replace") for path, content in contents.items()}

    async def search(self, text: str, pattern: str, limit: int = 100) -> tuple[list[tuple[str, int, str]], str]:
        """(path, line, text) of the lines that hold `text`, and a remark where something was left out."""
        found = await search(self.clone, self.base, text, glob=pattern, limit=limit)
        if isinstance(found, SearchRefused):
            return [], found.reason
        lines = [(each.path, each.line, each.text) for each in found.matches if each.path not in self.overlay]
        lines += [hit for hit in _overlay_hits(self.overlay, text, pattern)]
        return sorted(lines)[:limit], "there are more" if found.cut or len(lines) > limit else ""

    async def paths_with(self, text: str) -> tuple[str, ...]:
        lines, _ = await self.search(text, "", limit=400)
        return tuple(dict.fromkeys(path for path, _, _ in lines))

    async def symbols(self, limit: int) -> tuple[str, ...]:
        """Top-level classes and functions of Python files: `path:line: text`."""
        found = await search(self.clone, self.base, SYMBOL, kind="regex", glob="*.py", limit=limit)
        if isinstance(found, SearchRefused):
            return ()
        return tuple(f"{each.path}:{each.line}: {each.text.strip()[:120]}" for each in found.matches)


def _overlay_hits(overlay: Overlay, text: str, pattern: str) -> list[tuple[str, int, str]]:
    wanted = glob_pattern(pattern) if pattern else None
    return [
        (path, number, line[:400])
        for path, content in _texts(overlay).items()
        if wanted is None or wanted.fullmatch(path)
        for number, line in enumerate(content.splitlines(), 1)
        if text in line
    ]


def _texts(overlay: Overlay) -> Mapping[str, str]:
    return {path: text for path, text in overlay.items() if text is not None}
