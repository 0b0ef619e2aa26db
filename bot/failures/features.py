"""Features: the closed vocabulary that mining may read, and when each of them is known.

A pattern's context may only be what is fixed before the first Executor call: what is known later (the attempt, the
files touched) is an effect of what went before and would explain a failure by itself. Every value is a member of a
closed set, a bucket or a salted hash, so that no text of a stranger passes through.
"""

import hashlib
import hmac
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, cast, get_args

from bot.failures.category import KNOWN_EXCEPTIONS, OTHER_ERROR, OTHER_RULE, known_rule
from bot.model.evidence import Features, FeatureValue, Level
from bot.model.failure import Category, Source

KnownAt = Literal["before_executor", "later"]
OTHER = "other"
HASH_LENGTH = 16

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}")


@dataclass(frozen=True, slots=True)
class OneOf:
    """A closed set; any other value is `other`."""

    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hashed:
    """A salted hash: equal values stay equal within one installation, and say nothing outside of it."""


@dataclass(frozen=True, slots=True)
class Bucketed:
    """A whole number by the bucket it falls in, named by its bounds: limits 1, 4 give `0`, `1-3` and `4+`."""

    limits: tuple[int, ...]
    """The least number of each bucket but the first, ascending."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name that the operator or the catalogue chose, such as a model's; anything of another form is `other`."""


Form = OneOf | Hashed | Bucketed | Identifier


@dataclass(frozen=True, slots=True)
class Feature:
    name: str
    known_at: KnownAt
    form: Form


@dataclass(frozen=True, slots=True)
class Registry:
    """The features that may be stored; a value, so that an importer's additions reach nobody else."""

    features: tuple[Feature, ...]

    def with_feature(self, feature: Feature) -> "Registry":
        """A registry that knows `feature` too; raises ValueError where the name is taken or no identifier."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", feature.name):
            raise ValueError(f"the feature name {feature.name!r} is no lower-case identifier; choose another")
        if feature.name in self.names():
            raise ValueError(f"the feature {feature.name!r} is registered already; choose another name")
        return Registry((*self.features, feature))

    def names(self, known_at: KnownAt | None = None) -> frozenset[str]:
        """Names of all features, or of those that are known at that time."""
        return frozenset(each.name for each in self.features if known_at in (None, each.known_at))

    def closed(self, values: Mapping[str, object], salt: str) -> Features:
        """`values` in the form that each feature has; None and an empty text say that there is none.

        A list or tuple stays one, its members closed and in order. Raises KeyError for a name that is not registered.
        """
        forms = {each.name: each.form for each in self.features}
        closed: dict[str, FeatureValue] = {}
        for name, value in values.items():
            form = forms[name]
            if isinstance(value, list | tuple):
                members = cast("Sequence[object]", value)
                closed[name] = tuple(dict.fromkeys(_closed(form, member, salt) for member in members))
            elif value is not None and value != "":
                closed[name] = _closed(form, value, salt)
        return closed


def hashed(text: str, salt: str) -> str:
    """Says nothing to whoever does not know the salt."""
    return hmac.new(salt.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:HASH_LENGTH]


def _closed(form: Form, value: object, salt: str) -> str:
    match form:
        case OneOf(values=values):
            return str(value) if str(value) in values else OTHER
        case Hashed():
            return hashed(str(value), salt)
        case Bucketed(limits=limits):
            return _bucket(value, limits) if isinstance(value, int) else OTHER
        case Identifier():
            return str(value) if _IDENTIFIER.fullmatch(str(value)) else OTHER
        case _ as unreachable:
            assert_never(unreachable)


def _bucket(number: int, limits: Sequence[int]) -> str:
    bounds = (0, *limits)
    place = bisect_right(bounds, max(number, 0)) - 1
    if place == len(limits):
        return f"{bounds[place]}+"
    low, high = bounds[place], bounds[place + 1] - 1
    return str(low) if low == high else f"{low}-{high}"


LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("py", "pyi"), "python"),
    **dict.fromkeys(("js", "jsx", "mjs", "cjs"), "javascript"),
    **dict.fromkeys(("ts", "tsx"), "typescript"),
    **dict.fromkeys(("c", "h"), "c"),
    **dict.fromkeys(("cc", "cpp", "cxx", "hpp"), "cpp"),
    **{"cs": "csharp", "go": "go", "java": "java", "kt": "kotlin", "php": "php", "rb": "ruby", "rs": "rust"},
    **{"scala": "scala", "sh": "shell", "swift": "swift"},
}
"""By a file's suffix."""
_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("md", "rst", "txt", "adoc"), "docs"),
    **dict.fromkeys(("toml", "cfg", "ini", "yml", "yaml", "lock"), "config"),
    **dict.fromkeys(("json", "csv", "xml", "sql"), "data"),
}
_TEST = re.compile(r"(?:^|/)(?:tests?|testing)/|(?:^|/)(?:test_|conftest\.)[^/]*$|[._]test\.[^./]+$")
_STATIC_TOOLS = frozenset({"ruff", "bandit", "mypy", "pyright", "basedpyright", "ty"})
_TOOLS = _STATIC_TOOLS | {
    *("pytest", "unittest", "python", "coverage", "annotation", "environment", "model", "tampering", "hypothesis"),
    *("mutmut", "cosmic-ray", "differential", "check"),
}


def language_of(paths: Iterable[str]) -> str:
    """The language that most of `paths` are written in; `unknown` where none of them tells."""
    found = [LANGUAGES[suffix] for suffix in map(_suffix, paths) if suffix in LANGUAGES]
    return max(sorted(set(found)), key=found.count, default="unknown")


def file_kind(path: str) -> str:
    """What a file is for, by its name alone: source, test, ci, docs, config, data or other."""
    if path.startswith(".github/workflows/"):
        return "ci"
    if _TEST.search(path):
        return "test"
    suffix = _suffix(path)
    return "source" if suffix in LANGUAGES else _KINDS.get(suffix, OTHER)


def closed_rule(tool: str, rule: str) -> str:
    """`rule` where it is a member of a closed set, else `OtherRule`; empty stays empty."""
    known = not rule or rule in KNOWN_EXCEPTIONS or rule == OTHER_ERROR or known_rule(tool, rule) == rule
    return rule if known else OTHER_RULE


def is_static(tool: str) -> bool:
    return tool in _STATIC_TOOLS


def _suffix(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].lower()


_COUNT = Bucketed((1, 2, 3, 5, 9))

REGISTRY = Registry(
    (
        Feature("repository", "before_executor", Hashed()),
        Feature("domain", "before_executor", Identifier()),
        Feature("language", "before_executor", OneOf(frozenset(LANGUAGES.values()) | {"unknown"})),
        Feature("model", "before_executor", Identifier()),
        Feature("planned_items", "before_executor", _COUNT),
        Feature("action_item", "before_executor", Identifier()),
        Feature("ancestors", "before_executor", Identifier()),
        Feature(
            "file_kind", "before_executor", OneOf(frozenset({"source", "test", "ci", "docs", "config", "data", OTHER}))
        ),
        Feature("attempt", "later", Bucketed((1, 2, 3, 4))),
        Feature("agent", "later", OneOf(frozenset({"thinker", "processor", "executor"}))),
        Feature("files_touched", "later", _COUNT),
        Feature("source", "later", OneOf(frozenset(get_args(Source)))),
        Feature("level", "later", OneOf(frozenset(get_args(Level)))),
        Feature("category", "later", OneOf(frozenset(get_args(Category)))),
        Feature("tool", "later", OneOf(_TOOLS)),
        Feature("rule", "later", Identifier()),
        Feature("exception", "later", OneOf(KNOWN_EXCEPTIONS | {OTHER_ERROR})),
        Feature("path", "later", Hashed()),
        Feature("test", "later", Hashed()),
    )
)
"""What this program itself stores."""
