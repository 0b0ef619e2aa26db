"""The secrets that a change would bring into a repository; those that are there already are their owners' affair."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.change import Overlay
from bot.secrets.kinds import Kind
from bot.secrets.scan import redact, scan, scan_certain

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Added:
    """A secret that a change adds, without its value."""

    path: str
    """Redacted, as a secret may stand in the name of a file as well."""
    line: int
    """From 1; 0 where it is the path itself."""
    kind: Kind

    def __str__(self) -> str:
        return f"{self.path}:{self.line} ({self.kind})"


def scan_change(overlay: Overlay, before: Iterable[str]) -> tuple[Added, ...]:
    """What `overlay` adds, in the order of paths and lines; `before` are the texts that it changes, as they were.

    A secret that stood in any of them and only moved is not added.
    """
    known = {text[secret.start : secret.end] for text in before for secret in scan(text)}
    found: list[Added] = []
    for path, text in sorted(overlay.items()):
        if text is None:
            continue
        shown = redact(path)
        found += [Added(shown, 0, secret.kind) for secret in scan_certain(path)]
        line, counted = 1, 0
        for secret in scan_certain(text):
            line, counted = line + text.count("\n", counted, secret.start), secret.start
            if text[secret.start : secret.end] not in known:
                found.append(Added(shown, line, secret.kind))
    return tuple(found)


def say(found: tuple[Added, ...]) -> str:
    """One line that names what was found, for a person and for the journal."""
    shown = ", ".join(str(added) for added in found[:MOST_SHOWN])
    more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
    return f"the change holds what looks like a credential: {shown}{more}"
