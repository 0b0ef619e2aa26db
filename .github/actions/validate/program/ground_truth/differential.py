"""The same inputs on base and head: what a change does to functions whose signature it left alone.

Differences are listed and decide nothing, since a repair is one. Each side runs in a clone of its own, because a
function may do with a path what it likes; what differs between two runs of the base itself is left out.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ground_truth.history import Change, change_of, git
from ground_truth.processes import Ran
from ground_truth.project import installed
from ground_truth.signatures import Comparable, comparable
from ground_truth.toolbox import Toolbox, remark

REPORT = "differential.json"
FUNCTIONS = 50
LISTED = 20
_WORKER = str(Path(__file__).with_name("differential_worker.py"))


def differential(tools: Toolbox) -> None:
    """Compare, where that was asked for."""
    reason = _reason(tools)
    change = change_of(tools.settings) if reason is None else None
    if not isinstance(change, Change):
        tools.record.skip("differential", change or reason or "")
        return
    functions = _functions(tools, change)[:FUNCTIONS]
    if not functions:
        tools.record.skip("differential", "no function of an unchanged signature with simple annotations was touched")
        return
    _compare(tools, change, functions)


def _reason(tools: Toolbox) -> str | None:
    if not tools.settings.differential:
        return "not asked for (input `differential`)"
    return None if installed("hypothesis") else "Hypothesis is not installed"


def _functions(tools: Toolbox, change: Change) -> list[Comparable]:
    found: list[Comparable] = []
    for path in change.files:
        sides = [git(tools.settings.workspace, "show", f"{side}:{path}") or "" for side in (change.base, change.head)]
        found += comparable(path, *sides)
    return found


def _compare(tools: Toolbox, change: Change, functions: Sequence[Comparable]) -> None:
    scratch = tools.settings.scratch
    trees = {side: _tree(tools, name, side) for name, side in (("base", change.base), ("head", change.head))}
    if None in trees.values():
        tools.record.skip("differential", "the work tree could not be cloned")
        return
    plan, inputs = scratch / "differential-plan.json", scratch / "differential-inputs.json"
    plan.write_text(json.dumps([asdict(function) for function in functions]), encoding="utf-8")
    ran = tools.start("differential", ("-P", _WORKER, "inputs", str(plan), str(inputs)))
    answers: list[Path] = []
    for number, side in enumerate((change.base, change.base, change.head)):
        tree = trees[side]
        if ran.exit_code != 0 or tree is None:
            break
        answers.append(scratch / f"differential-{number}.json")
        ran = _call(tools, tree, plan, inputs, answers[-1])
    whole = ran.exit_code == 0 and len(answers) == 3
    functions_told = _differences(functions, inputs, answers) if whole else []
    different = sum(1 for each in functions_told if each["differences"])
    (tools.settings.reports / REPORT).write_text(json.dumps({"functions": functions_told}, indent=1), encoding="utf-8")
    note = f"{different} of {len(functions_told)} functions behave differently" if whole else "it came to no end"
    tools.record.ran("differential", ran, "passed" if whole else "broken", note=note, report=REPORT)
    if different:
        remark("notice", f"{note} on the same inputs; see {REPORT} in the artifact", title="Base and head differ")


def _tree(tools: Toolbox, name: str, commit: str) -> Path | None:
    place = tools.settings.scratch / f"differential-{name}"
    shutil.rmtree(place, ignore_errors=True)
    source = str(tools.settings.workspace)
    if git(tools.settings.workspace, "clone", "--quiet", "--shared", "--no-checkout", "--", source, str(place)) is None:
        return None
    return place if git(place, "checkout", "--quiet", "--detach", commit) is not None else None


def _call(tools: Toolbox, tree: Path, plan: Path, inputs: Path, answers: Path) -> Ran:
    given = tools.settings.environment.get("PYTHONPATH")
    path = os.pathsep.join((str(tree / "src"), str(tree), *((given,) if given else ())))
    return tools.start(
        "differential",
        ("-P", _WORKER, "calls", str(plan), str(inputs), str(answers)),
        variables={"PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        directory=tree,
    )


def _differences(functions: Sequence[Comparable], inputs: Path, answers: Sequence[Path]) -> list[dict[str, Any]]:
    given: list[list[str]] = json.loads(inputs.read_bytes())
    base, again, head = (json.loads(path.read_bytes()) for path in answers)
    told: list[dict[str, Any]] = []
    for function, tried, *sides in zip(functions, given, base, again, head, strict=True):
        calls = list(zip(tried, *sides, strict=False))
        steady = [call for call in calls if call[1] == call[2] and call[1] is not None and call[3] is not None]
        found = [{"input": call[0], "base": call[1], "head": call[3]} for call in steady if call[1] != call[3]]
        entry = {"function": function.label, "inputs": len(steady), "left_out": len(calls) - len(steady)}
        told.append({**entry, "different": len(found), "differences": found[:LISTED]})
    return told
