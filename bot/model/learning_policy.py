"""Every default of the statistics, as `protocols/policy.yaml` states them; logged with each decision.

What the names mean, and where the values come from, stands beside each value in that file.
"""

import math
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ScreenPolicy:
    """What a hypothesis has to show before it is worth a registration."""

    tasks: int
    """Distinct tasks with the failure, at least."""
    lift: float
    p_value: float
    productive_p: float
    literals: int
    """Most literals of a context."""
    issues: int
    """Independent witnesses: distinct issues, at least."""
    days: int
    labellers: int
    """Asked for only where the repository has as many people who write, or the scope exceeds one repository."""


@dataclass(frozen=True, slots=True)
class ProposePolicy:
    alpha: float
    registrations_a_quarter: int
    registrations_a_day: int
    block: int
    """Tasks in a block of the clock."""
    unresolved: timedelta
    """After which a task that has not ended counts as it stands."""
    odds: tuple[float, ...]
    base_rate: float
    bets: tuple[float, ...]
    """Multiples of the base rate."""
    open_at_once: int
    cool_down: timedelta
    """After a pull request was closed without merging."""
    retry_factor: float
    retries_a_year: int


@dataclass(frozen=True, slots=True)
class ReplayPolicy:
    pairs: int
    """Most pairs of one item's gate."""
    odds: tuple[float, ...]
    """Probabilities that the better arm wins a discordant pair."""
    promote: float
    """E-value of the targeted failure that stages an item, or promotes it where that was approved."""
    harm: float
    """E-value of harm that refuses it."""
    not_inferior_margin: float
    """For a promotion by replays alone: success is shown to be at most this share of all pairs rarer."""
    not_inferior: float
    """E-value that it has to reach."""
    cost_micro_dollars: int
    """Most that the replays of one item may cost without a person's approval."""


@dataclass(frozen=True, slots=True)
class CanaryPolicy:
    share: float
    """Of the tasks that are told an item on trial."""
    block: int
    """Tasks in a permuted block: `share * block` of them are treated."""
    unresolved: timedelta
    odds: tuple[float, ...]
    promote: float
    harm_odds: tuple[float, ...]
    roll_back: float
    not_inferior_odds: float
    """For the second route: the targeted failure is rarer and success is not worse than by this odds ratio."""
    not_inferior: float
    useless_odds: float
    """The least odds ratio that is worth an item: one that is shown to do less is pruned."""
    useless_grid: tuple[float, ...]
    useless: float
    horizon: int
    """Triggered tasks after which an item that has shown nothing is pruned."""
    baseline_share: float
    """Of the tasks that are told no learned item at all."""
    baseline_block: int
    holdback_share: float
    """Of the tasks that go without a promoted item, to see whether it still helps."""
    alarm: float
    """Level of the detector of harm after the promotion: about as many blocks pass between two false alarms."""
    expires: timedelta
    late_share: float = 0.0
    """Of the error that `roll_back` allows, what is left to the judgement of people; at 0 that decides nothing."""
    late: timedelta = timedelta(days=30)
    """From the assignment of a task to the merge or the close of its pull request; what takes longer counts nowhere."""

    @property
    def harm(self) -> float:
        """The e-value of harm to success that rolls an item back; both tests of harm together keep to `roll_back`."""
        return self.roll_back / (1 - self.late_share)

    @property
    def late_harm(self) -> float:
        """The e-value for harm in what people accept; infinite where that decides nothing."""
        return self.roll_back / self.late_share if self.late_share else math.inf


@dataclass(frozen=True, slots=True)
class RouterPolicy:
    """How much of the checklists one prompt may hold."""

    items: int
    tokens: int


@dataclass(frozen=True, slots=True)
class LearningPolicy:
    screen: ScreenPolicy
    propose: ProposePolicy
    replay: ReplayPolicy
    canary: CanaryPolicy
    router: RouterPolicy
