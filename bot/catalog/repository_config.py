"""`.github/fractal-rmo.yml` of a repository's default branch: what its owner decides, and nothing else."""

from pathlib import Path
from typing import Any, Final, TypedDict

from bot.catalog.errors import DataInvalid
from bot.catalog.schema import Schema
from bot.model.repository import RepositoryConfig

CONFIG_PATH: Final = ".github/fractal-rmo.yml"
CONFIG_BYTES: Final = 64 * 1024

_SCHEMA_FILE: Final = Path(__file__).with_name("repository_config.schema.json")


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


def parse_repository_config(text: str) -> RepositoryConfig:
    """The configuration, with defaults where the file is silent; an empty file is all defaults.

    Raises DataInvalid, a NeedsHuman, in one line with the offending key.
    """
    if len(text.encode("utf-8", "surrogatepass")) > CONFIG_BYTES:
        raise DataInvalid(CONFIG_PATH, f"is larger than {CONFIG_BYTES} bytes: shorten it")
    schema = Schema[_ConfigFile | None](_SCHEMA_FILE.read_text("utf-8"))
    fields: dict[str, Any] = {**(schema.read(text, CONFIG_PATH) or {})}
    fields["check_apps"] = tuple(fields.get("check_apps", ()))
    return RepositoryConfig(**fields)
