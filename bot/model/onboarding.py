"""What the pull request says that a repository is taken up with."""

from dataclasses import dataclass

from bot.model.exposure import Exposure


@dataclass(frozen=True, slots=True)
class OnboardingFacts:
    """All that its text rests on."""

    full_name: str
    default_branch: str
    path: str
    """The file that it adds."""
    label: str
    """What issues are labelled with afterwards."""
    exposure: Exposure
    """What the workflows of the default branch would hand to a branch of the bot."""
    protected_by: tuple[str, ...] = ()
    """Names of checks that the default branch requires; empty where none is, or it could not be asked."""
