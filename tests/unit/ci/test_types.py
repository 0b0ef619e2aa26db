"""Type checkers' errors, as the real tools write them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ci.findings import collect
from bot.ci.reports.types import read_mypy_json, read_mypy_text, read_pyright
from bot.ci.reports.wire import FINDINGS
from bot.failures.failure import lint_failure
from bot.failures.rules import MYPY_RULES
from bot.model.report import LintFinding, Unreadable

SOURCE = """def name(x: int) -> str:
    return x


name("a")
unknown.shop()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("typed")
    (place / "shop.py").write_text(SOURCE)
    return place


def mypy(project: Path, *options: str) -> bytes:
    command = [sys.executable, "-m", "mypy", "--cache-dir", "/dev/null", "--no-color-output", *options, "shop.py"]
    return subprocess.run(command, cwd=project, capture_output=True, check=False).stdout


def test_mypy_says_the_same_in_both_forms(project: Path) -> None:
    text, lines = read_mypy_text(mypy(project)), read_mypy_json(mypy(project, "--output", "json"))
    assert isinstance(text, tuple)
    assert text == lines
    assert [(one.rule, one.path, one.line) for one in text] == [
        ("return-value", "shop.py", 2),
        ("arg-type", "shop.py", 5),
        ("name-defined", "shop.py", 6),
    ]
    assert text[0].message == 'Incompatible return value type (got "int", expected "str")'


def test_pyright(project: Path) -> None:
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "shop.py"]
    report = subprocess.run(command, cwd=project, capture_output=True, check=False).stdout
    found = read_pyright(report, str(project))
    assert isinstance(found, tuple)
    places = {(one.rule, one.path, one.line) for one in found}
    assert {("reportReturnType", "shop.py", 2), ("reportArgumentType", "shop.py", 5)} <= places
    assert collect({"1": report}, (), {}, str(project)).lint == found


def test_each_form_is_recognised_by_what_is_in_it(project: Path) -> None:
    text = collect({"out.txt": mypy(project)}, (), {})
    assert [one.rule for one in text.lint] == ["return-value", "arg-type", "name-defined"]
    assert collect({"out": mypy(project, "--output", "json")}, (), {}).lint == text.lint


def test_mypy_knows_no_rule_that_is_not_listed() -> None:
    script = "from mypy import errorcodes; print('\\n'.join(errorcodes.error_codes))"
    codes = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
    assert set(codes.split()) == MYPY_RULES


def test_what_no_error_has() -> None:
    text = b"a.py:1: note: see  [arg-type]\na.py:1: error: without a rule\n\nnonsense\nC:\\b.py:3:4: error: x  [misc]\n"
    assert read_mypy_text(text) == (LintFinding("mypy", "misc", "C:/b.py", 3, "x"),)
    lines = b'{"file": "a.py", "line": 1, "message": "m", "code": null, "severity": "note"}\n\n'
    assert read_mypy_json(lines) == ()
    report = {"generalDiagnostics": [{"file": "a.py", "severity": "error", "message": "m"}]}
    found = read_pyright(json.dumps(report).encode())
    assert found == (LintFinding("pyright", "invalid-syntax", "a.py", 0, "m"),)
    broken = read_mypy_text(b"b.py:1: error: Unexpected EOF while parsing  [syntax]")
    assert broken == (LintFinding("mypy", "invalid-syntax", "b.py", 1, "Unexpected EOF while parsing"),)


def test_too_much_is_refused() -> None:
    huge = b"x" * (5 * 1024**2 + 1)
    assert all(isinstance(read(huge), Unreadable) for read in (read_mypy_text, read_mypy_json, read_pyright))
    many = b"a.py:1: error: x  [misc]\n" * (FINDINGS + 5)
    assert read_mypy_text(many) == Unreadable(f"more than {FINDINGS} findings")
    line = b'{"file": "a", "line": 1, "message": "m", "code": "misc", "severity": "error"}\n'
    assert read_mypy_json(line * (FINDINGS + 1)) == Unreadable(f"more than {FINDINGS} findings")
    one = b'{"file":"a","severity":"error","message":"m"}'
    report = b'{"generalDiagnostics":[' + b",".join([one] * (FINDINGS + 1)) + b"]}"
    assert read_pyright(report) == Unreadable(f"more than {FINDINGS} findings")


def test_the_names_in_a_message_do_not_tell_errors_apart() -> None:
    one, other, third = (
        lint_failure(LintFinding("mypy", rule, "a.py", 1, message), source="ci")
        for rule, message in (
            ("attr-defined", '"Cart" has no attribute "sum"'),
            ("attr-defined", '"Shop" has no attribute "total"'),
            ("attr-defined", 'Module "shop" has no attribute "total"; maybe "sum"?'),
        )
    )
    assert one.fingerprint == other.fingerprint != third.fingerprint
    assert (one.category, one.rule) == ("type", "attr-defined")
    assert lint_failure(LintFinding("mypy", "ignore-all-rules", "a.py", 1, ""), source="ci").rule == "OtherRule"


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b'{"generalDiagnostics": [', b"a.py:1: error: ", b'{"file": "']))
def test_law_no_bytes_raise(content: bytes, start: bytes) -> None:
    for read in (read_mypy_text, read_mypy_json, read_pyright):
        assert isinstance(read(start + content), tuple | Unreadable)
