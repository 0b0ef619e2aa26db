"""A workflow file as GitHub reads it: what starts it, what jobs it has, what it needs.

Pure. Syntax: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import yaml

Settings = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One job, or one leg of its matrix."""

    key: str
    name: str
    matrix: Mapping[str, object]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file that parses."""

    path: str
    name: str
    triggers: Mapping[str, Settings]
    """Event -> its filters; empty where it has none."""
    jobs: tuple[PlannedJob, ...]
    uses: frozenset[str]
    """Every `uses:` of its steps and jobs."""
    remote_calls: Mapping[str, str]
    """Job key -> reusable workflow of another repository that the job consists of."""
    group: str | None
    """The `concurrency` group, not yet interpolated."""
    cancel_in_progress: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A workflow file that GitHub would show as invalid."""

    path: str
    reason: str


class _Loader(yaml.SafeLoader):
    """YAML 1.2's booleans, as Actions has them: `on` is a word, not a truth value."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(path: str, text: str) -> Workflow | Unreadable:
    """Read a workflow file."""
    try:
        content: object = yaml.load(text, _Loader)  # a SafeLoader with fewer types, not more # nosec B506
    except yaml.YAMLError as error:
        return Unreadable(path, str(error).replace("\n", " "))
    if not isinstance(content, dict):
        return Unreadable(path, "the file holds no mapping")
    document = cast("dict[str, object]", content)
    jobs = document.get("jobs")
    if "on" not in document or not isinstance(jobs, dict):
        return Unreadable(path, "`on` or `jobs` is missing")
    settings = {
        key: cast("dict[str, object]", job)
        for key, job in cast("dict[str, object]", jobs).items()
        if isinstance(job, dict)
    }
    group, cancel = _concurrency(document.get("concurrency"))
    return Workflow(
        path=path,
        name=str(document.get("name") or path),
        triggers=_triggers(document["on"]),
        jobs=tuple(leg for key, job in settings.items() for leg in _legs(key, job)),
        uses=frozenset(name for job in settings.values() for name in uses_of(job)),
        remote_calls={key: str(job["uses"]) for key, job in settings.items() if not _is_local(job.get("uses"))},
        group=group,
        cancel_in_progress=cancel,
    )


def _is_local(uses: object) -> bool:
    return uses is None or str(uses).startswith("./")


def _triggers(on: object) -> dict[str, Settings]:
    match on:
        case str():
            return {on: {}}
        case list():
            return {str(each): {} for each in cast("list[object]", on)}
        case dict():
            mapping = cast("dict[str, object]", on)
            return {
                str(event): cast("Settings", filters) if isinstance(filters, dict) else {}
                for event, filters in mapping.items()
            }
        case _:
            return {}


def _concurrency(setting: object) -> tuple[str | None, bool]:
    if isinstance(setting, str):
        return setting, False
    if isinstance(setting, dict):
        fields = cast("dict[str, object]", setting)
        return str(fields.get("group", "")) or None, str(fields.get("cancel-in-progress", "")).lower() == "true"
    return None, False


def uses_of(holder: Settings) -> list[str]:
    """What a job, or a composite action's `runs`, refers to by `uses`."""
    found = [str(holder["uses"])] if "uses" in holder else []
    steps = holder.get("steps")
    for step in cast("list[object]", steps) if isinstance(steps, list) else []:
        if isinstance(step, dict) and "uses" in step:
            found.append(str(cast("dict[str, object]", step)["uses"]))
    return found


def composite_uses(text: str) -> list[str]:
    """What an `action.yml` of the repository itself refers to."""
    try:
        content: object = yaml.load(text, _Loader)  # a SafeLoader with fewer types, not more # nosec B506
    except yaml.YAMLError:
        return []
    if not isinstance(content, dict):
        return []
    runs = cast("dict[str, object]", content).get("runs")
    return uses_of(cast("Settings", runs)) if isinstance(runs, dict) else []


def _legs(key: str, job: Settings) -> list[PlannedJob]:
    """The job once, or once a leg of a matrix that is written out; one computed by an expression is known later."""
    given = str(job.get("name") or key)
    strategy = job.get("strategy")
    matrix = cast("Settings", strategy).get("matrix") if isinstance(strategy, dict) else None
    combinations: list[dict[str, object]] = [{}]
    if isinstance(matrix, dict):
        combinations = _combinations(cast("Settings", matrix))
    legs: list[PlannedJob] = []
    for values in combinations:
        shown = ", ".join(_plain(value) for value in values.values() if not isinstance(value, dict | list))
        name = f"{given} ({shown})" if values and "${{" not in given else interpolate_matrix(given, values)
        legs.append(PlannedJob(key, name, values, _labels(job.get("runs-on"), values)))
    return legs


def _plain(value: object) -> str:
    return str(value)


def interpolate_matrix(text: str, values: Settings) -> str:
    """Put a leg's values in place of `${{ matrix.x }}`."""
    for name, value in values.items():
        for spelling in (f"${{{{ matrix.{name} }}}}", f"${{{{matrix.{name}}}}}"):
            text = text.replace(spelling, _plain(value))
    return text


def _labels(runs_on: object, values: Settings) -> tuple[str, ...]:
    if isinstance(runs_on, dict):
        runs_on = cast("Settings", runs_on).get("labels", "")
    each = cast("list[object]", runs_on) if isinstance(runs_on, list) else [runs_on]
    return tuple(interpolate_matrix(str(label), values) for label in each if label)


def _combinations(matrix: Settings) -> list[dict[str, object]]:
    """Legs of a matrix after `include` and `exclude`; empty values where it is computed at run time."""
    axes = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    if not all(isinstance(values, list) for values in axes.values()):
        return [{}]
    lists = [cast("list[object]", values) for values in axes.values()]
    legs = [dict(zip(axes, each, strict=True)) for each in itertools.product(*lists)] if axes else []
    for removed in _mappings(matrix.get("exclude")):
        legs = [leg for leg in legs if any(leg.get(name) != value for name, value in removed.items())]
    originals = [dict(leg) for leg in legs]
    for added in _mappings(matrix.get("include")):
        shared = [name for name in added if name in axes]
        fitting = [
            leg
            for leg, original in zip(legs, originals, strict=False)
            if all(original.get(name) == added[name] for name in shared)
        ]
        if fitting:
            for leg in fitting:
                leg.update(added)
        else:
            legs.append(dict(added))
    return legs or [{}]


def _mappings(value: object) -> Sequence[Settings]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Settings", each) for each in items if isinstance(each, dict)]
