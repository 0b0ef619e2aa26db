"""Trying programs against an exercise's own tests, in the sandbox: which of them is a wrong first attempt?

A mutant is wrong only if the tests say so in reasonable time; one that passes them, or never ends, is no use to a
scenario. The right solution is tried before them: an exercise that it fails is refused.
"""

import json
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.model.command import Command
from bot.sandbox import Sandbox
from tests.scenarios.exercises import Exercise
from tests.scenarios.mutation import Mutant, mutants

CANDIDATES = 12
SEED = 20
DRIVER = """
import json, os, resource, signal, sys, types

plan = json.load(open("/work/plan.json"))


def attempt(text):
    module = types.ModuleType(plan["module"])
    sys.modules[plan["module"]] = module
    exec(compile(text, plan["module"], "exec"), module.__dict__)
    tests = {"__name__": "tests"}
    exec(compile(plan["test"], "tests", "exec"), tests)
    tests[plan["test_name"]]()


for text in plan["texts"]:
    child = os.fork()
    if child == 0:
        signal.alarm(2)
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
        sys.stdout = sys.stderr = open(os.devnull, "w")
        try:
            attempt(text)
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print({0: "passed", 1: "failed"}.get(code, "endless"), flush=True)
    if code == 1:
        break
"""


@dataclass(frozen=True, slots=True)
class Task:
    """An exercise with a first attempt that its own tests refuse."""

    exercise: Exercise
    wrong: Mutant


async def try_out(sandbox: Sandbox, exercise: Exercise) -> Task:
    """The exercise with the first mutant that fails; AssertionError where its own solution fails or no mutant does."""
    candidates = [each for each in mutants(exercise.right, SEED) if each.text != exercise.given][:CANDIDATES]
    plan = {
        "module": exercise.path.removesuffix(".py"),
        "test": exercise.test,
        "test_name": exercise.test_name,
        "texts": [exercise.right, *(each.text for each in candidates)],
    }
    completed = await sandbox.run(
        Command(
            argv=(sandbox.python, "-I", "-S", "-B", "-c", DRIVER),
            files={PurePosixPath("plan.json"): json.dumps(plan).encode()},
        )
    )
    right, *rest = completed.stdout.decode().split()
    assert right == "passed", f"{exercise.id}: its own solution {right} ({completed.stderr.decode()[-500:]})"
    assert "failed" in rest, f"{exercise.id}: no mutant fails its tests: {rest}"
    return Task(exercise, candidates[rest.index("failed")])
