"""What learning is worth as a whole: tasks told learned items against a few that are told none, for as long as it runs.

The items were each shown to help; whether all of them together do, beside each other and for their tokens, is another
question, and this asks it without end. Nothing is decided by it: it is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.learning_policy import CanaryPolicy
from bot.model.rollout import TrialStatistics, TrialTask
from bot.rollout.curves import block_logs, curve, value
from bot.rollout.decision import odds_of
from bot.rollout.trial import closed_blocks, statistics, tables


@dataclass(frozen=True, slots=True)
class Worth:
    """How tasks fare with learned items and without."""

    verdict: str
    """One line for people, with every number and its threshold."""
    statistics: TrialStatistics


def worth(tasks: Sequence[TrialTask], policy: CanaryPolicy) -> Worth:
    """Over the tasks of `EVERY_ITEM`, in the order of assignment; its control arm is told no learned item.

    `e_success` and `e_harm` may be looked at at any time; the interval of the odds ratio is of this look alone.
    """
    blocks = closed_blocks(tasks, policy.baseline_block)
    success = tables(blocks, "success")
    values = {
        "e_success": value(curve(block_logs(success, policy.odds))),
        "e_success_threshold": policy.promote,
        "e_harm": value(curve(block_logs(success, policy.harm_odds))),
        "e_harm_threshold": policy.roll_back,
        **odds_of(success, "odds"),
    }
    counted = statistics(blocks, values)
    with_items, without = counted.treated, counted.control
    shares = (
        f"success {with_items.succeeded} of {with_items.tasks} with learned items, "
        f"{without.succeeded} of {without.tasks} without"
    )
    helped, harmed = values["e_success"] >= policy.promote, values["e_harm"] >= policy.roll_back
    said = "learning helps" if helped else "learning harms" if harmed else "not shown either way yet"
    numbers = (
        f"e-value {values['e_success']:.3g} of {policy.promote:g} for good, "
        f"{values['e_harm']:.3g} of {policy.roll_back:g} for harm"
    )
    return Worth(f"{said}: {shares}; {numbers}", counted)
