"""What an operator lets the whole server do; an owner of a repository may only ask for less."""

from dataclasses import dataclass

from bot.model.ids import MicroDollars


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings beside those of a single run."""

    queued: int = 20
    """Runs of one repository that are queued or under way; other labelled issues wait on GitHub."""
    daily: MicroDollars = MicroDollars(100_000_000)
    """What all runs together may cost on one day, UTC."""
    daily_of_repository: MicroDollars = MicroDollars(50_000_000)
    daily_of_person: MicroDollars = MicroDollars(50_000_000)
    """What the runs that one person has asked for may cost on one day."""
    daily_of_issue: MicroDollars = MicroDollars(20_000_000)
