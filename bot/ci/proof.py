"""What two runs of the tests, or two versions of the code, prove of a change.

Green checks say that nothing is broken, not that anything is solved: for that a test has to fail without the change
and pass with it. A collection error counts as red for the tests of its file: a test of something new can't even be
imported without it.
"""

import ast
from collections.abc import Mapping

from bot.ci.source import parsed
from bot.model.validation import (
    BehaviourKept,
    CodeUnchanged,
    NotReproduced,
    RedBeforeGreen,
    Reproduced,
    Reproduction,
    TestEvidence,
    TestState,
    Unproven,
)

SHOWN = 5
"""Tests that a reason names."""
_DOCUMENTS = (".md", ".rst", ".adoc", ".png", ".jpg", ".jpeg", ".gif", ".svg")
_DOCUMENT_NAMES = frozenset({"license", "licence", "notice", "authors", "changelog", "changes", "readme"})
_DOCUMENT_DIRECTORIES = frozenset({"docs", "doc"})


def red_before_green(base: TestEvidence, head: TestEvidence) -> RedBeforeGreen | Unproven:
    """The first test that fails on the base and passes on the head, one that fails by itself before one that errs."""
    for evidence, name in ((base, "base commit"), (head, "change")):
        if not evidence.reported:
            return Unproven(f"the tests left no report on the {name}")
    before = dict(base.outcomes)
    passed = sorted(test for test, state in head.outcomes if state == "passed")
    for wanted in ("failed", "error"):
        for test in passed:
            state = state_of(test, before)
            if state == wanted:
                return RedBeforeGreen(test, state, "passed", base.source, head.source)
    if not passed:
        return Unproven("no test that could show it passes on the change")
    return Unproven(f"{named(passed)} would pass without the change too")


def state_of(test: str, outcomes: Mapping[str, TestState]) -> TestState:
    """How a test ended; `error` where its file could not be collected, `absent` where nothing is known of it."""
    state = outcomes.get(test)
    if state is None and outcomes.get(test.partition("::")[0]) == "error":
        return "error"
    return state or "absent"


def behaviour_kept(base: TestEvidence, head: TestEvidence) -> BehaviourKept | Unproven:
    """Whether every test of the base ended on the head as it did there, and at least one of them passes."""
    after = dict(head.outcomes)
    if not any(state == "passed" for _, state in base.outcomes):
        return Unproven("no test of the base commit passes, so none can show that the behaviour is kept")
    missing = sorted(test for test, _ in base.outcomes if test not in after)
    if missing:
        return Unproven(f"not executed on the change: {named(missing)}")
    other = sorted(test for test, state in base.outcomes if after[test] != state)
    if other:
        return Unproven(f"ended otherwise than on the base commit: {named(other)}")
    return BehaviourKept(len(base.outcomes))


def reproduction(before: TestEvidence, with_tests: TestEvidence) -> Reproduction:
    """Whether new tests, laid over the base commit, fail there; `before` is the base commit without them.

    Only a test that was executed and failed counts: an error in collection or in a fixture shows nothing yet.
    """
    if not with_tests.reported:
        return Unproven("the new tests left no report on the base commit")
    known = dict(before.outcomes)
    new = {test: state for test, state in with_tests.outcomes if known.get(test) != state}
    red = tuple(sorted(test for test, state in new.items() if state == "failed"))
    if red:
        return Reproduced(red)
    erring = sorted(test for test, state in new.items() if state == "error")
    if erring:
        reason = "errs before it tests anything, so it shows nothing; import what may be missing inside the test"
        return Unproven(f"{named(erring)} {reason}")
    green = tuple(sorted(test for test, state in new.items() if state == "passed"))
    return NotReproduced(green) if green else Unproven("no new test was executed on the base commit")


def code_unchanged(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> CodeUnchanged | Unproven:
    """Whether nothing but documentation changed: both map each changed path to its text, None where there is none."""
    if not after:
        return Unproven("nothing changed")
    for path in sorted(after):
        if not path.endswith(".py"):
            if not _is_document(path):
                return Unproven(f"{path!r} is no documentation")
            continue
        one, other = (_code(side.get(path)) for side in (before, after))
        if one is None or other is None:
            return Unproven(f"{path!r} can't be compared: it is new, was deleted or does not parse")
        if one != other:
            return Unproven(f"the code of {path!r} changed")
    return CodeUnchanged(len(after))


def named(tests: list[str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(tests) - SHOWN} more" if len(tests) > SHOWN else ""
    return ", ".join(tests[:SHOWN]) + more


def _is_document(path: str) -> bool:
    *directories, name = path.lower().split("/")
    if name.endswith(_DOCUMENTS) or name.partition(".")[0] in _DOCUMENT_NAMES:
        return True
    return bool(directories) and directories[0] in _DOCUMENT_DIRECTORIES and name.endswith(".txt")


def _code(text: str | None) -> str | None:
    """The syntax tree without its docstrings, places and comments; None where there is none."""
    tree = None if text is None else parsed(text)
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # `pass` stands for a docstring, so that a body is never empty and adding the first one changes nothing.
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            node.body = [each for each in body if not isinstance(each, ast.Pass)]
    try:
        return ast.dump(tree)
    except RecursionError:
        return None
