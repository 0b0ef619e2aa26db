"""`python -m tests.fuzz [SECONDS] [TARGET ...]`: the same laws under atheris, a minute a target by default.

Needs the group `fuzz` (`uv sync --group fuzz`). Guided by coverage; an input that takes longer than a second, or that
breaks a law, ends the run of its target with exit code 1 and is written to a file.
"""

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import SEEDS, TARGETS

SECONDS = 60
INPUT_BYTES = 64 * 1024
ONE = """
import sys
import atheris
with atheris.instrument_imports(include=["bot"]):
    from tests.fuzz.targets import TARGETS
name = sys.argv.pop(1)
atheris.Setup(sys.argv, TARGETS[name])
atheris.Fuzz()
"""


def main() -> int:
    if importlib.util.find_spec("atheris") is None:
        sys.stdout.write("not run: atheris is not installed; run `uv sync --group fuzz`\n")
        return 0
    arguments = sys.argv[1:]
    seconds = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else SECONDS
    broken: list[str] = []
    for name in arguments or TARGETS:
        with tempfile.TemporaryDirectory() as corpus:
            for number, seed in enumerate(SEEDS):
                (Path(corpus) / str(number)).write_bytes(seed)
            limits = (f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES}", "-timeout=1")
            command = [sys.executable, "-c", ONE, name, *limits, corpus]
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
            )
        runs = next((line for line in reversed(done.stdout.splitlines()) if line.startswith("Done ")), "")
        sys.stdout.write(f"{name}: {runs or 'broken'}\n")
        if done.returncode != 0:
            broken.append(name)
            sys.stdout.write(done.stdout[-4000:])
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
