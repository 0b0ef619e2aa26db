"""The report of what the tests reached; the limit is the project's own `fail_under`, if it has one."""

from ground_truth.project import installed
from ground_truth.toolbox import Toolbox, remark

REPORT = "coverage.xml"
UNDER_LIMIT = 2
"""coverage.py's exit code where the total is below `fail_under`."""


def coverage(tools: Toolbox) -> None:
    """Combine what several processes measured and write the report."""
    if not installed("coverage"):
        tools.record.skip("coverage", "not installed")
        return
    scratch = tools.settings.scratch
    data = scratch / "coverage.data"
    variables = {"COVERAGE_FILE": str(data)}
    parts = [path for path in scratch.glob("coverage.data.*") if path.is_file()]
    if parts:
        whole = (str(data),) if data.is_file() else ()
        options = ("combine", "--quiet", *whole, *(str(path) for path in parts))
        tools.start("coverage-combine", ("-P", "-m", "coverage", *options), variables=variables)
    if not data.is_file():
        tools.record.skip("coverage", "nothing was measured")
        return
    report = tools.settings.reports / REPORT
    options = ("xml", "--quiet", "--ignore-errors", "-o", str(report))
    ran = tools.start("coverage", ("-P", "-m", "coverage", *options), variables=variables)
    if ran.exit_code == UNDER_LIMIT:
        tools.record.ran("coverage", ran, "failed", note="below the project's fail_under", report=REPORT)
        tools.record.red.append("coverage is below the project's fail_under")
    elif ran.exit_code == 0 and report.is_file():
        tools.record.ran("coverage", ran, "passed", report=REPORT)
    else:
        tools.record.ran("coverage", ran, "broken", note="no report")
        remark("warning", "coverage left no report; see coverage.log in the artifact")
