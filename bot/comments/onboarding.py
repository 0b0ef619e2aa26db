"""The pull request that a repository is taken up with: what merging it allows, and what to mend before."""

from bot.comments.notes import exposure_list
from bot.comments.quoting import line, section, whole
from bot.model.exposure import Exposed
from bot.model.onboarding import OnboardingFacts

_SHOWN = 30


def onboarding_title() -> str:
    return "Configure Fractal-RMO"


def onboarding_body(facts: OnboardingFacts) -> str:
    """What it adds, what happens after the merge, what its checks would hand out, and how to say no."""
    exposure = facts.exposure
    return whole(
        f"This adds `{line(facts.path)}` to `{line(facts.full_name)}`, with every setting at its default and a word "
        "about each. **I do nothing here until it is merged.**",
        section("After the merge", _afterwards(facts)),
        section("To mend first", _refusals(exposure.refusals)),
        section("Secrets that my branches would be handed", _secrets(facts)),
        section("Good to know", _remarks(facts)),
        section(
            "If you do not want it",
            "Close this pull request: I will not open another one, and do nothing here.",
        ),
    )


def _afterwards(facts: OnboardingFacts) -> str:
    return "\n".join(
        [
            f"1. Somebody with write access puts the label `{line(facts.label)}` on an issue.",
            "2. I plan, write and validate a change on a branch `rmo/issue-…`, and open a draft pull request.",
            "3. It is ready for review once your checks are green on it. Merging into "
            f"`{line(facts.default_branch)}` is always yours.",
            "",
            "I cannot edit workflows, settings or secrets, never force-push, and stop where a person commits to my "
            "branch. `/rmo help` in a comment lists what you can tell me.",
        ]
    )


def _refusals(refusals: tuple[Exposed, ...]) -> str:
    if not refusals:
        return ""
    return (
        "No run begins while these stand, because code that nobody has looked at would reach what they hand out:\n\n"
        f"{exposure_list(refusals)}"
    )


def _secrets(facts: OnboardingFacts) -> str:
    exposure = facts.exposure
    if not exposure.secrets:
        return ""
    names = ", ".join(line(name) for name in sorted(exposure.secrets))
    return (
        "A push to a branch of mine runs these jobs with these secrets, before anybody has looked at the code. If that "
        f"may be, name them in the file; no run begins before:\n\n```yaml\naccept_ci_secrets: [{names}]\n```\n\n"
        f"{exposure_list(exposure.handed)}"
    )


def _remarks(facts: OnboardingFacts) -> str:
    exposure = facts.exposure
    rows: list[str] = []
    if not exposure.workflows and not exposure.unreadable:
        rows.append(
            "- No workflow runs for a branch of mine, so no change will ever be proven: have one run on `pull_request`."
        )
    if facts.protected_by:
        names = ", ".join(f"`{line(name)}`" for name in facts.protected_by[:_SHOWN])
        rows.append(f"- These checks are required, and I wait for them: {names}.")
    rows += [exposure_list(exposure.warnings)] if exposure.warnings else []
    return "\n".join(rows)
