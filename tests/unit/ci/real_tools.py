"""Reports as the real tools write them, about a small project that fails in every way that matters."""

import fcntl
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCES = {
    "pytest.ini": "[pytest]\n",
    "shop/__init__.py": "",
    "shop/cart.py": """import os


def add(a, b):
    return a - b


def total(items):
    return sum(item.price for item in items)


def wrap(x):
    try:
        return int(x)
    except ValueError as error:
        raise KeyError("boom") from error


def again(x):
    try:
        return int(x)
    except ValueError:
        raise RuntimeError("second")


class Shop:
    class MyError(Exception):
        pass


def custom():
    raise Shop.MyError("custom 12")


def run(command):
    if command:
        os.system(command)
    return undefined
""",
    "tests/test_cart.py": """import json

import pytest

from shop import cart


def test_passes():
    assert True


def test_add():
    assert cart.add(1, 2) == 3


def test_told():
    assert cart.add(1, 2) == 3, "wrong sum 17"


def test_text():
    assert "abc" == "abd"


def test_attribute():
    cart.total([1, 2])


def test_cause():
    cart.wrap("x")


def test_context():
    cart.again("x")


def test_custom():
    cart.custom()


def test_library():
    json.loads("{")


def test_raises():
    with pytest.raises(ValueError):
        pass


@pytest.mark.parametrize("n", [1, 2])
def test_parameter(n):
    assert n == 1


class TestGroup:
    class TestInner:
        def test_in(self):
            assert None is not None

    def test_type(self):
        cart.add(1)


@pytest.fixture
def broken():
    raise OSError(2, "nope", "/tmp/pytest-12/x")


def test_setup(broken):
    pass


@pytest.fixture
def late():
    yield
    raise ValueError("teardown")


def test_teardown(late):
    assert 0


@pytest.mark.skip(reason="later")
def test_skipped():
    pass


@pytest.mark.xfail
def test_expected():
    assert 0


@pytest.mark.xfail(strict=True)
def test_unexpected():
    pass


def test_said():
    pytest.fail("said so")


def test_group():
    raise ExceptionGroup("eg", [ValueError("a"), KeyError("b")])
""",
}
BROKEN_SOURCES = {
    "tests/test_syntax.py": "def f(:\n    pass\n",
    "tests/test_missing.py": "import nosuchdependency\n",
}


@dataclass(frozen=True)
class RealReports:
    checkout: str
    junit: bytes
    junit_short: bytes
    junit_native: bytes
    log: bytes
    broken_junit: bytes
    """Of test files that cannot be collected."""
    broken_log: bytes
    ruff: bytes
    bandit: bytes
    coverage_xml: bytes
    coverage_json: bytes


def shared_reports(tmp_path_factory: pytest.TempPathFactory) -> RealReports:
    """The reports, made once for all workers of a run of the tests: whoever comes first makes them."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "reports"
    shared.mkdir(exist_ok=True)
    kept = shared / "reports.pickle"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make_reports(shared)))
        reports = pickle.loads(kept.read_bytes())
    assert isinstance(reports, RealReports)
    return reports


def make_reports(directory: Path) -> RealReports:
    """Run pytest, ruff, bandit and coverage on the project, laid out in `directory`."""
    broken, checkout = directory / "broken", directory / "project"
    _write(checkout, SOURCES)
    _write(broken, SOURCES | BROKEN_SOURCES)
    log = _pytest(checkout, "long")
    _pytest(checkout, "short")
    _pytest(checkout, "native")
    broken_log = _pytest(broken, "long")
    _run(checkout, "coverage", "run", "--branch", "--source=shop", "-m", "pytest", "-q", *_PLAIN, "tests")
    _run(checkout, "coverage", "xml", "-q")
    _run(checkout, "coverage", "json", "-q")
    select = ("--isolated", "--ignore-noqa", "--no-cache", "--select", "E,F,S", "--output-format", "json")
    return RealReports(
        checkout=str(checkout),
        junit=(checkout / "long.xml").read_bytes(),
        junit_short=(checkout / "short.xml").read_bytes(),
        junit_native=(checkout / "native.xml").read_bytes(),
        log=log,
        broken_junit=(broken / "long.xml").read_bytes(),
        broken_log=broken_log,
        ruff=_run(broken, "ruff", "check", *select, "."),
        bandit=_run(broken, "bandit", "-q", "-r", "-f", "json", "shop", "tests"),
        coverage_xml=(checkout / "coverage.xml").read_bytes(),
        coverage_json=(checkout / "coverage.json").read_bytes(),
    )


_PLAIN = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:xdist", "-p", "no:hypothesispytest")


def _pytest(directory: Path, style: str) -> bytes:
    return _run(directory, "pytest", "-q", *_PLAIN, f"--tb={style}", f"--junitxml={style}.xml", "tests")


def _run(directory: Path, module: str, *arguments: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=directory,
        env={"PATH": str(Path(sys.executable).parent), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def _write(directory: Path, sources: dict[str, str]) -> None:
    for path, text in sources.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
