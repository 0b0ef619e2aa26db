"""Time to let pass before a run's next step is worth trying."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of a run; zero seconds mean that the next step may follow at once."""

    seconds: float
    ends_early: bool = True
    """Whether news of the repository end it: they may be what is waited for. What has failed is not tried sooner
    because of them, or a busy repository would use up all tries within seconds."""


NO_PAUSE = Pause(0.0)
