"""Trailers: how a step finds its own commit again, and nobody else's."""

import pytest

from bot.loop.commit_message import StepTrailers, trailers_of


@pytest.mark.parametrize(
    "message",
    [
        "Fix it",
        "Fix it\n\nRMO-Run: 7-1-5\n",
        "Fix it\n\nRMO-Step: 3\n",
        "Fix it\n\nRMO-Run: 7-1-5\nRMO-Step: three\n",
        "Fix it\n\nRMO-Run: 7-1-5\nRMO-Step: 12345678901\n",
        "Fix it\n\nRMO-Run: 7-1-5\nRMO-Step: 3\n\nand more prose\n",
    ],
)
def test_other_commits_are_nobodys_step(message: str) -> None:
    assert trailers_of(message) is None


def test_a_step_of_ours_is_known_by_its_last_block() -> None:
    message = "Fix it\n\nbody\n\nRMO-Run: 7-1-5\nRMO-Step: 3\nskip-checks: true\n"
    assert trailers_of(message) == StepTrailers("7-1-5", 3)
