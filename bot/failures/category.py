"""Categories and rules: closed sets, because what is learned from must never carry text that a stranger chose.

A rule is a rule id of a known linter or the name of a known exception class; anything else is `OtherRule` or
`OtherError`, and only its hash (the fingerprint) tells it from its like.
"""

import builtins
import re
from collections.abc import Mapping

from bot.failures.rules import MYPY_RULES, PYRIGHT_RULES
from bot.model.failure import Category
from bot.model.gate import CHECK_TOOL, CODE_PATTERNS, REQUIRED_TESTS

OTHER_ERROR = "OtherError"
OTHER_RULE = "OtherRule"
INVALID_SYNTAX = "invalid-syntax"

KNOWN_EXCEPTIONS = frozenset(
    name for name, found in vars(builtins).items() if isinstance(found, type) and issubclass(found, BaseException)
) | {
    # the standard library
    *("CalledProcessError", "CancelledError", "Empty", "Full", "FrozenInstanceError", "InvalidOperation"),
    *("InvalidStateError", "JSONDecodeError", "NoOptionError", "NoSectionError", "ParseError", "PicklingError"),
    *("StatisticsError", "TimeoutExpired", "UnpicklingError", "UnsupportedOperation", "gaierror"),
    # the tools that run tests
    *("DeadlineExceeded", "FailedHealthCheck", "Flaky", "FlakyFailure", "Unsatisfiable", "FixtureLookupError"),
    *("Failed", "OutOfMemory", "Timeout", "ValidationError"),
    # online judges and harnesses of agents, in records of other systems
    *("WrongAnswer", "TimeLimitExceeded", "MemoryLimitExceeded", "OutputLimitExceeded", "TestFailure"),
    *("EmptyOutput", "AgentFormatError", "NonZeroExit", "NoSuchFile", "CommandNotFound"),
}
OUT_OF_MEMORY = "OutOfMemory"
TIMEOUT = "Timeout"
BELOW_THRESHOLD = "fail-under"
_TOOL_RULES: Mapping[str, frozenset[str]] = {
    CHECK_TOOL: frozenset({*CODE_PATTERNS, *REQUIRED_TESTS}),
    "mypy": MYPY_RULES,
    "pyright": PYRIGHT_RULES,
    "process": frozenset({OUT_OF_MEMORY, TIMEOUT}),
    "coverage": frozenset({BELOW_THRESHOLD}),
}
"""Of tools whose rules are listed; `process` stands for what ended a run as a whole."""

_RUFF_PREFIXES = frozenset(
    {
        *("A", "AIR", "ANN", "ARG", "ASYNC", "B", "BLE", "C", "COM", "CPY", "D", "DJ", "DOC", "DTZ", "E", "EM"),
        *("ERA", "EXE", "F", "FA", "FAST", "FBT", "FIX", "FLY", "FURB", "G", "I", "ICN", "INP", "INT", "ISC"),
        *("LOG", "N", "NPY", "PD", "PERF", "PGH", "PIE", "PLC", "PLE", "PLR", "PLW", "PT", "PTH", "PYI", "Q"),
        *("RET", "RSE", "RUF", "S", "SIM", "SLF", "SLOT", "T", "TC", "TD", "TID", "TRY", "UP", "W", "YTT"),
    }
)
_RUFF_RULE = re.compile(r"([A-Z]{1,5})\d{2,4}")
_BANDIT_RULE = re.compile(r"B\d{3}")
_RUFF_PARSER_RULES = frozenset({"E902", "E999", "F701", "F702", "F704", "F706", "F707"})
"""Rules about code that the interpreter itself would not compile."""
_RUFF_UNDEFINED = frozenset({"F821", "F822", "F823"})
_RUFF_CATEGORIES: Mapping[str, Category] = {"S": "security", "PERF": "performance"}

_TOOLS: Mapping[str, Category] = {
    "annotation": "runtime",
    "bandit": "security",
    "check": "logic",
    "basedpyright": "type",
    "coverage": "logic",
    "environment": "environment",
    "model": "format",
    "mypy": "type",
    "process": "performance",
    "pyright": "type",
    "python": "syntax",
    "tampering": "tampering",
    "ty": "type",
}
_EXCEPTIONS: Mapping[str, Category] = {
    "AssertionError": "logic",
    "DeadlineExceeded": "performance",
    "Failed": "logic",
    "IndentationError": "syntax",
    "MemoryError": "performance",
    "SyntaxError": "syntax",
    "AgentFormatError": "format",
    "EmptyOutput": "format",
    "MemoryLimitExceeded": "performance",
    "OutputLimitExceeded": "performance",
    "TabError": "syntax",
    "TestFailure": "logic",
    "TimeLimitExceeded": "performance",
    "Timeout": "performance",
    "TimeoutError": "performance",
    "TimeoutExpired": "performance",
    "WrongAnswer": "logic",
}
_CHECK_WORDS: Mapping[str, Category] = {
    "lint": "style",
    "format": "style",
    "formatting": "style",
    "style": "style",
    "ruff": "style",
    "black": "style",
    "flake8": "style",
    "isort": "style",
    "pylint": "style",
    "mypy": "type",
    "pyright": "type",
    "type": "type",
    "types": "type",
    "typing": "type",
    "typecheck": "type",
    "bandit": "security",
    "codeql": "security",
    "security": "security",
    "audit": "security",
    "benchmark": "performance",
    "benchmarks": "performance",
    "coverage": "logic",
    "codecov": "logic",
}
_MISSING = re.compile(r"No module named '([^'.]{1,100})")


def lint_category(tool: str, rule: str) -> Category:
    """Of a finding of a static tool; unknown tools are taken for linters."""
    if rule == INVALID_SYNTAX:
        return "syntax"
    if tool != "ruff":
        return _TOOLS.get(tool, "style")
    if rule in _RUFF_PARSER_RULES:
        return "syntax"
    if rule in _RUFF_UNDEFINED:
        return "runtime"
    prefix = rule.rstrip("0123456789")
    return _RUFF_CATEGORIES.get(prefix, "style")


def exception_category(exception: str, message: str, own_modules: frozenset[str] = frozenset()) -> Category:
    """Of a test that ended with `exception`.

    A module that cannot be found is a missing dependency (environment), unless it is one of the repository's own
    (`own_modules`, by top-level name): then the code under test is at fault. pytest-timeout fails a test by the
    generic `Failed`, so its words tell.
    """
    if exception == "Failed" and message.startswith("Timeout"):
        return "performance"
    if exception in ("ImportError", "ModuleNotFoundError"):
        missing = _MISSING.search(message)
        if missing is not None and missing[1] not in own_modules:
            return "environment"
        return "environment" if "shared object file" in message or "DLL load failed" in message else "runtime"
    return _EXCEPTIONS.get(exception, "runtime") if exception else "logic"


def check_category(name: str) -> Category:
    """Of a red check of which nothing but its name is known; a check that says nothing is taken for a failed run."""
    words = re.split(r"[^a-z0-9]+", name.lower()[:200])
    for word in words:
        if word in _CHECK_WORDS:
            return _CHECK_WORDS[word]
    return "runtime"


def known_exception(exception: str) -> str:
    """`exception` where it is a member of the closed set, else `OtherError`; empty stays empty.

    Memory that is used up is one rule, whether Python or the kernel ended the run for it.
    """
    if exception == "MemoryError":
        return OUT_OF_MEMORY
    return exception if exception in KNOWN_EXCEPTIONS or not exception else OTHER_ERROR


def known_rule(tool: str, rule: str) -> str:
    """`rule` where `tool` could have such a rule, else `OtherRule`."""
    if rule == INVALID_SYNTAX or rule in _TOOL_RULES.get(tool, ()):
        return rule
    if tool == "bandit" and _BANDIT_RULE.fullmatch(rule):
        return rule
    match = _RUFF_RULE.fullmatch(rule)
    return rule if tool == "ruff" and match is not None and match[1] in _RUFF_PREFIXES else OTHER_RULE
