"""Names that may be handed to git: URLs, refs and commits.

git reads a leading dash as an option and a scheme such as `ext::` as a command to run, so nothing reaches
its command line that did not pass here. Pure.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bot.git.errors import BadName
from bot.model.ids import CommitSha

Protocol = Literal["none", "https", "http:https", "file"]
"""Which transports git may use, in the words of `GIT_ALLOW_PROTOCOL`."""

_SHA = re.compile(r"[0-9a-f]{40}")
_FORBIDDEN_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a server, and the transports that reach it."""

    url: str
    origin: str
    """Scheme, host and port: the only place a token for it may be sent to."""
    protocol: Protocol


def remote(url: str) -> Remote:
    """`https://` anywhere, `http://` on loopback alone; no credentials, query or fragment in it.

    Raises BadName.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadName(f"not a repository URL: {url!r} ({error}); use https://HOST/OWNER/NAME") from error
    if parts.username is not None or parts.password is not None:
        raise BadName(f"credentials do not belong in a repository URL (host {host!r}); pass them as a token")
    plain = parts.scheme == "http" and host in _LOOPBACK
    if not (parts.scheme == "https" or plain) or not host or parts.query or parts.fragment or not url.isprintable():
        raise BadName(f"not a repository URL that git may fetch from: {url!r}; use https://HOST/OWNER/NAME")
    bracketed = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{bracketed}" + (f":{port}" if port is not None else "") + "/"
    return Remote(url, origin, "http:https" if plain else "https")


def commit_sha(text: str) -> CommitSha:
    """Exactly forty lower-case hexadecimal digits.

    Raises BadName.
    """
    if not _SHA.fullmatch(text):
        raise BadName(f"not a commit: {text!r}; pass its 40 hexadecimal digits")
    return CommitSha(text)


def is_commit_sha(text: str) -> bool:
    """Whether this names a commit rather than a ref; a ref is always given from `refs/` on."""
    return _SHA.fullmatch(text) is not None


def ref_name(text: str) -> str:
    """A full ref such as `refs/heads/main`, by the rules of git-check-ref-format, and no part led by a dash.

    Raises BadName. Rules: https://git-scm.com/docs/git-check-ref-format
    """
    parts = text.split("/")
    allowed = (
        len(parts) >= 3
        and parts[0] == "refs"
        and len(text) <= 255
        and not _FORBIDDEN_IN_REF.search(text)
        and not text.endswith(".")
        and not any(not part or part.startswith((".", "-")) or part.endswith(".lock") or part == "@" for part in parts)
    )
    if not allowed:
        raise BadName(f"not a ref that git may be given: {text!r}; use a full name such as 'refs/heads/main'")
    return text
