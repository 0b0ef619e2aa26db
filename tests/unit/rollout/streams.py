"""Tasks of a trial from a few letters, for stories about decisions."""

from datetime import UTC, datetime

from bot.model.rollout import Arm, TrialTask

START = datetime(2026, 1, 1, tzinfo=UTC)


def task(position: int, arm: Arm, outcome: str = "s", stratum: str = "r") -> TrialTask:
    """`s`: it succeeded. `f`: it failed. `t`: it failed by the targeted failure. `S`: it succeeded in spite of that.

    `r`: it is still running. `-`: the item does not apply to it.
    """
    return TrialTask(
        stratum,
        position,
        arm,
        triggered=outcome != "-",
        resolved=outcome != "r",
        succeeded=outcome in "sS",
        targeted=outcome in "tS",
    )


def blocks(treated: str, control: str, times: int = 1, stratum: str = "r", start: int = 0) -> tuple[TrialTask, ...]:
    """So many equal blocks, the treated tasks first."""
    arms: tuple[tuple[Arm, str], ...] = (("treated", treated), ("control", control))
    outcomes: list[tuple[Arm, str]] = [(arm, outcome) for arm, told in arms for outcome in told]
    return tuple(task(start + number, arm, told, stratum) for number, (arm, told) in enumerate(outcomes * times))
