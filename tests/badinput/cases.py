"""The cases of `cases.yaml`: what is tried, what must come of it, and what holds whatever else happens."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter
from yaml import safe_load

CASES = Path(__file__).with_name("cases.yaml")


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Trick(_Read):
    """Rules that the gates on texts and on runs name; None for tricks that are not run."""

    diff: frozenset[str]
    suspected: frozenset[str] = frozenset()
    run: frozenset[str] | None = None
    run_suspected: frozenset[str] = frozenset()


class Case(_Read):
    attempt: str
    outcome: str
    invariant: str
    tricks: Mapping[str, Trick] = {}


class Surface(_Read):
    about: str
    tests: str | None
    """File beside this one that holds a test for each id; None where it is not written yet."""
    cases: Mapping[str, Case]


@cache
def surfaces() -> Mapping[str, Surface]:
    return TypeAdapter(dict[str, Surface]).validate_python(safe_load(CASES.read_text("utf-8")))
