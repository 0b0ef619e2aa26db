"""What the workflows of a repository would hand to code of ours, before any person has looked at it.

A branch of the bot stands inside the repository, so GitHub runs its code with whatever workflows hand to branches and
pull requests from within: secrets, tokens that other services take, machines of one's own. That code is a model's. So
this is looked at before any run: what can be named may be accepted by name, the rest has to leave the bot's branches
out. A job counts as excluded only where its filters or conditions exclude it for certain; a condition of a single step
excludes nothing, because the machine is handed what the job as a whole asks for.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.ci.workflows.expression import Known, condition, is_false, status_asked
from bot.ci.workflows.machines import environment_of, foreign_machine
from bot.ci.workflows.reading import Node, WorkflowFile, expressions_in, read_workflow, secrets_of, strings
from bot.ci.workflows.triggers import Visit, events, follows, known_of
from bot.model.exposure import REFUSED, Exposed, Exposure

SAMPLE_BRANCH: Final = "rmo/issue-1-1"
"""A branch as the bot names them."""
_OWN_TOKEN: Final = "GITHUB_TOKEN"


@dataclass(frozen=True, slots=True)
class _Call:
    """A workflow that runs, and with what."""

    file: WorkflowFile
    known: Known
    called: bool = False
    """Whether another workflow calls it."""
    inherits: bool = True
    """Whether the repository's secrets are at hand under their own names."""
    granted: frozenset[str] | None = None
    """What the caller's token may write; None where it states nothing."""


def exposure(
    workflows: Mapping[str, str],
    *,
    default_branch: str,
    branch: str = SAMPLE_BRANCH,
    actor: str = "",
    repository: str = "",
) -> Exposure:
    """What pushing `branch` and its pull request into `default_branch` would be handed.

    `workflows` are path -> text of `.github/workflows/` on the default branch; `actor` is the bot's login and
    `repository` its `owner/name`, empty where they are not known, so that less is certain.
    """
    read = {path: read_workflow(path, text) for path, text in sorted(workflows.items())}
    files = {path: file for path, file in read.items() if isinstance(file, WorkflowFile)}
    visit = Visit(branch, default_branch, actor, repository)
    found = {Exposed(path, "", "unreadable", why) for path, why in read.items() if isinstance(why, str)}
    started = _started(files, visit)
    for path, causes in started.items():
        for event in causes:
            found.update(_of_run(_Call(files[path], known_of(event, visit)), files))
    return Exposure(
        handed=tuple(sorted(each for each in found if each.kind == "secret")),
        refusals=tuple(sorted(each for each in found if each.kind in REFUSED)),
        warnings=tuple(sorted(each for each in found if each.kind != "secret" and each.kind not in REFUSED)),
        workflows=tuple(sorted(started)),
    )


def unaccepted(exposure: Exposure, accepted: Collection[str]) -> tuple[Exposed, ...]:
    """What stands in the way of any run: everything refused, and the secrets that nobody accepted by name."""
    names = {name.upper() for name in accepted}
    return (*exposure.refusals, *(each for each in exposure.handed if each.detail not in names))


def _started(files: Mapping[str, WorkflowFile], visit: Visit) -> dict[str, list[str]]:
    """The workflows that a visit starts, and by which events; those that follow others until none is added."""
    started = {path: causes for path, file in files.items() if (causes := events(file, visit))}
    while True:
        running = {files[path].name for path in started}
        silent = {file.name for file in files.values()} - running
        more = {
            path: ["workflow_run"]
            for path, file in files.items()
            if path not in started and follows(file, running, silent, visit)
        }
        if not more:
            break
        started |= more
    return {
        path: [*causes, "workflow_run"]
        if "workflow_run" not in causes and follows(files[path], running, silent, visit)
        else causes
        for path, causes in started.items()
    }


def _of_run(call: _Call, files: Mapping[str, WorkflowFile]) -> Iterator[Exposed]:
    """What a workflow hands out, and those that it calls, each way of calling one once."""
    waiting = [call]
    seen: set[tuple[str, bool, bool, frozenset[str] | None]] = set()
    while waiting:
        call = waiting.pop()
        key = (call.file.path, call.called, call.inherits, call.granted)
        if key in seen:
            continue
        seen.add(key)
        ran = _jobs_that_run(call.file, call.known)
        if ran and call.inherits:
            yield from _secrets(call.file.path, "", call.file.rest.values())
        for job in ran:
            for found in _of_job(call, job, files):
                if isinstance(found, Exposed):
                    yield found
                else:
                    waiting.append(found)


def _jobs_that_run(file: WorkflowFile, known: Known) -> list[str]:
    """Jobs that are not certainly excluded, by their own condition or by that of one that they need."""
    conditions = {key: asked if isinstance(asked := job.get("if"), str) else "" for key, job in file.jobs.items()}
    waiting = [key for key, text in conditions.items() if text.strip() and is_false(condition(text, known))]
    needing: dict[str, list[str]] = {}
    for key, job in file.jobs.items():
        for needed in () if status_asked(conditions[key]) else strings(job.get("needs")):
            needing.setdefault(needed, []).append(key)
    excluded: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in excluded:
            excluded.add(key)
            waiting += needing.get(key, ())
    return [key for key in file.jobs if key not in excluded]


def _of_job(call: _Call, key: str, files: Mapping[str, WorkflowFile]) -> Iterator[Exposed | _Call]:
    file, job = call.file, call.file.jobs[key]
    if call.inherits:
        yield from _secrets(file.path, key, job.values())
    stated = job.get("permissions", file.rest.get("permissions"))
    granted = call.granted if stated is None else _granted(stated)
    uses = job.get("uses")
    if isinstance(uses, str):
        yield _of_call(call, key, uses, granted, files)
        if uses.startswith("./"):
            return
    yield from _of_token(file.path, key, granted)
    machine = None if isinstance(uses, str) else foreign_machine(job, call.known)
    if machine is not None:
        yield Exposed(file.path, key, "runner", machine)
    environment = environment_of(job, call.known)
    if environment is not None:
        yield Exposed(file.path, key, "environment", environment)


def _of_call(
    call: _Call, key: str, uses: str, granted: frozenset[str] | None, files: Mapping[str, WorkflowFile]
) -> Exposed | _Call:
    """A job that consists of another workflow: one of this repository is followed, one of another can't be."""
    inherits = call.file.jobs[key].get("secrets") == "inherit" and call.inherits
    called = files.get(uses.removeprefix("./")) if uses.startswith("./") else None
    if called is None:
        return Exposed(call.file.path, key, "inherit" if inherits else "elsewhere", uses)
    # What a caller puts in is not followed
    known = Known(call.known.values, tuple(each for each in call.known.absent if each != "inputs"))
    return _Call(called, known, called=True, inherits=inherits, granted=granted)


def _secrets(path: str, key: str, nodes: Iterable[Node]) -> Iterator[Exposed]:
    for tokens in expressions_in(nodes):
        names = secrets_of(tokens)
        if names is None:
            yield Exposed(path, key, "every_secret", "secrets")
            continue
        for name in names - {_OWN_TOKEN}:
            yield Exposed(path, key, "secret", name)


def _granted(permissions: Node) -> frozenset[str]:
    """What the token may write; `write-all` is taken to hold every token there is."""
    if permissions == "write-all":
        return frozenset({"id-token", "contents"})
    stated = permissions if isinstance(permissions, dict) else {}
    return frozenset(name for name, level in stated.items() if level == "write")


def _of_token(path: str, key: str, granted: frozenset[str] | None) -> Iterator[Exposed]:
    if granted is None:
        yield Exposed(path, key, "default_token", "no permissions are stated")
        return
    for name in granted:
        yield Exposed(path, key, "oidc" if name == "id-token" else "write_token", name)
