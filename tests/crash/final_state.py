"""What a run leaves behind, in lines that two runs can be compared by: SHAs become names, times and ids are left out.

A commit's SHA depends on the second in which it was made, so it is named after its place: `refs/heads/main#0` is the
first commit of main. Trees keep their SHAs: equal work makes equal trees.
"""

import difflib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.compose import database_url_of
from bot.config import Settings
from bot.localhub.git_store import GitStore, StoredCommit
from bot.localhub.state.issues import Issue
from bot.store import journal
from bot.store.database import Database
from bot.store.failures import read_failures
from tests.crash.order import Order
from tests.crash.place import Place

INVISIBLE = re.compile(r"/git/(?:trees|blobs|commits)$|/access_tokens$")
"""What nobody sees until a ref leads to it, and what leads nowhere: it may be done twice."""
_TIME = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC")
_SHA = re.compile(r"\b[0-9a-f]{40}\b|\b[0-9a-f]{12}\b")


@dataclass(frozen=True, slots=True)
class Final:
    """Everything that a crash must not change."""

    seen: tuple[str, ...]
    """What GitHub shows: refs, commits, issues, comments, labels, pull requests, checks."""
    effects: tuple[str, ...]
    """The writes that anybody can see, in their order."""
    recorded: tuple[str, ...]
    """The bot's own journal and its failures, in their order."""
    asks: Mapping[str, int]
    """`thinker 0` -> how often the model answered it."""
    orphans: int
    """Commits of the bot's that no ref leads to; each is the twin of one that a ref leads to."""

    def differences(self, expected: "Final") -> list[str]:
        """How this differs from the undisturbed run, as a diff; asks and orphans are the caller's to judge."""
        found = [*self.seen, *self.effects, *self.recorded]
        wanted = [*expected.seen, *expected.effects, *expected.recorded]
        return list(difflib.unified_diff(wanted, found, "undisturbed", "disturbed", n=1, lineterm=""))

    def assert_same_as(self, expected: "Final") -> None:
        """Raise AssertionError with the whole diff."""
        differences = self.differences(expected)
        assert not differences, "\n".join(differences)


async def final_state(place: Place) -> Final:
    """What stands when all lives are over; raises AssertionError where an invisible commit has no visible twin."""
    await place.hub.idle()
    chains = await _chains(place.repository.git)
    names = {commit.sha: f"{ref}#{number}" for ref, chain in chains.items() for number, commit in enumerate(chain)}
    visible = [_commit(commit, names) for chain in chains.values() for commit in chain]
    orphans = [_commit(commit, names) for commit in await _unreachable(place.repository.git)]
    for orphan in orphans:
        assert orphan in visible, f"no ref leads to {orphan}, nor to one like it"
    return Final(
        seen=(
            *(f"{ref}: {_commit(commit, names)}" for ref, chain in chains.items() for commit in chain),
            *(line for _, issue in sorted(place.repository.issues.items()) for line in _issue(issue, names)),
            *sorted(
                f"check {check.name} on {_named(check.head_sha, names)}: {check.status} {check.conclusion}"
                for check in place.repository.checks.values()
            ),
        ),
        effects=tuple(
            f"{entry.actor}: {entry.method} {entry.path}: {_named(entry.summary, names)}"
            for entry in place.hub.journal.entries
            if not INVISIBLE.search(entry.path)
        ),
        recorded=await read_record(place.order),
        asks=Counter(place.diary.asks),
        orphans=len(orphans),
    )


async def read_record(order: Order) -> tuple[str, ...]:
    """The journals and failures of all runs in the bot's own database."""
    database = Database(database_url_of(Settings().model_copy(update={"home": order.home, **_url(order)})))
    try:
        return await database.transact(_record)
    finally:
        database.close()


def _url(order: Order) -> dict[str, str]:
    return {"database_url": order.database_url}


def _record(connection: Connection) -> tuple[str, ...]:
    lines: list[str] = []
    for run in connection.execute(journal.run_table.select().order_by(journal.run_table.c.id)):
        entries = journal.read_journal(connection, run.id)
        lines += [f"{run.id} {each.seq} {type(each.step).__name__} {type(each.outcome).__name__}" for each in entries]
        for each in read_failures(connection, run.id):
            lines.append(f"{run.id} failure {each.step} {each.attempt} {each.failure.tool} {each.failure.fingerprint}")
    return tuple(lines)


async def _chains(store: GitStore) -> dict[str, list[StoredCommit]]:
    """Ref -> its commits by first parents, oldest first; refs that continue another's chain begin where it ends."""
    known: set[str] = set()
    chains: dict[str, list[StoredCommit]] = {}
    for ref, sha in sorted((await store.refs()).items(), key=lambda pair: ("/pull/" in pair[0], pair[0])):
        chain: list[StoredCommit] = []
        at: str | None = sha
        while at is not None and at not in known:
            known.add(at)
            commit = await store.commit(at)
            chain.insert(0, commit)
            at = commit.parents[0] if commit.parents else None
        chains[ref] = chain
    return chains


async def _unreachable(store: GitStore) -> list[StoredCommit]:
    """Commits of the bot's that no ref leads to."""
    listing = await store.text("fsck", "--unreachable", "--no-reflogs", "--no-progress")
    shas = [line.split()[2] for line in listing.splitlines() if line.startswith("unreachable commit ")]
    commits = [await store.commit(sha) for sha in shas]
    return [commit for commit in commits if "RMO-Run: " in commit.message]


def _commit(commit: StoredCommit, names: Mapping[str, str]) -> str:
    parents = " ".join(_named(parent, names) for parent in commit.parents)
    return f"{commit.author.name} on {parents or 'nothing'}, tree {commit.tree}: {_named(commit.message, names)!r}"


def _issue(issue: Issue, names: Mapping[str, str]) -> list[str]:
    lines = [
        f"#{issue.number} {issue.title!r} by {issue.user.login}: {issue.state}, labels {issue.labels}",
        f"#{issue.number} body {_named(issue.body or '', names)!r}",
        *(f"#{issue.number} {comment.user.login} says {_named(comment.body, names)!r}" for comment in issue.comments),
        *(f"#{issue.number} {event.kind} by {event.actor.login} {event.label or ''}" for event in issue.events),
    ]
    if issue.pull is not None:
        pull = issue.pull
        head = _named(pull.head_sha, names)
        lines.append(f"#{issue.number} {pull.head_ref} ({head}) into {pull.base_ref}, draft {pull.draft}")
    return lines


def _named(text: str, names: Mapping[str, str]) -> str:
    """`text` without times, and with the names of the commits that its SHAs, whole or cut to twelve, stand for."""
    short = {sha[:12]: name for sha, name in names.items()}
    named = _SHA.sub(lambda found: names.get(found[0]) or short.get(found[0]) or found[0], text)
    return _TIME.sub("a TIME", named)
