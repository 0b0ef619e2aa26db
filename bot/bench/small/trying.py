"""Trying the small model's programs: in the sandbox, each in a process of its own, against what has to hold."""

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from bot.bench.small.specs import Spec
from bot.model.command import Command
from bot.model.errors import NeedsHuman
from bot.sandbox import Sandbox

SECONDS: Final = 3
"""Of one program."""
_DRIVER: Final = """
import json, os, resource, signal

plan = json.load(open("/work/plan.json"))
# A program that ends the process by itself has not passed.
PASSED = 83


def attempt(each):
    names = {"__name__": "program"}
    exec(compile(each["program"], "program", "exec"), names)
    for fact in each["facts"]:
        assert eval(fact, names)


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
        os._exit(PASSED)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == PASSED, flush=True)
"""


async def passing(sandbox: Sandbox, programs: Sequence[tuple[Spec, str]]) -> tuple[bool, ...]:
    """Which of the programs are right, as far as its spec says. Raises NeedsHuman where they could not all be tried."""
    plan = {
        "seconds": SECONDS,
        "programs": [{"program": program, "facts": spec.facts} for spec, program in programs],
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
