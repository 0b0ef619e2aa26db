"""The action's inputs, from the environment of its steps."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ARTIFACT = "fractal-rmo-validation"
"""Directory below the runner's temporary one; `action.yml` uploads it under this name."""
SCRATCH = "fractal-rmo-scratch"
NO_COMMIT = "0" * 40
"""What a push event gives for `before` when the branch is new."""
PLUGIN = Path(__file__).parents[2] / "plugin"
_KEPT_BACK = frozenset(
    {"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN"}
)
"""Files by which a step changes the steps after it: tests of an unreviewed change get none of them."""


@dataclass(frozen=True)
class Settings:
    """Everything that decides what one call of the program does."""

    workspace: Path
    reports: Path
    """What is uploaded."""
    scratch: Path
    """What is not."""
    python: str
    install: str
    base: str | None
    mutation: bool
    differential: bool
    seconds: float
    """How long one tool may take."""
    pull_merge: bool
    """Whether the checkout is the merge of a pull request that GitHub made."""
    summary: Path | None
    environment: Mapping[str, str] = field(repr=False)
    """What tools get."""


def read_settings(variables: Mapping[str, str]) -> Settings:
    """The settings of a step; exits with a message where a number is none."""
    temporary = Path(variables["RUNNER_TEMP"])
    summary = variables.get("GITHUB_STEP_SUMMARY")
    base = variables.get("RMO_BASE", "").strip()
    reference = variables.get("GITHUB_REF", "")
    try:
        minutes = float(variables.get("RMO_MINUTES") or "20")
    except ValueError:
        sys.exit(f"the input minutes is {variables['RMO_MINUTES']!r}; give a number")
    return Settings(
        workspace=Path(variables["GITHUB_WORKSPACE"]),
        reports=temporary / ARTIFACT,
        scratch=temporary / SCRATCH,
        python=sys.executable,
        install=variables.get("RMO_INSTALL", "").strip(),
        base=base if base and base != NO_COMMIT else None,
        mutation=variables.get("RMO_MUTATION") == "true",
        differential=variables.get("RMO_DIFFERENTIAL") == "true",
        seconds=minutes * 60,
        pull_merge=reference.startswith("refs/pull/") and reference.endswith("/merge"),
        summary=Path(summary) if summary else None,
        environment={
            name: value
            for name, value in variables.items()
            if name not in _KEPT_BACK and not name.startswith(("RMO_", "INPUT_", "ACTIONS_"))
        },
    )
