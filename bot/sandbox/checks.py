"""The deterministic checks that are run here, on a commit's tree with an overlay: they fetch reports, they judge none.

Reports come back as bytes: the code under test could have written them, so they are read by the pure parsers of
`ci/`. Only `check_syntax` reads its own, which repository code never runs next to.
"""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import ClassVar, Final, Literal

from pydantic import TypeAdapter, ValidationError

from bot.model.change import Overlay
from bot.model.command import Command, Completed, Limits, Mount
from bot.model.environment import EnvironmentReady
from bot.sandbox.environment import environment_mounts, environment_variables
from bot.sandbox.errors import NotStarted
from bot.sandbox.select import Sandbox

CHECKOUT: Final = "/work"
"""Where the tree lies inside, so that reports with absolute paths can be read."""
_INSIDE: Final = Path(__file__).with_name("inside")
_OWN: Final = "/opt/rmo"
_JUNIT: Final = ".rmo/junit.xml"
_RUFF: Final = ".rmo/ruff.json"
_COVERAGE: Final = ".rmo/coverage.xml"
_BANDIT: Final = ".rmo/bandit.json"
RULES: Final = ("E4", "E7", "E9", "F")
"""Of ruff, by their beginning, that hold for every change."""
_PARSE_LIMITS: Final = Limits(wall=timedelta(seconds=60), address_space_bytes=1024**3)
STATIC_LIMITS: Final = Limits(wall=timedelta(seconds=120))
Measure = Literal["nothing", "coverage"]
Severity = Literal["low", "medium", "high"]
Heed = Literal["nothing", "suppressions"]
_MEASURED: Final = """mkdir -p .rmo
python=$1
shift
if "$python" -I -c "import pytest_cov" 2>/dev/null; then
  exec "$python" -I -B "$@" --cov --cov-report=xml:.rmo/coverage.xml
fi
"$python" -I -B -m coverage run --data-file=.rmo/coverage "$@"
code=$?
"$python" -I -B -m coverage xml --data-file=.rmo/coverage -q -o .rmo/coverage.xml --fail-under=0 >&2
exit $code
"""
"""Where pytest-cov is installed the project may trace by it already, and two tracers would not see what the other does.
"""
_FINDINGS: Final = TypeAdapter(list[tuple[str, int | None, str]])


@dataclass(frozen=True, slots=True)
class SyntaxFinding:
    """A file that the interpreter cannot compile."""

    path: str
    line: int | None
    """None where the interpreter names none, as for a NUL or a nesting that is too deep."""
    message: str


@dataclass(frozen=True, slots=True)
class TestsRun:
    """What a run of pytest left behind; none of it is proof, since the tests could have written it themselves."""

    __test__: ClassVar[bool] = False  # it is no test class, though pytest would take it for one by its name

    exit_code: int | None
    """None when it was ended by a limit."""
    timed_out: bool
    junit: bytes | None
    """The report, or None if there is none or it is too large."""
    stdout: bytes
    stderr: bytes
    dropped_output_bytes: int
    seconds: float
    coverage: bytes | None = None
    """The report, where it was asked for and could be made."""


@dataclass(frozen=True, slots=True)
class StaticRun:
    """What ruff and bandit reported, each None if it failed to."""

    ruff: bytes | None
    bandit: bytes | None
    stderr: bytes
    seconds: float


async def check_syntax(
    sandbox: Sandbox, files: Mapping[str, bytes], *, environment: EnvironmentReady | None = None
) -> tuple[SyntaxFinding, ...]:
    """Compile Python files, whatever is in them, and tell of each that fails; sorted by path.

    The interpreter is the environment's, so that the project's own version of the language decides, else the
    program's. Nothing of the files is executed. Raises UnsafePath, FilesRefused or NotStarted.
    """
    if not files:
        return ()
    python = sandbox.python if environment is None else f"{environment.path}/bin/python"
    completed = await sandbox.run(
        Command(
            argv=(python, "-I", "-S", "-B", "-c", (_INSIDE / "parse.py").read_text(encoding="utf-8")),
            files={PurePosixPath(path): content for path, content in files.items()},
            mounts=() if environment is None else environment_mounts(environment),
            limits=_PARSE_LIMITS,
        )
    )
    try:
        found = _FINDINGS.validate_json(completed.stdout)
    except ValidationError as error:
        reason = completed.stderr[-300:].decode("utf-8", "replace").strip()
        complaint = f"the syntax check ended without a report: {reason!r}"
        raise NotStarted(complaint, "check fewer files at once") from error
    return tuple(SyntaxFinding(*finding) for finding in found)


async def run_tests(
    sandbox: Sandbox,
    environment: EnvironmentReady,
    archive: bytes,
    overlay: Overlay,
    test_ids: tuple[str, ...] = (),
    *,
    wall: timedelta = timedelta(minutes=5),
    measure: Measure = "nothing",
) -> TestsRun:
    """Run pytest on a tree (tar) with an overlay: the given node ids, or all that it finds.

    Coverage is measured by the environment's own tools and the project's own settings. The project need not be
    installed: its root and `src` can be imported. No network.
    Raises UnsafePath, FilesRefused, MountUnusable or NotStarted.
    """
    python = f"{environment.path}/bin/python"
    options = ("-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junitxml={_JUNIT}")
    start = ("sh", "-c", _MEASURED, "sh", python) if measure == "coverage" else (python, "-I", "-B")
    completed = await sandbox.run(
        Command(
            argv=(*start, f"{_OWN}/pytest_main.py", *options, *(f"./{test_id}" for test_id in test_ids)),
            archive=archive_without(archive, overlay),
            files=written(overlay),
            mounts=(*environment_mounts(environment), Mount(str(_INSIDE / "pytest_main.py"), f"{_OWN}/pytest_main.py")),
            environment=environment_variables(environment) | {"PYTHONPATH": f"{CHECKOUT}/src:{CHECKOUT}"},
            limits=Limits(wall=wall),
            collect=(_JUNIT, _COVERAGE),
        )
    )
    return TestsRun(
        exit_code=completed.exit_code,
        timed_out=completed.timed_out,
        junit=completed.collected.get(_JUNIT),
        stdout=completed.stdout,
        stderr=completed.stderr,
        dropped_output_bytes=completed.dropped_output_bytes,
        seconds=completed.seconds,
        coverage=completed.collected.get(_COVERAGE),
    )


async def run_static(
    sandbox: Sandbox,
    environment: EnvironmentReady,
    archive: bytes,
    overlay: Overlay,
    paths: tuple[str, ...] = (),
    *,
    severity: Severity = "low",
    heed: Heed = "nothing",
) -> StaticRun:
    """Run ruff and bandit on some paths of a tree (tar) with an overlay, or on all of it; nothing is executed.

    bandit tells of what is at least as severe as `severity`.

    The repository's own configuration is not heard, nor are its `noqa` and `nosec` unless told to heed them: the
    change under test could have written them. Raises UnsafePath, FilesRefused, MountUnusable or NotStarted.
    """
    targets = tuple(f"./{path}" for path in paths) or (".",)
    noqa, nosec = ("", "") if heed == "suppressions" else ("--ignore-noqa", "--ignore-nosec")
    script = (
        "mkdir -p .rmo\n"
        f"ruff check --isolated {noqa} --no-cache --exit-zero --select {','.join(RULES)} --exclude .rmo "
        f'--output-format json --output-file {_RUFF} -- "$@" || rm -f {_RUFF}\n'
        f"bandit --quiet --recursive --ini /dev/null {nosec} --exit-zero --exclude ./.rmo --format json "
        f"--severity-level {severity} "
        f'--output {_BANDIT} -- "$@" || rm -f {_BANDIT}\n'
    )
    completed: Completed = await sandbox.run(
        Command(
            argv=("sh", "-c", script, "sh", *targets),
            archive=archive_without(archive, overlay),
            files=written(overlay),
            mounts=environment_mounts(environment),
            environment=environment_variables(environment),
            limits=STATIC_LIMITS,
            collect=(_RUFF, _BANDIT),
        )
    )
    return StaticRun(
        ruff=completed.collected.get(_RUFF),
        bandit=completed.collected.get(_BANDIT),
        stderr=completed.stderr,
        seconds=completed.seconds,
    )


def written(overlay: Overlay) -> dict[PurePosixPath, bytes]:
    """The files that an overlay writes; text that no encoding can hold becomes what a reader will reject."""
    return {
        PurePosixPath(path): text.encode("utf-8", "surrogatepass") for path, text in overlay.items() if text is not None
    }


def archive_without(archive: bytes, overlay: Overlay) -> bytes:
    """A tar without the files that an overlay deletes."""
    deleted = {path for path, text in overlay.items() if text is None}
    if not deleted:
        return archive
    kept = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as source,
        tarfile.open(fileobj=kept, mode="w", format=tarfile.PAX_FORMAT) as target,
    ):
        for member in source:
            if member.name.removeprefix("./") not in deleted:
                target.addfile(member, source.extractfile(member) if member.isreg() else None)
    return kept.getvalue()
