"""Trying the small model's programs against their problems' own tests: in the sandbox, each in a process of its own."""

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from bot.bench.exercises import Exercise
from bot.model.command import Command
from bot.model.errors import NeedsHuman
from bot.sandbox import Sandbox

SECONDS: Final = 3
"""Of one program."""
_DRIVER: Final = """
import json, os, resource, signal, sys, types

plan = json.load(open("/work/plan.json"))


def attempt(each):
    module = types.ModuleType(each["module"])
    sys.modules[each["module"]] = module
    exec(compile(each["program"], each["module"], "exec"), module.__dict__)
    tests = {"__name__": "tests"}
    exec(compile(each["test"], "tests", "exec"), tests)
    tests["test_" + each["module"]]()


for each in plan["programs"]:
    child = os.fork()
    if child == 0:
        signal.alarm(plan["seconds"])
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(1, 2)
        try:
            attempt(each)
        except BaseException:
            os._exit(1)
        os._exit(0)
    print(os.waitpid(child, 0)[1] == 0, flush=True)
"""


async def passing(sandbox: Sandbox, programs: Sequence[tuple[Exercise, str]]) -> tuple[bool, ...]:
    """Which of the programs pass their problem's test. Raises NeedsHuman where they could not all be tried."""
    plan = {
        "seconds": SECONDS,
        "programs": [
            {"module": exercise.module, "test": exercise.test, "program": program} for exercise, program in programs
        ],
    }
    completed = await sandbox.run(
        Command(
            argv=(sandbox.python, "-I", "-S", "-B", "-c", _DRIVER),
            files={PurePosixPath("plan.json"): json.dumps(plan).encode("utf-8", "surrogatepass")},
        )
    )
    said = completed.stdout.decode().split()
    if len(said) != len(programs):
        end = completed.stderr[-300:].decode("utf-8", "replace")
        raise NeedsHuman(f"{len(said)} of {len(programs)} programs were tried, then the sandbox ended: {end!r}")
    return tuple(each == "True" for each in said)
