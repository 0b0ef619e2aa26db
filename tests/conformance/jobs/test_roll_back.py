"""Going back to a step, on a real repository: its tree byte for byte, or a refusal."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.jobs.context import Context
from bot.jobs.perform.roll_back import roll_back
from bot.model.ids import CommitSha
from bot.model.outcome import Outcome, RolledBack, StepFailed
from bot.model.repository import BaseCommit
from bot.model.run import Run
from bot.model.step import RollBack
from tests.badinput.command import git
from tests.conformance.jobs.desk import Clock, open_context
from tests.unit.loop.story import REQUEST, frozen

BASE = {"a.py": b"old\n", "gone.py": b"kept\r\nas it was", "link.bin": b"\x00\xff\xfe", "empty": b""}
THEN = {"a.py": "first\n"}

Code = Mapping[str, str | None]


def commit(context: Context, directory: Path) -> CommitSha:
    """The base commit, where the bot has its clone."""
    for path, content in BASE.items():
        (directory / path).write_bytes(content)
    git(directory, "init", "--quiet")
    git(directory, "add", "--all")
    git(directory, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "base")
    place = context.clones.location(REQUEST.repository.id)
    place.parent.mkdir(parents=True, exist_ok=True)
    git(directory, "clone", "--quiet", "--bare", str(directory), str(place))
    return CommitSha(git(directory, "rev-parse", "HEAD").strip())


async def go_back(tmp_path: Path, *codes: Code) -> list[Outcome]:
    """What going back to step 3 comes to from each of these states."""
    (tmp_path / "work").mkdir()
    async with open_context(tmp_path / "home", Clock(datetime(2026, 1, 1, tzinfo=UTC))) as context:
        base = BaseCommit("main", commit(context, tmp_path / "work"))
        run = Run(REQUEST, frozen=replace(frozen(), base=base), codes={3: THEN})
        return [await roll_back(RollBack(3), replace(run, code=code), context) for code in codes]


def tree(code: Code) -> dict[str, bytes]:
    now = {**BASE, **{path: text.encode() if text is not None else None for path, text in code.items()}}
    return {path: content for path, content in now.items() if content is not None}


async def test_the_tree_is_that_of_the_step_again(tmp_path: Path) -> None:
    states: list[Code] = [
        THEN,
        {"a.py": "second\n", "new.py": "x\n"},
        {"a.py": None, "gone.py": None, "empty": "full"},
        {"a.py": "first\n", "gone.py": "kept\nas it was", "new.py": None},
    ]
    for before, outcome in zip(states, await go_back(tmp_path, *states), strict=True):
        assert isinstance(outcome, RolledBack), outcome
        assert tree({**before, **outcome.changes}) == tree(THEN)
        assert all(tree(before).get(path) != tree(THEN).get(path) for path in outcome.changes), "nothing for nothing"


@pytest.mark.parametrize("text", ["text now", None])
async def test_what_is_no_text_is_not_brought_back_as_something_else(tmp_path: Path, text: str | None) -> None:
    (outcome,) = await go_back(tmp_path, {"link.bin": text, **THEN})
    assert outcome == StepFailed("refused", "these files can't be brought back as text: link.bin")
