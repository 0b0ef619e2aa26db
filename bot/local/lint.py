"""`rmo protocols lint`: a work tree's protocols as they stand, and as a change of a commit."""

import tempfile
from pathlib import Path

from bot.catalog import holds
from bot.catalog.lint import Finding, lint_tree
from bot.git.local import inspect
from bot.git.tree import list_files, read_files
from bot.git.worktree import base_archive, changes_since, resolve_commit

FILE_BYTES = 512 * 1024


async def lint_work_tree(root: Path, base: str | None) -> tuple[Finding, ...]:
    """What is wrong with the catalogue under `root`; with `base`, also with the change since that commit.

    Raises NotARepository and MissingCommit where there is no such commit.
    """
    if base is None:
        return lint_tree(root)
    repository = await inspect(root)
    commit = await resolve_commit(repository, base)
    changes = await changes_since(repository, commit)
    with tempfile.TemporaryDirectory() as directory:
        borrowed = Path(directory) / "base.git"
        await base_archive(repository, commit, borrowed)
        paths = [entry.path for entry in await list_files(borrowed, commit) if entry.is_regular and holds(entry.path)]
        contents = await read_files(borrowed, commit, paths, FILE_BYTES)
    before = {path: content.decode("utf-8", "replace") for path, content in contents.items()}
    return lint_tree(root, before, (*changes.texts, *changes.unread))
