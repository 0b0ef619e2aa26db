"""How long a user waits for a command: whole processes, measured from outside."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.table import show


def seconds(*arguments: str, **environment: str) -> float:
    started = time.perf_counter()
    subprocess.run(arguments, check=True, capture_output=True, env={**os.environ, **environment})
    return time.perf_counter() - started


def report() -> None:
    """`rmo --help` against a bare interpreter, and the demo, cold directories and warm dependencies."""
    rmo = str(Path(sys.executable).with_name("rmo"))
    bare = [seconds(sys.executable, "-c", "pass") for _ in range(10)]
    help_ = [seconds(rmo, "--help") for _ in range(10)]
    demo = [seconds(rmo, "demo", "--exit") for _ in range(3)]
    show(
        "Commands",
        [
            ("python -c pass", bare, ""),
            ("rmo --help", help_, "under 0.3 s"),
            ("rmo demo --exit, warm", demo, "under 60 s"),
        ],
    )
    with tempfile.TemporaryDirectory() as home:
        cold = seconds(rmo, "demo", "--exit", RMO_HOME=home)
    show("The first demo ever, dependencies installed", [("rmo demo --exit, cold", [cold], "")])
