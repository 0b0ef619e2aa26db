"""`python -m tests.stage_coverage`: the stages are covered to the last branch, the whole to nine tenths.

The stories count in the full sweep alone, where they are traced; without them the whole is covered to four fifths.

Reads the data of the last `coverage run`; says what is missing, and fails with exit code 1.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.sampling import is_full

STAGES = (
    *("bot/intake/", "bot/loop/", "bot/agents/", "bot/ci/", "bot/failures/", "bot/learning/", "bot/rollout/"),
    *("bot/statistics/", "bot/comments/", "bot/report.py"),
)
WHOLE = 90.0 if is_full() else 80.0


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "coverage.json"
        subprocess.run(["coverage", "json", "--quiet", "-o", str(report)], check=True)
        data = json.loads(report.read_text())
    missing = [
        f"{path}: lines {facts['missing_lines']}, branches {facts['missing_branches']}"
        for path, facts in sorted(data["files"].items())
        if path.startswith(STAGES) and (facts["missing_lines"] or facts["missing_branches"])
    ]
    total = data["totals"]["percent_covered"]
    sys.stdout.write("".join(f"not covered: {line}\n" for line in missing))
    sys.stdout.write(
        f"stages: {'incomplete' if missing else 'complete'}; whole: {total:.1f} % (at least {WHOLE:.0f} %)\n"
    )
    return 1 if missing or total < WHOLE else 0


if __name__ == "__main__":
    sys.exit(main())
