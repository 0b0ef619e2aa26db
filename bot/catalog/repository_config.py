"""`.github/fractal-rmo.yml` of a repository's default branch: what its owner decides, and nothing else.

The schema is the one place that says what there is to decide: the file is checked against it, and the documented file
that a repository is taken up with is written from it.
"""

import json
import re
import textwrap
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final, TypedDict, cast

from bot.catalog.errors import DataInvalid
from bot.catalog.schema import Schema
from bot.model.repository import RepositoryConfig

CONFIG_PATH: Final = ".github/fractal-rmo.yml"
CONFIG_BYTES: Final = 64 * 1024

_SCHEMA_FILE: Final = Path(__file__).with_name("repository_config.schema.json")
_LISTS: Final = ("check_apps", "label_apps", "accept_ci_secrets")
_SECRET: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WIDTH: Final = 100
_HEAD: Final = """\
# Settings of Fractal-RMO for this repository, read from the default branch alone.
# Every key may be left out; what stands here are the defaults.
"""


class _ConfigFile(TypedDict, total=False):
    setup: str
    analysers: int
    ci_timeout_minutes: int
    ci_start_minutes: int
    levels_before_push: int
    red_before_green: bool
    tamper_guard: bool
    new_suppressions: int
    check_apps: list[int]
    plan_approval: bool
    label_apps: list[int]
    accept_ci_secrets: list[str]
    keep_up_to_date: bool
    revisits: int
    most_files: int
    most_lines: int
    open_pull_requests: int
    runs_an_hour: int
    dashboard: bool


class _Key(TypedDict, total=False):
    description: str
    examples: list[str]


def parse_repository_config(text: str) -> RepositoryConfig:
    """The configuration, with defaults where the file is silent; an empty file is all defaults.

    Raises DataInvalid, a NeedsHuman, in one line with the offending key.
    """
    if len(text.encode("utf-8", "surrogatepass")) > CONFIG_BYTES:
        raise DataInvalid(CONFIG_PATH, f"is larger than {CONFIG_BYTES} bytes: shorten it")
    schema = Schema[_ConfigFile | None](_SCHEMA_FILE.read_text("utf-8"))
    fields: dict[str, Any] = {**(schema.read(text, CONFIG_PATH) or {})}
    fields |= {name: tuple(fields[name]) for name in _LISTS if name in fields}
    return RepositoryConfig(**fields)


def default_config(accept: Collection[str] = ()) -> str:
    """The documented file whose every key says the default.

    `accept` are secrets that workflows hand out: they are suggested in a remark, for a person to decide.
    """
    keys = cast("dict[str, _Key]", json.loads(_SCHEMA_FILE.read_text("utf-8"))["properties"])
    defaults = RepositoryConfig()
    return "\n".join([_HEAD, *(_documented(name, key, getattr(defaults, name), accept) for name, key in keys.items())])


def _documented(name: str, key: _Key, default: object, accept: Collection[str]) -> str:
    told = textwrap.wrap(key.get("description", ""), _WIDTH - 2)
    if name == "accept_ci_secrets" and (names := sorted(each for each in accept if _SECRET.fullmatch(each))):
        told += ["Your workflows hand out these now. To accept them, write instead of the line below:"]
        told += [f"accept_ci_secrets: {_flow(names)}"]
    value = f"{name}: {_flow(default)}" if default is not None else f"# {name}: {key.get('examples', [''])[0]}"
    return "\n".join([*(f"# {line}" for line in told), value, ""])


def _flow(value: object) -> str:
    """The value in YAML, on one line."""
    match value:
        case list() | tuple():
            return f"[{', '.join(str(each) for each in cast('list[object]', value))}]"
        case _:
            return json.dumps(value)
