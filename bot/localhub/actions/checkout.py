"""What `actions/checkout` would leave: a shallow clone of one commit, as a tar for the sandbox."""

import asyncio
import io
import re
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.localhub.git_process import git
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun

WHOLE_HISTORY = re.compile(r"fetch-depth:\s*['\"]?0\b")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A run's commit, packed for the sandbox."""

    archive: bytes
    """Tar with the clone below `checkout/`."""
    workflow: str | None
    """Text of the workflow file in it; None where the run's workflow is not of the repository."""


async def check_out(repository: HubRepository, run: WorkflowRun) -> Checkout:
    """Clone the run's commit; all history only where the workflow asks for it by `fetch-depth: 0`."""
    entry = await repository.git.entry(run.checkout_sha, run.path)
    text = None
    if entry is not None:
        text = (await repository.git.read(entry.sha, "blob")).decode(errors="replace")
    whole = text is not None and WHOLE_HISTORY.search(text) is not None
    with tempfile.TemporaryDirectory(prefix="localhub-checkout-") as scratch:
        clone = Path(scratch) / "checkout"
        await git(Path(scratch), "init", "--quiet", "--template=", "checkout")
        await git(clone, "remote", "add", "origin", f"https://github.com/{repository.full_name}")
        depth = () if whole else ("--depth=1", "--no-tags")
        source = f"file://{repository.git.path}"
        await git(clone, "fetch", "--quiet", *depth, source, run.checkout_sha)
        where = ("-B", run.head_branch) if run.ref.startswith("refs/heads/") else ("--detach",)
        await git(clone, "-c", "core.symlinks=true", "checkout", "--quiet", *where, "FETCH_HEAD")
        archive = await asyncio.to_thread(_pack, clone)
    return Checkout(archive, text)


def _pack(clone: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(clone, "checkout")
    return buffer.getvalue()
