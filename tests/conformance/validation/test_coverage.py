"""Coverage is measured by whatever the project's environment traces with, and never changes how the tests end."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.jobs.validation import Executed, ValidationCache, Workbench, execute
from bot.sandbox import Sandbox
from tests.conformance.sandbox.trees import tar_of
from tests.conformance.validation.conftest import MakeBench, install

CODE = "def sign(number: int) -> int:\n    if number < 0:\n        return -1\n    return 1\n"
TEST = "from sign import sign\n\n\ndef test_sign() -> None:\n    assert sign(2) == 1\n"
FILES = {"sign.py": CODE, "test_sign.py": TEST, ".coveragerc": "[run]\nsource = .\nomit = test_*\n"}


async def test_coverage_is_measured_by_the_projects_own_settings(bench_of: MakeBench) -> None:
    work = bench_of(FILES)

    measured = await execute(work, {}, measure="coverage")
    red = await execute(work, {"sign.py": CODE.replace("return 1", "return 2")}, measure="coverage")
    without = await execute(work, {})

    assert isinstance(measured, Executed)
    assert (measured.coverage, measured.evidence.exit_code) == (0.75, 0)
    assert isinstance(red, Executed)
    assert (red.coverage, red.evidence.exit_code) == (0.75, 1)
    assert isinstance(without, Executed)
    assert (without.coverage, without.cached) == (None, False)


def test_a_project_that_traces_by_pytest_cov_is_traced_by_it_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    files = {**FILES, "requirements-dev.txt": "pytest-cov\n", "pytest.ini": "[pytest]\naddopts = --cov=sign -q\n"}
    archive = tar_of({path: text.encode() for path, text in files.items()})
    work = Workbench(
        sandbox, install(sandbox, files), archive, ValidationCache(tmp_path / "validations"), timedelta(minutes=2)
    )

    measured = asyncio.run(execute(work, {}, measure="coverage"))

    assert isinstance(measured, Executed)
    assert (measured.coverage, measured.evidence.exit_code) == (0.75, 0)
