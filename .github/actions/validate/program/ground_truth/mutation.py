"""Mutation of the changed lines by cosmic-ray, in a clone of its own; what survives is listed and decides nothing."""

import json
import os
import shlex
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from ground_truth.history import Change, change_of, git
from ground_truth.project import installed
from ground_truth.tests import Session
from ground_truth.toolbox import Toolbox

REPORT = "mutation.json"
LISTED = 200
SLOWEST = 5
"""A mutant may take this many times what the tests took; then it counts as killed."""
_RUN = "import sys; from cosmic_ray.cli import main; sys.exit(main())"
_FILTER = "import sys; from cosmic_ray.tools.filters.git import main; sys.exit(main())"


def mutation(tools: Toolbox, session: Session | None) -> None:
    """Mutate what the change brought, where that was asked for."""
    reason = _reason(tools, session)
    change = change_of(tools.settings) if reason is None else None
    if isinstance(change, Change):
        if change.files:
            _mutate(tools, change)
        else:
            tools.record.skip("mutation", "the change touches no Python file that is no test")
    else:
        tools.record.skip("mutation", change or reason or "")


def _reason(tools: Toolbox, session: Session | None) -> str | None:
    if not tools.settings.mutation:
        return "not asked for (input `mutation`)"
    if not installed("cosmic_ray"):
        return "cosmic-ray is not installed"
    if session is None or session.bad or not session.ended:
        return "the tests do not pass as they are"
    return None


def _mutate(tools: Toolbox, change: Change) -> None:
    settings = tools.settings
    clone, database = settings.scratch / "mutated", settings.scratch / "mutation.sqlite"
    shutil.rmtree(clone, ignore_errors=True)
    if git(settings.workspace, "clone", "--quiet", "--shared", "--", str(settings.workspace), str(clone)) is None:
        tools.record.skip("mutation", "the work tree could not be cloned")
        return
    configuration = settings.scratch / "cosmic-ray.toml"
    configuration.write_text(_configuration(tools, change), encoding="utf-8")
    given = settings.environment.get("PYTHONPATH")
    variables = {
        "PYTHONPATH": os.pathsep.join((str(clone / "src"), str(clone), *((given,) if given else ()))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    names = (str(configuration), str(database))
    for program, arguments in (
        (_RUN, ("init", *names)),
        (_FILTER, (str(database), "--config", str(configuration))),
        # Where the tests fail without a mutation, every mutant would count as killed
        (_RUN, ("baseline", str(configuration))),
        (_RUN, ("exec", *names)),
    ):
        ran = tools.start("mutation", ("-P", "-c", program, *arguments), variables=variables, directory=clone)
        if ran.exit_code != 0 and arguments[0] != "exec":
            break
    told = settings.scratch / "mutants.jsonl"
    tools.start(
        "mutation-dump", ("-P", "-c", _RUN, "dump", str(database)), output=os.path.relpath(told, settings.reports)
    )
    (settings.reports / "mutation-dump.log").unlink(missing_ok=True)
    result = summary(told)
    (settings.reports / REPORT).write_text(json.dumps(result, indent=1), encoding="utf-8")
    whole = ran.exit_code == 0 and not result["pending"]
    note = f"{len(result['survived'])} of {result['mutants']} mutants survived"
    tools.record.ran("cosmic-ray", ran, "passed" if whole else "broken", note=note, report=REPORT)


def _configuration(tools: Toolbox, change: Change) -> str:
    pytest = next((tool.seconds for tool in tools.record.tools if tool.tool == "pytest"), 10.0)
    command = shlex.join((tools.settings.python, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"))
    # A JSON string is a TOML basic string
    return "\n".join(
        (
            "[cosmic-ray]",
            f"module-path = {json.dumps(list(change.files))}",
            f"timeout = {pytest * SLOWEST + 10:.1f}",
            "excluded-modules = []",
            f"test-command = {json.dumps(command)}",
            "[cosmic-ray.distributor]",
            'name = "local"',
            "[cosmic-ray.filters.git-filter]",
            f"branch = {json.dumps(change.base)}",
            "",
        )
    )


def summary(path: Path) -> dict[str, Any]:
    """cosmic-ray's dump in short: mutants of the changed lines, how many were killed, which were not."""
    killed = pending = 0
    survived: list[dict[str, Any]] = []
    for line in path.read_text("utf-8", "replace").splitlines() if path.is_file() else []:
        with suppress(ValueError, KeyError, TypeError, IndexError):
            item, result = json.loads(line)
            if result is None:
                pending += 1
            elif result["worker_outcome"] == "skipped":
                continue
            elif result["test_outcome"] == "survived":
                where = item["mutations"][0]
                place = {"path": where["module_path"], "line": where["start_pos"][0]}
                survived.append({**place, "operator": where["operator_name"], "diff": result["diff"]})
            else:
                killed += 1
    total = killed + pending + len(survived)
    return {"mutants": total, "killed": killed, "pending": pending, "survived": survived[:LISTED]}
