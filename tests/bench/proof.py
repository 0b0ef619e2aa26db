"""`rmo bench` through the front door: the whole circle on real tasks, and the small model at the gate where it is."""

import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.bench.table import show_facts


def report() -> None:
    """The bench's own tables, and its answers once more."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory) / "report.json"
        command = [sys.executable, "-m", "bot", "bench", "--quick", "--json", str(place)]
        subprocess.run(command, check=False)  # what it answers is what is shown, a no as well
        found = json.loads(place.read_text("utf-8"))
        rows = [(each["text"], each["answer"], "go") for each in found["questions"]]
        show_facts("Does it learn?", rows)
        if find_spec("xllamacpp") is not None:
            subprocess.run([*command[:4], "--small-model"], check=False)


if __name__ == "__main__":
    report()
