"""Existing tests stay as they are: new ones may be added, none may be taken away, hidden or changed."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from bot.ci.tampering.assertions import Assertion, assertions
from bot.ci.tampering.change import Change, ChangedFile
from bot.ci.tampering.places import is_recorded_result, is_test
from bot.ci.tampering.source import Source, line_of
from bot.ci.tampering.units import Statement, Unit, Units, acts_unasked, binds_only_names, is_fixture, units_of
from bot.model.validation import TamperFinding, TamperRule


def deleted_tests(change: Change) -> Iterator[TamperFinding]:
    """Test files and test functions that are gone, and tests that a second definition of their name hides."""
    for file in change.files:
        if file.head is None and is_test(file.path) and not change.allowed.may_vanish(file.path):
            tests = len(units_of(file.base_source).tests) if isinstance(file.base_source, Source) else None
            if tests != 0:
                number = "its tests" if tests is None else f"{tests} test(s)"
                yield TamperFinding("test-deleted", file.path, None, f"the file is deleted with {number}")
    for file, old, new in _compared(change):
        before, after = _by_name(old[1].tests), _by_name(new[1].tests)
        for name, units in before.items():
            test = f"{file.path}::{name}"
            if change.allowed.may_vanish(test):
                continue
            if name not in after:
                line = line_of(units[0].node)
                yield TamperFinding("test-deleted", file.path, line, f"{test!r} is deleted or renamed")
            elif len(after[name]) > len(units):
                line = line_of(after[name][-1].node)
                yield TamperFinding("test-deleted", file.path, line, f"{test!r} is hidden by a second definition")


def edited_tests(change: Change) -> Iterator[TamperFinding]:
    """Existing tests, and what they use of their own file, that are not what they were."""
    for file in change.files:
        if file.head is not None or not is_test(file.path) or not isinstance(file.base_source, Source):
            continue
        if not units_of(file.base_source).tests and not change.allowed.may_change(file.path):
            yield TamperFinding("test-edited", file.path, None, "a file that tests use is deleted")
    for file, (base, old), (head, new) in _compared(change):
        found = (*_changed_tests(file, base, old, head, new), *_changed_support(file, old, head, new))
        for name, finding in found:
            if not change.allowed.may_change(f"{file.path}::{name}" if name else file.path):
                yield finding


def rewritten_expectations(change: Change) -> Iterator[TamperFinding]:
    """Recorded results that tests compare with: new ones are fine, existing ones stay."""
    for file in change.files:
        if file.base is not None and is_recorded_result(file.path) and file.path not in change.allowed.paths:
            what = "deleted" if file.head is None else "rewritten"
            yield TamperFinding("expectation-rewritten", file.path, None, f"a recorded result is {what}")


def _compared(change: Change) -> Iterator[tuple[ChangedFile, tuple[Source, Units], tuple[Source, Units]]]:
    for file, base, head in change.sources():
        if base is not None and is_test(file.path):
            yield file, (base, units_of(base)), (head, units_of(head))


def _changed_tests(
    file: ChangedFile, base: Source, old: Units, head: Source, new: Units
) -> Iterator[tuple[str, TamperFinding]]:
    after = _by_name(new.tests)
    for name, units in _by_name(old.tests).items():
        still = after.get(name, [])
        if not still or Counter(unit.shape for unit in units) <= Counter(unit.shape for unit in still):
            continue
        asserted = [each for unit in units for each in assertions(base, unit.node)]
        asserts = [each for unit in still for each in assertions(head, unit.node)]
        rule, how = _edit(asserted, asserts)
        yield name, TamperFinding(rule, file.path, line_of(still[0].node), f"{f'{file.path}::{name}'!r}: {how}")


def _edit(asserted: list[Assertion], asserts: list[Assertion]) -> tuple[TamperRule, str]:
    lost = list((_counted(asserted) - _counted(asserts)).elements())
    gained = list((_counted(asserts) - _counted(asserted)).elements())
    if not lost:
        return "test-edited", "an existing test is changed"
    if len(asserts) < len(asserted):
        return "assertion-removed", f"{len(asserted) - len(asserts)} assertion(s) fewer than on the base branch"
    now, then = (sorted((strength for _, strength in each), reverse=True) for each in (gained, lost))
    if any(new < old for new, old in zip(now, then, strict=False)):
        return "assertion-weakened", "an assertion notices less than it did on the base branch"
    return "expectation-rewritten", "an assertion expects something else than on the base branch"


def _counted(found: Iterable[Assertion]) -> Counter[tuple[str, int]]:
    return Counter((each.shape, each.strength) for each in found)


def _changed_support(file: ChangedFile, old: Units, head: Source, new: Units) -> Iterator[tuple[str, TamperFinding]]:
    before, after = _by_name(old.support), _by_name(new.support)
    for name, units in before.items():
        if Counter(unit.shape for unit in units) != Counter(unit.shape for unit in after.get(name, [])):
            yield name, _edited(file, after.get(name, units)[-1].node, f"{name!r}, which tests use, is changed")
    for name, units in after.items():
        added = units[-1]
        if name not in before and acts_unasked(head, added):
            yield name, _edited(file, added.node, f"{name!r} is new and acts on the tests beside it")
        elif name not in before and name in old.parameters and is_fixture(head, added):
            yield name, _edited(file, added.node, f"{name!r} is new and stands in for a fixture that tests ask for")
    yield from (("", finding) for finding in _changed_statements(file, old, new))
    yield from (("", finding) for finding in _bound_anew(file, old, new))


def _changed_statements(file: ChangedFile, old: Units, new: Units) -> Iterator[TamperFinding]:
    for statement in _without(old.statements, new.statements):
        yield _edited(file, None, f"line {line_of(statement.node)} of the base branch, which tests use, is changed")
    for statement in _without(new.statements, old.statements):
        if not binds_only_names(statement.node):
            yield _edited(file, statement.node, "code is added that runs when the tests are loaded")


def _bound_anew(file: ChangedFile, old: Units, new: Units) -> Iterator[TamperFinding]:
    names = {name for name, _ in old.bindings}
    defined = {unit.name for unit in (*old.tests, *old.support)}
    for name, by in new.bindings - old.bindings:
        if name in names and not (by == "def" and name in defined):
            yield _edited(file, None, f"{name!r}, which existing tests may use, is bound to something else")


def _without(these: Iterable[Statement], those: Iterable[Statement]) -> Iterator[Statement]:
    left = Counter(statement.shape for statement in those)
    for statement in these:
        left[statement.shape] -= 1
        if left[statement.shape] < 0:
            yield statement


def _edited(file: ChangedFile, node: ast.AST | None, how: str) -> TamperFinding:
    return TamperFinding("test-edited", file.path, None if node is None else line_of(node), how)


def _by_name(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    named: defaultdict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        named[unit.name].append(unit)
    return dict(named)
