"""A pytest plugin that writes down every test's exact id and outcome as it happens.

JUnit XML keeps neither exact ids nor anything of a process that died; a line for each test keeps both. The last line
tells that the session came to its end: without it, whatever the exit code says, it did not.
"""

import json
import os
from pathlib import Path

import pytest

VARIABLE = "FRACTAL_RMO_OUTCOMES"


def pytest_configure(config: pytest.Config) -> None:
    """Record in the process that reports; workers of pytest-xdist hand their reports to it."""
    path = os.environ.pop(VARIABLE, None)
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(Path(path), config.rootpath))


class Recorder:
    """Writes one JSON array a line."""

    def __init__(self, path: Path, root: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._write("root", str(root))

    def _write(self, *entry: object) -> None:
        self._file.write(json.dumps(entry) + "\n")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._write("test", report.nodeid, "error")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.outcome in ("passed", "failed", "skipped"):
            self._write("test", report.nodeid, report.outcome)
        elif report.when == "setup" and report.skipped:
            self._write("test", report.nodeid, "skipped")
        elif report.when != "call" and report.failed:
            self._write("test", report.nodeid, "error")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self._write("end", int(exitstatus))
