"""What has to be true of a town whatever happened in it: the invariants of the bot, told from the outside.

GitHub's own record, its git repositories and the bot's database are read, and nothing of the bot's code but the fold
of a journal. I11 (a restart converges) and I12 (no run is silent) are looked at as far as a state at rest shows them:
that nothing is left half done, and that no journal has a gap that nobody explains.

Call it when everything is quiet: `town.settled()`.
"""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from bot.localhub.git_store import StoredCommit
from bot.localhub.journal import JournalEntry
from bot.localhub.state.issues import Issue
from bot.localhub.state.repository import HubRepository
from bot.loop import fold
from bot.model.codec import decode
from bot.model.ids import RunId
from bot.model.journal import Entry
from bot.model.outcome import Stopped
from bot.model.phase import Ended
from bot.model.run import RecordedFailure, Run, RunRequest
from bot.model.step import AskModel, AwaitChecks, CommitStep, OpenPullRequest
from bot.store import inbox, journal
from bot.store.failures import read_failures
from tests.scenarios.town import API_TOKEN, BOT, LABEL, SECRET, Town

GREEN = ("success", "neutral", "skipped")
OWN_CHECK = "fractal-rmo"
CLOSED = "changed state of pull request "
SILENCE = timedelta(minutes=15)
WORK_BRANCH = re.compile(r"refs/heads/rmo/issue-[0-9]+-[0-9]+")
_MOVED = re.compile(r"moved (?P<ref>\S+) from (?P<before>[0-9a-f]{12}) to (?P<after>[0-9a-f]{12})")
_TRAILER = re.compile(r"^(RMO-Run|RMO-Step): (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run, as the database and GitHub know it."""

    run: Run
    entries: tuple[Entry, ...]
    failures: tuple[RecordedFailure, ...]
    repository: HubRepository

    @property
    def name(self) -> str:
        return f"run {self.run.id} of {self.repository.full_name}#{self.run.request.issue}"

    @property
    def branch(self) -> str:
        return f"refs/heads/{self.run.request.branch}"

    @property
    def has_ended(self) -> bool:
        return isinstance(self.run.phase, Ended)

    @property
    def issue(self) -> tuple[int, int]:
        return self.repository.id, self.run.request.issue

    def path_of(self, ref: str) -> str:
        return f"/repos/{self.repository.full_name}/git/{ref}"

    @property
    def pulls(self) -> list[Issue]:
        return [each for each in self.repository.pulls if each.pull and each.pull.head_ref == self.run.request.branch]


@dataclass(frozen=True, slots=True)
class _World:
    town: Town
    runs: tuple[_Run, ...]
    deliveries: dict[str, tuple[bool, bool, str]]
    """GUID -> whether it is dealt with, whether it is to be tried again, and what was said of it."""


async def check_world(town: Town, secrets: Collection[str] = ()) -> None:
    """Raise AssertionError with everything that does not hold, each with the number of its invariant.

    `secrets` are canaries that must stand nowhere, beside the secrets that every town has.
    """
    runs, deliveries = await town.bot.context.database.transact(lambda connection: _read(connection, town))
    world = _World(town, runs, deliveries)
    problems: list[str] = []
    for number, check in CHECKS.items():
        problems += [f"{number}: {problem}" async for problem in check(world)]
    problems += [f"I9: {place}" for place in _found(town, {*secrets, *_secrets_of(town)})]
    assert not problems, "\n".join(problems)


def _read(connection: Connection, town: Town) -> tuple[tuple[_Run, ...], dict[str, tuple[bool, bool, str]]]:
    repositories = town.hub.world.repositories
    runs: list[_Run] = []
    for row in connection.execute(select(journal.run_table.c.request).order_by(journal.run_table.c.id)):
        request = decode(row.request, RunRequest)
        entries = journal.read_journal(connection, request.run_id)
        failures = read_failures(connection, request.run_id)
        runs.append(_Run(fold(request, entries), entries, failures, repositories[request.repository.id]))
    held = inbox.delivery.c
    rows = connection.execute(select(held.guid, held.processed_at, held.not_before, held.outcome))
    deliveries = {
        row.guid: (row.processed_at is not None, row.not_before is not None, row.outcome or "") for row in rows
    }
    return tuple(runs), deliveries


async def _every_delivery_has_an_end(world: _World) -> AsyncIterator[str]:
    for each in world.town.hub.world.deliveries:
        if each.status_code == 202 and each.guid not in world.deliveries:
            yield f"{each.event} {each.guid} was accepted and is not there"
    for guid, (ended, waits, outcome) in world.deliveries.items():
        if not outcome or not (ended or waits):
            yield f"delivery {guid} has neither an end nor a reason to wait: {outcome!r}"


async def _one_run_an_issue(world: _World) -> AsyncIterator[str]:
    active = Counter((each.repository.full_name, each.run.request.issue) for each in world.runs if not each.has_ended)
    for (repository, issue), count in active.items():
        if count > 1:
            yield f"{count} runs of {repository}#{issue} are active"


async def _nothing_is_there_twice(world: _World) -> AsyncIterator[str]:
    for each in world.runs:
        opened = [pull.number for pull in each.pulls if pull.state == "open"]
        if len(opened) > 1:
            yield f"{each.name} has the open pull requests {opened}"
        issue = each.repository.issues.get(each.run.request.issue)
        said = (
            [comment.id for comment in issue.comments if f"rmo:status {each.run.id} " in comment.body] if issue else []
        )
        if len(said) > 1:
            yield f"{each.name} has the status comments {said}"
        checks = [check.head_sha for check in each.repository.checks.values() if check.external_id == each.run.id]
        if len(set(checks)) != len(checks):
            yield f"{each.name} has several check runs of its own on one commit"
    known = {(each.repository.full_name, each.branch) for each in world.runs}
    for repository in world.town.hub.world.repositories.values():
        for ref in await repository.git.refs():
            if WORK_BRANCH.fullmatch(ref) and (repository.full_name, ref) not in known:
                yield f"{repository.full_name} has {ref}, which no run has made"


async def _commits_are_the_journal_s(world: _World) -> AsyncIterator[str]:
    for each in world.runs:
        for ref, expected in (
            (each.branch, list(each.run.heads)),
            (each.run.state_ref, [s.state_sha for s in each.run.steps]),
        ):
            chain = await _chain(each, ref) if ref else None
            if chain is None or _is_moved_by_people(world.town, each, ref):
                continue
            ours = [commit for commit in chain if _trailers(commit).get("RMO-Run") == each.run.id]
            shas = [commit.sha for commit in ours]
            if shas[: len(expected)] != expected or (each.has_ended and len(shas) > len(expected)):
                yield f"{each.name}: {ref} has {_short(shas)}, and the journal {_short(expected)}"
            steps = [_trailers(commit).get("RMO-Step") for commit in ours]
            if len(set(steps)) != len(steps):
                yield f"{each.name}: {ref} has a step twice: {steps}"


def _is_moved_by_people(town: Town, run: _Run, ref: str) -> bool:
    """Whether the branch is what somebody else has made of it, by the API or by a push."""
    pushed = f"/{run.repository.full_name}.git/"
    return any(
        entry.actor not in ("", BOT)
        and (entry.path == run.path_of(ref) or (entry.path.startswith(pushed) and ref in entry.summary))
        for entry in town.hub.journal.entries
    )


async def _nothing_is_written_after_the_end(world: _World) -> AsyncIterator[str]:
    """But for the pull request of a run that a newer one of the issue replaces: that is closed."""
    newest = _newest_runs(world)
    for each in world.runs:
        issue = each.repository.issues.get(each.run.request.issue)
        unwanted = _unwanted_since(each, issue) if issue is not None else None
        if unwanted is not None:
            late = [
                type(entry.step).__name__
                for entry in each.entries
                if entry.started_at > unwanted and isinstance(entry.step, CommitStep | OpenPullRequest)
            ]
            if len(late) > 1:
                yield f"{each.name} was no longer wanted, and took {late}"
        if each.entries and isinstance(each.entries[-1].outcome, Stopped):
            ended = each.entries[-1].ended_at
            for written in _written(world.town, each):
                superseded = written.summary.startswith(CLOSED) and each.run.id != newest[each.issue]
                if written.at > ended and not superseded:
                    yield f"{each.name} has ended, and then came {written.method} {written.path}: {written.summary}"


def _newest_runs(world: _World) -> dict[tuple[int, int], RunId]:
    ordered = sorted(world.runs, key=lambda each: each.run.request.label.event)
    return {each.issue: each.run.id for each in ordered}


def _unwanted_since(run: _Run, issue: Issue) -> datetime | None:
    """When the very label that began the run was taken away, or the issue closed, while the run was under way."""
    mine = False
    for event in issue.events:
        if event.kind == "labeled" and event.label == LABEL:
            mine = event.id == run.run.request.label.event
        elif mine and (event.kind == "closed" or (event.kind == "unlabeled" and event.label == LABEL)):
            return event.created_at
    return None


def _written(town: Town, run: _Run) -> list[JournalEntry]:
    """What the bot changed of the run's own: its refs, its pull requests, and its comment."""
    root = f"/repos/{run.repository.full_name}"
    issue = run.repository.issues.get(run.run.request.issue)
    said = [c.id for c in issue.comments if f"rmo:status {run.run.id} " in c.body] if issue else []
    own = {
        f"{root}/git/{run.branch}",
        f"{root}/git/{run.run.state_ref}",
        *(f"{root}/pulls/{pull.number}" for pull in run.pulls),
        *(f"{root}/issues/comments/{number}" for number in said),
    }
    return [each for each in town.hub.journal.entries if each.actor == BOT and each.path in own]


async def _work_of_people_stays(world: _World) -> AsyncIterator[str]:
    """Where a person has moved the branch last, it stays there; where nobody has, the bot has only added to it."""
    for each in world.runs:
        chain = await _chain(each, each.branch)
        moves = [
            (entry, moved)
            for entry in world.town.hub.journal.entries
            if (moved := _MOVED.fullmatch(entry.summary)) and entry.path == each.path_of(each.branch)
        ]
        if chain is None or not moves:
            continue
        there = {commit.sha[:12] for commit in chain} | {_base_of(each)[:12]}
        newest, moved = ([pair for pair in moves if pair[0].actor != BOT] or moves)[-1]
        if moved["after"] not in there or (newest.actor == BOT and moved["before"] not in there):
            yield f"{each.name}: {newest.actor} {newest.summary}, of which something is gone"


async def _only_green_is_ready(world: _World) -> AsyncIterator[str]:
    for each in world.runs:
        for pull in each.pulls:
            assert pull.pull is not None
            if pull.pull.draft or pull.state == "closed" or each.run.code_head is None:
                continue
            head = each.run.code_head
            checks = [c for c in each.repository.checks.values() if c.head_sha == head and c.name != OWN_CHECK]
            apps = each.run.frozen.config.check_apps if each.run.frozen else ()
            checks = [check for check in checks if not apps or check.suite.app.id in apps]
            states = {status.context: status.state for status in each.repository.statuses if status.sha == head}
            red = [check.name for check in checks if check.conclusion not in GREEN]
            red += [context for context, state in states.items() if state != "success"]
            green = [c for c in checks if c.conclusion == "success"] or [s for s in states.values() if s == "success"]
            if each.has_ended and (red or not green):
                yield f"{each.name}: pull request #{pull.number} is no draft, and its checks are {red or 'missing'}"


async def _money_is_counted(world: _World) -> AsyncIterator[str]:
    for each in world.runs:
        asked = [(entry.step.agent, entry.step.number) for entry in each.entries if isinstance(entry.step, AskModel)]
        if len(set(asked)) != len(asked):
            yield f"{each.name} has asked the model one thing twice: {Counter(asked).most_common(1)}"
        if each.run.spent.requests != len(asked):
            yield f"{each.name} has counted {each.run.spent.requests} requests, and made {len(asked)}"
        frozen = each.run.frozen
        if (
            frozen is not None
            and each.run.spent.cost > frozen.budget.cost * (each.run.revisits + 1) + each.run.extra_cost
        ):
            yield f"{each.name} has spent {each.run.spent.cost}"


async def _failures_are_recorded_once(world: _World) -> AsyncIterator[str]:
    for each in world.runs:
        of_run = Counter((f.step, f.attempt, f.failure.fingerprint, f.failure.test) for f in each.failures)
        twice = [key for key, count in of_run.items() if count > 1]
        if twice:
            yield f"{each.name} has recorded a failure twice: {twice}"
        if len(each.failures) != len(each.run.failures):
            yield f"{each.name} has {len(each.failures)} failures stored, and {len(each.run.failures)} in its journal"


async def _nothing_is_left_half_done(world: _World) -> AsyncIterator[str]:
    def open_intents(connection: Connection) -> list[tuple[RunId, int]]:
        rows = connection.execute(select(journal.intent_table.c.run_id, journal.intent_table.c.seq))
        return [(RunId(row.run_id), row.seq) for row in rows]

    last = {each.run.id: each.run.last_seq for each in world.runs if each.has_ended}
    for run, seq in await world.town.bot.context.database.transact(open_intents):
        if run in last and seq > last[run]:
            yield f"run {run} has ended, and still means to take step {seq}"
    for each in world.runs:
        if [entry.seq for entry in each.entries] != list(range(1, len(each.entries) + 1)):
            yield f"the journal of {each.name} has a gap"


async def _nobody_is_silent(world: _World) -> AsyncIterator[str]:
    for each in world.runs:
        for before, after in zip(each.entries, each.entries[1:], strict=False):
            gap = after.started_at - before.ended_at
            if gap > SILENCE and not isinstance(before.outcome, Stopped) and not isinstance(after.step, AwaitChecks):
                yield f"{each.name} said nothing for {gap} before {type(after.step).__name__}"


def _secrets_of(town: Town) -> set[str]:
    key = town.app.private_key_pem.splitlines()
    return {SECRET, API_TOKEN, key[1], *town.hub.world.installation_tokens, *map(town.token, ("maintainer", "reader"))}


def _found(town: Town, secrets: Collection[str]) -> Iterator[str]:
    """Where a secret stands: the bot's files, and every text that GitHub shows."""
    shown: dict[str, str] = {}
    for repository in town.hub.world.repositories.values():
        for number, issue in repository.issues.items():
            shown[f"{repository.full_name}#{number}"] = "\n".join(
                [issue.title, issue.body or "", *(comment.body for comment in issue.comments)]
            )
        for check in repository.checks.values():
            shown[f"check {check.id}"] = "\n".join(each or "" for each in (check.title, check.summary, check.text))
    for place, text in shown.items():
        if any(secret in text for secret in secrets):
            yield f"a secret stands in {place}"
    needles = [form for each in secrets for form in {each.encode(), json.dumps(each)[1:-1].encode()}]
    for path in sorted(town.bot.settings.home.rglob("*.db*")):
        content = path.read_bytes()
        if any(needle in content for needle in needles):
            yield f"a secret stands in {path.name}"


def _base_of(run: _Run) -> str:
    return run.run.frozen.base.sha if run.run.frozen is not None else ""


def _trailers(commit: StoredCommit) -> dict[str, str]:
    return dict(_TRAILER.findall(commit.message.rpartition("\n\n")[2]))


def _short(shas: Iterable[str]) -> list[str]:
    return [sha[:12] for sha in shas]


async def _chain(run: _Run, ref: str) -> list[StoredCommit] | None:
    """The commits of a ref above the run's base, by first parents, oldest first; None where the ref is gone."""
    at = await run.repository.git.ref(ref)
    if at is None or run.run.frozen is None:
        return None
    chain: list[StoredCommit] = []
    while at is not None and at != run.run.frozen.base.sha:
        commit = await run.repository.git.commit(at)
        chain.insert(0, commit)
        at = commit.parents[0] if commit.parents else None
    return chain


CHECKS: Mapping[str, Callable[[_World], AsyncIterator[str]]] = {
    "I1": _every_delivery_has_an_end,
    "I2": _one_run_an_issue,
    "I3": _nothing_is_there_twice,
    "I4": _commits_are_the_journal_s,
    "I5": _nothing_is_written_after_the_end,
    "I6": _work_of_people_stays,
    "I7": _only_green_is_ready,
    "I8": _money_is_counted,
    "I10": _failures_are_recorded_once,
    "I11": _nothing_is_left_half_done,
    "I12": _nobody_is_silent,
}
