"""What a repository's workflows would hand to code that the bot pushes, before any person has looked at it."""

from dataclasses import dataclass
from typing import Final, Literal

ExposureKind = Literal[
    "secret",
    "every_secret",
    "inherit",
    "oidc",
    "runner",
    "environment",
    "unreadable",
    "write_token",
    "default_token",
    "elsewhere",
]
"""`secret`: one by name, which an owner can accept. `every_secret`: all of them, by an expression that names none.
`inherit`: all of them, to a workflow of another repository. `oidc`: a token that other services take for the
repository. `runner`: a machine that may not be GitHub's own. `environment`: whatever the environment holds.
`unreadable`: a file that could not be looked at. The rest are remarks: `write_token` and `default_token` about
GITHUB_TOKEN, `elsewhere` about a workflow of another repository that is run without being given anything.
"""

REFUSED: Final[frozenset[ExposureKind]] = frozenset(
    {"every_secret", "inherit", "oidc", "runner", "environment", "unreadable"}
)
"""What nobody can accept by a setting: the workflow has to leave the bot's branches out."""


@dataclass(frozen=True, slots=True, order=True)
class Exposed:
    """One thing that one job would hand out."""

    workflow: str
    """The workflow's file; of a called workflow, the file that names the thing."""
    job: str
    """Key of the job; empty where the whole file is meant."""
    kind: ExposureKind
    detail: str
    """The secret, environment, label, permission or reason; hostile text."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a branch of the bot, or its pull request, would be handed by all workflows together."""

    handed: tuple[Exposed, ...] = ()
    """Secrets by name, and where."""
    refusals: tuple[Exposed, ...] = ()
    warnings: tuple[Exposed, ...] = ()
    workflows: tuple[str, ...] = ()
    """Files that run something for a branch of the bot; without any, nothing is ever proved."""

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the secrets, in capitals, as GitHub compares them."""
        return frozenset(each.detail for each in self.handed)

    @property
    def inherits(self) -> tuple[Exposed, ...]:
        """Jobs that hand on everything to a workflow of another repository."""
        return tuple(each for each in self.refusals if each.kind == "inherit")

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Files that could not be looked at."""
        return tuple(each.workflow for each in self.refusals if each.kind == "unreadable")
