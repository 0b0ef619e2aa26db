"""Committing a step: to the state ref always, to the work branch where code changed.

Commits are made through the Git Data API without an author, so that GitHub signs them as the App's; their SHAs can't
be known beforehand. A retry therefore looks for the step's trailers between the journalled parent and the ref first.
Any other head, an ancestor too, is a human's act: `HeadMoved`.
"""

from dataclasses import dataclass

from bot.github.branches import create_ref, read_ref, update_ref
from bot.github.client import Client
from bot.github.commits import create_commit, create_tree, list_commits_between, read_commit
from bot.github.errors import HeadMoved, Refused
from bot.jobs.context import Context
from bot.jobs.desk import Desk
from bot.loop.commit_message import code_message, state_message, trailers_of
from bot.loop.preview import after_commit
from bot.loop.state_file import render
from bot.model.forge import AppIdentity, CommitSummary
from bot.model.ids import CommitSha, TreeSha
from bot.model.outcome import Outcome, StepCommitted, StepFailed
from bot.model.phase import Recording
from bot.model.run import Run
from bot.model.step import CommitStep
from bot.secrets.change import Added, say, scan_change

SKIP_CHECKS = "skip-checks: true"


@dataclass(frozen=True, slots=True)
class _Place:
    """A ref that grows by one commit a step."""

    ref: str
    head: CommitSha | None
    """Where the journal left it; None before its first commit."""
    root: CommitSha
    """What its first commit stands on."""

    @property
    def parent(self) -> CommitSha:
        return self.head or self.root


async def commit_step(step: CommitStep, run: Run, context: Context, client: Client) -> Outcome:
    """The step's commits exist once each, and both refs point to them."""
    recording = run.phase
    assert isinstance(recording, Recording)
    assert run.frozen is not None
    task, base = run.frozen.task, run.frozen.base.sha
    added = await _secrets_added(recording, run, context)
    if added:
        return StepFailed("secret_found", say(added))
    branch = _Place(f"refs/heads/{task.branch}", run.code_head, base)
    try:
        code_there = await _already_there(client, branch, run, step.seq)
        base_tree = run.code_tree or (await read_commit(client, base)).tree
        code_tree = await create_tree(client, base_tree, recording.changes) if recording.changes else base_tree
        state_ref, state_sha = await _commit_state(client, run, step, code_tree)
        code_sha: CommitSha | None = None
        if recording.changes:
            message = code_message(run, recording, state_sha)
            code_sha = code_there or await _commit(client, branch, message, code_tree)
    except HeadMoved as error:
        return StepFailed("branch_moved", str(error))
    return StepCommitted(
        state_ref=state_ref,
        state_sha=state_sha,
        code_sha=code_sha,
        code_tree=code_tree if recording.changes else None,
    )


async def _secrets_added(recording: Recording, run: Run, context: Context) -> tuple[Added, ...]:
    """Credentials that the step would bring into the repository; those that stood there already are its owners'."""
    if not recording.changes:
        return ()
    there = await Desk.of(run, context).read_base(recording.changes)
    return scan_change(recording.changes, there.values())


async def _commit_state(client: Client, run: Run, step: CommitStep, code_tree: TreeSha) -> tuple[str, CommitSha]:
    """The step's commit on the run's own ref, or on a branch that starts no checks where the server refuses the ref."""
    recording = run.phase
    assert isinstance(recording, Recording)
    assert run.frozen is not None
    base = run.frozen.base.sha
    message = state_message(run, recording)
    tree = await create_tree(client, code_tree, render(after_commit(run)))
    refs = [run.state_ref] if run.state_ref else [run.frozen.task.state_ref, f"refs/heads/rmo/runs/{run.id}"]
    for ref in refs:
        place = _Place(ref, run.state_head, base)
        there = await _already_there(client, place, run, step.seq)
        try:
            text = f"{message.rstrip()}\n{SKIP_CHECKS}\n" if ref.startswith("refs/heads/") else message
            return ref, there or await _commit(client, place, text, tree)
        except Refused:
            if ref == refs[-1]:
                raise
    raise AssertionError("the last ref either took the commit or raised")


async def _already_there(client: Client, place: _Place, run: Run, seq: int) -> CommitSha | None:
    """The step's commit, if an interrupted performance made it; raises HeadMoved for a head that is not ours."""
    head = await read_ref(client, place.ref)
    if head == place.head:
        return None
    if head is None:
        raise HeadMoved(f"{place.ref} was deleted; we left it at {place.head}")
    between = await list_commits_between(client, place.parent, head)
    match between:
        case (commit,) if _is_step(commit, run, seq, await client.identity()) and commit.parents == (place.parent,):
            return commit.sha
        case _:
            raise HeadMoved(f"{place.ref} is at {head}, we left it at {place.parent}: somebody else moved it")


def _is_step(commit: CommitSummary, run: Run, seq: int, app: AppIdentity) -> bool:
    """Trailers can be copied; only our App's commits have its account as their author."""
    trailers = trailers_of(commit.message)
    named = trailers is not None and trailers.run == run.id and trailers.step == seq
    return named and commit.author_login == app.login


async def _commit(client: Client, place: _Place, message: str, tree: TreeSha) -> CommitSha:
    commit = await create_commit(client, message, tree, (place.parent,))
    if place.head is None:
        await create_ref(client, place.ref, commit.sha)
    else:
        await update_ref(client, place.ref, commit.sha, expected=place.head)
    return commit.sha
