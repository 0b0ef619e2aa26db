"""From git's complaint to one of our errors: git says why it failed in English only. Pure."""

import re

from bot.git.command import Output
from bot.git.errors import (
    AccessRefused,
    BadName,
    EmptyRepository,
    ForeignOwner,
    GitFailed,
    HostileObjects,
    MissingCommit,
    NotARepository,
    RefTaken,
    RemoteUnreachable,
    RepositoryGone,
)
from bot.model.errors import RmoError

_KNOWN: tuple[tuple[str, type[RmoError], str], ...] = (
    (r"dubious ownership", ForeignOwner, "run as the owner of the repository"),
    (r"not a git repository|must be run in a work tree", NotARepository, "pass the top of a git clone"),
    (r"does not have any commits yet", EmptyRepository, "commit something first"),
    (
        r"in pack is corrupt|fsck error|error in object|malformed",
        HostileObjects,
        "run 'git fsck' on a clone of it",
    ),
    (
        r"couldn't find remote ref|not our ref|no such remote ref|unadvertised object|bad object|"
        r"not a valid object name|unknown revision|needed a single revision|not a tree object|not a valid commit",
        MissingCommit,
        "check that the branch or commit still exists",
    ),
    (
        r"authentication failed|could not read username|invalid credentials|returned error: 40[13]|permission denied",
        AccessRefused,
        "check the App's permissions on this repository",
    ),
    (
        r"repository '.*' not found|repository not found|does not appear to be a git repository|"
        r"returned error: (404|30\d)|unable to update url base",
        RepositoryGone,
        "read its present name from the API",
    ),
    (r"transport '.*' not allowed", BadName, "use an https URL"),
    (r"cannot lock ref|reference already exists", RefTaken, "rename or delete the ref"),
    (
        r"could not resolve|could not connect|failed to connect|connection|returned error: (429|5\d\d)|"
        r"unable to access|rpc failed|early eof|hung up|timed out|ssl|gnutls",
        RemoteUnreachable,
        "try again later",
    ),
)


def failure_of(output: Output, what: str) -> RmoError:
    """The error that a failed command stands for; `what` names the deed, as in `fetch 'https://...'`."""
    lines = [line.strip() for line in output.stderr.splitlines() if line.strip()]
    first = lines[0] if lines else "no reason given"
    telling = next((line for line in lines if line.startswith(("fatal:", "error:"))), first)
    words = re.sub(r"[\x00-\x1f\x7f]", " ", telling)[:300]
    for pattern, kind, advice in _KNOWN:
        if re.search(pattern, output.stderr, re.IGNORECASE):
            return kind(f"git could not {what}: {words}; {advice}")
    return GitFailed(f"git could not {what} (exit code {output.exit_code}): {words}")


def require(output: Output, what: str) -> bytes:
    """What a command wrote, if it succeeded; else raises the error that its complaint stands for."""
    if output.exit_code != 0 and not output.cut:
        raise failure_of(output, what)
    return output.stdout
