"""`rmo failures import`, as a person calls it."""

import json
import os
import subprocess
import sys
from pathlib import Path

GOOD = {"source": "runs", "task_id": "t", "model": "m", "passed": False, "error_type": "KeyError", "error_text": "x"}


def rmo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("rmo")), "failures", *arguments]
    environment = {**os.environ, "RMO_HOME": str(home), "RMO_DATABASE_URL": f"sqlite:///{home / 'rmo.db'}"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_history_is_imported_once_and_its_bad_lines_are_told(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(GOOD) + "\n" + json.dumps({**GOOD, "passed": True}) + "\n")
    first = rmo(tmp_path, "import", str(file), "--action-item", "fix_defect")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == ("2 records (1 passed, 1 failed); new in the store: 1 tasks, 2 tries, 1 failures\n")
    file.write_text(file.read_text() + "{}\n" + "x\n" * 30)
    again = rmo(tmp_path, "import", str(file), "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout)["added"] == {"tasks": 0, "tries": 0, "failures": 0}
    assert again.stderr.startswith("line 3: Field required at source\n")
    assert again.stderr.endswith("and 11 more lines that are no records\n")
    listed = rmo(tmp_path, "list", "--json")
    assert [each["rule"] for each in json.loads(listed.stdout)["failures"]] == ["KeyError"]


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = rmo(tmp_path, "import", str(tmp_path / "none"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
