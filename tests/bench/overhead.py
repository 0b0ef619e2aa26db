"""What the engine itself costs in a run of ten steps: from accepted to ended, without model, CI and pacing.

The repository asks for no more validation than the cheapest level, and for no proof: how long those take depends on its
tests and tools, while here it is the journal, the database, the commits and the way to GitHub that are measured.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.table import show

RUNS = 5
CONFIGURATION = "red_before_green: false\nlevels_before_push: 1\n"


def script() -> str:
    """A plan of seven changes: with plan, review and verdict ten steps on the state ref."""
    items = [
        {"action": "fix_defect", "title": f"Change {number}", "instructions": f"write file {number}"}
        for number in range(7)
    ]
    lines: list[dict[str, object]] = [
        {"agent": "thinker", "reply": {"summary": "seven files", "items": items}},
        {"agent": "processor", "reply": {"note": "fine"}},
    ]
    for number in range(7):
        edit = {"tool": "edit", "path": f"file_{number}.py", "create": f"VALUE = {number}\n"}
        calls = [edit, {"tool": "done", "summary": f"file {number}"}]
        lines.append({"agent": "executor", "reply": {"calls": calls}})
    return "\n".join(map(json.dumps, lines)) + "\n"


async def report() -> None:
    """Five runs on one repository; GitHub's own time is counted as ours, because here GitHub is ours too."""
    with tempfile.TemporaryDirectory() as directory:
        measured = [one_run(Path(directory), number) for number in range(RUNS)]
    whole = [run["seconds"] for run in measured]
    own = [run["seconds"] - run["seconds_waiting_model"] - run["seconds_waiting_ci"] for run in measured]
    inner = [each - run["seconds_waiting_github"] for each, run in zip(own, measured, strict=True)]
    show(
        "A run of ten steps",
        [
            ("whole", whole, ""),
            ("without model and CI", own, "under 3 s"),
            ("without the local GitHub too", inner, ""),
        ],
    )


def one_run(directory: Path, number: int) -> dict[str, float]:
    repository = directory / f"repository-{number}"
    repository.mkdir()
    git = ("git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-C", str(repository))
    (repository / "test_a.py").write_text("def test_a():\n    assert True\n")
    (repository / ".github").mkdir()
    (repository / ".github" / "fractal-rmo.yml").write_text(CONFIGURATION)
    for arguments in (("init", "--quiet", "--initial-branch=main"), ("add", "."), ("commit", "--quiet", "-m", "First")):
        subprocess.run([*git, *arguments], check=True)
    (directory / "issue.md").write_text("# Seven files\n\nWrite them.\n")
    (directory / "script.jsonl").write_text(script())
    report_file = directory / "report.json"
    rmo = Path(sys.executable).with_name("rmo")
    model = f"script:{directory / 'script.jsonl'}"
    arguments = ["--repo", repository, "--issue", directory / "issue.md", "--model", model, "--json", report_file]
    subprocess.run([rmo, "run", *arguments], check=True, capture_output=True)
    report = json.loads(report_file.read_text())
    assert len(report["steps"]) == 10, len(report["steps"])
    return report["run"]
