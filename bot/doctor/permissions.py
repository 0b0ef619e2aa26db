"""What was granted against what is needed: too little stops a run, too much is a door that nobody watches."""

from collections.abc import Mapping
from typing import Final

from bot.doctor.finding import Finding, ok, problem, warning
from bot.setup.manifest import PERMISSIONS

NEVER: Final = frozenset(
    {
        *("workflows", "administration", "secrets", "members", "environments", "actions_variables"),
        *("organization_administration", "organization_secrets", "organization_self_hosted_runners"),
    }
)
"""With these the bot could reach its own judge, the secrets, or who may do what."""
TOLERATED: Final = {"actions": "write", "security_events": "read"}
"""What an administrator may have reasons to grant: to have failed jobs run again, and to read code scanning."""
_LEVELS: Final = ("read", "write", "admin")


def lacking(granted: Mapping[str, str]) -> tuple[str, ...]:
    """Needed permissions that are missing or too weak, as `name: level`."""
    return tuple(
        f"{name}: {level}" for name, level in sorted(PERMISSIONS.items()) if not _reaches(granted.get(name), level)
    )


def excessive(granted: Mapping[str, str]) -> tuple[str, ...]:
    """Granted permissions that nothing needs, as `name: level`."""
    allowed = {**PERMISSIONS, **TOLERATED}
    return tuple(
        f"{name}: {level}" for name, level in sorted(granted.items()) if not _reaches(allowed.get(name), level)
    )


def judge_permissions(check: str, granted: Mapping[str, str], settings_page: str) -> tuple[Finding, ...]:
    """Findings about a set of permissions; `settings_page` is where a person changes them."""
    findings: list[Finding] = []
    missing, beyond = lacking(granted), excessive(granted)
    if missing:
        findings.append(problem(check, f"not granted: {', '.join(missing)}", f"grant it at {settings_page}"))
    dangerous = tuple(each for each in beyond if each.partition(":")[0] in NEVER)
    if dangerous:
        said = f"granted, and must not be: {', '.join(dangerous)}"
        findings.append(problem(check, said, f"take it away at {settings_page}"))
    rest = tuple(each for each in beyond if each not in dangerous)
    if rest:
        said = f"granted, and not needed: {', '.join(rest)}"
        findings.append(warning(check, said, f"take it away at {settings_page}"))
    return tuple(findings) or (ok(check, "what is needed is granted, and no more"),)


def _reaches(held: str | None, wanted: str) -> bool:
    if held is None:
        return False
    # A level that we do not know is beyond all that we do
    unknown = len(_LEVELS)
    places = [_LEVELS.index(each) if each in _LEVELS else unknown for each in (held, wanted)]
    return places[0] >= places[1]
