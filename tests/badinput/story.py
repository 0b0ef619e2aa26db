"""What stories of local runs are made of: scripted replies, small repositories, and what every end must be."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.badinput.command import Said, git, make_repository, rmo

Reply = dict[str, Any]

CODE = "def double(number):\n    return number + number\n"
TEST = "from double import double\n\n\ndef test_double() -> None:\n    assert double(2) == 4\n"
WORKFLOW = """\
name: CI
on:
  pull_request:
    types: [opened, synchronize, ready_for_review]
jobs:
  test:
{condition}    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.x"
      - run: pip install pytest
      - run: python -m pytest --junitxml=reports/junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports
          path: reports
"""
CI = WORKFLOW.format(condition="")
CI_WITHOUT_DRAFTS = WORKFLOW.format(condition="    if: github.event.pull_request.draft == false\n")
CI_PATH = ".github/workflows/ci.yml"
GREEN_IS_ENOUGH = {".github/fractal-rmo.yml": "red_before_green: false\n"}
CI_FINDS_IT = {".github/fractal-rmo.yml": "red_before_green: false\nlevels_before_push: 1\n"}


def thinker(*titles: str) -> Reply:
    """A plan with one item for each title."""
    items = [{"action": "fix_defect", "title": title, "instructions": f"{title}."} for title in titles]
    return {"agent": "thinker", "reply": {"summary": f"{len(titles)} item(s).", "items": items}}


def processor(note: str = "Nothing to add.", **decision: str) -> Reply:
    return {"agent": "processor", "reply": {"note": note, **decision}}


def executor(*calls: Reply) -> Reply:
    return {"agent": "executor", "reply": {"calls": list(calls)}}


def replace(path: str, old: str, new: str) -> Reply:
    return {"tool": "edit", "path": path, "old": old, "new": new}


def create(path: str, text: str) -> Reply:
    return {"tool": "edit", "path": path, "create": text}


def done(summary: str = "Changed.") -> Reply:
    return {"tool": "done", "summary": summary}


def one_item(*calls: Reply) -> tuple[Reply, ...]:
    """A plan of one item, and the calls that carry it out."""
    return thinker("Double by multiplying"), processor(), executor(*calls, done())


FIX = replace("double.py", "number + number", "2 * number")


@dataclass(frozen=True)
class Local:
    """What a local run is given."""

    repository: Path
    issue: Path
    script: Path
    home: Path

    @property
    def arguments(self) -> tuple[str | Path, ...]:
        return (
            *("run", "--repo", self.repository, "--issue", self.issue),
            *("--model", f"script:{self.script}", "--json", self.home / "report.json"),
        )

    def run(self, **environment: str) -> tuple[Said, dict[str, Any]]:
        """The run to its end, with its report; it must have left nothing behind, whatever its end was."""
        before = state_of(self.repository)
        said = rmo(*self.arguments, home=self.home, **environment)
        left_clean(said)
        assert state_of(self.repository) == before
        report = self.home / "report.json"
        return said, json.loads(report.read_text("utf-8")) if report.exists() else {}


def local(
    home: Path, files: dict[str, str], *replies: Reply, issue: str = "# Double\n\nMultiply.\n", name: str = "repository"
) -> Local:
    """A repository of `files`, an issue and a script of `replies`."""
    given = Local(make_repository(home / name, files), home / "issue.md", home / "script.jsonl", home)
    given.issue.write_text(issue, "utf-8")
    given.script.write_text("".join(f"{json.dumps(reply)}\n" for reply in replies), "utf-8")
    return given


def state_of(repository: Path) -> tuple[str, ...]:
    """Everything of a clone that a run must not touch: its branches but ours, HEAD, index, work tree and settings."""
    refs = git(repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    theirs = [ref for ref in refs if not ref.startswith(("refs/heads/rmo/", "refs/rmo/"))]
    index = git(repository, "ls-files", "--stage", "--debug")
    tree = {
        str(path.relative_to(repository)): path.read_bytes()
        for path in sorted(repository.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(repository).parts
    }
    settings = (repository / ".git" / "config").read_text()
    head = (repository / ".git" / "HEAD").read_text()
    top = sorted(path.name for path in (repository / ".git").iterdir() if path.name not in ("packed-refs",))
    return (*theirs, index, repr(tree), settings, head, repr(top))


def refs_of(repository: Path) -> list[str]:
    """The refs that runs have brought."""
    refs = git(repository, "for-each-ref", "--format=%(refname)").splitlines()
    return [ref for ref in refs if ref != "refs/heads/main"]


def objects_of(repository: Path) -> list[str]:
    """The objects that a clone holds, whatever refers to them."""
    return git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").splitlines()


def left_clean(said: Said) -> None:
    """No traceback, no process, no temporary file."""
    assert "Traceback" not in said.out + said.err, said
    assert said.survivors == ()
    assert said.stray == ()


def last_line(said: Said) -> str:
    """The one line of error; nothing else is on standard error."""
    lines = said.err.strip().splitlines()
    assert len(lines) == 1, said
    assert lines[0].startswith("rmo: ")
    return lines[0]
