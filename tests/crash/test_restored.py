"""The database is older than what stands on GitHub: it was restored from a backup, and the bot has done more since.

What was done meanwhile is found by its natural key and taken for done. Where that is more than one step's commit it
might as well be somebody else's, so the bot stops and says so. Nothing is ever there twice.
"""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.conftest import OpenPlace
from tests.crash.final_state import Final, final_state
from tests.crash.order import AtBoundary
from tests.crash.place import Place
from tests.sampling import sample

STEPS = 3
"""Between the backup and the loss, three boundaries each."""


@pytest.mark.full
async def test_a_restored_database_finds_what_was_done_since(
    new_place: OpenPlace, undisturbed: tuple[Final, Place], tmp_path: Path
) -> None:
    expected, place = undisturbed
    boundaries = list(dict.fromkeys(place.diary.boundaries))
    pairs = list(zip(boundaries[2:], boundaries[2 + 3 * STEPS :], strict=False))[::4]
    assert len(pairs) > 10, "the run has become shorter than what is to be restored"
    wrong: dict[str, list[str]] = {}
    for number, (saved, lost) in enumerate(sample(pairs, 1)):
        problems = await problems_after_restoring(new_place, expected, saved, lost, tmp_path / str(number))
        if problems:
            wrong[f"{saved} to {lost}"] = problems
    assert not wrong, "\n\n".join(f"{pair}:\n" + "\n".join(problems) for pair, problems in wrong.items())


async def problems_after_restoring(
    new_place: OpenPlace, expected: Final, saved: str, lost: str, backup: Path
) -> list[str]:
    async with new_place() as place:
        await place.label_an_issue()
        assert (await place.live(AtBoundary(saved))).was_killed
        copy_databases(place.order.home, backup)
        assert (await place.live(AtBoundary(lost))).was_killed
        copy_databases(backup, place.order.home)
        await place.live_on()
        found = await final_state(place)
    if any(line.endswith(" CommitStep StepFailed") for line in found.recorded):
        return twins(found)
    # It says again what it has said, so there are more writes; what can be seen in the end is the same
    if (found.seen, found.recorded) == (expected.seen, expected.recorded):
        return []
    return found.differences(expected)


def copy_databases(source: Path, target: Path) -> None:
    """The bot's own and its engine's, with their logs, in place of any that are there; nobody has them open."""
    target.mkdir(exist_ok=True)
    for path in target.glob("rmo*.db*"):
        path.unlink()
    for path in source.glob("rmo*.db*"):
        shutil.copy2(path, target)


def twins(found: Final) -> list[str]:
    """The bot has stopped before a branch that it can't explain; what is there more than once."""
    steps = Counter(
        (line.partition(": ")[0], *re.findall(r"RMO-Step: [0-9]+", line)) for line in found.seen if "RMO-Step: " in line
    )
    said = [line for line in found.seen if "rmo:status" in line]
    pulls = [line for line in found.seen if " into main, draft " in line]
    twice = [str(step) for step, count in steps.items() if count > 1]
    return [*twice, *said[1:], *pulls[1:]]
