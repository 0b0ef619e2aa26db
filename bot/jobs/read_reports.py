"""Reports that CI hands out are read in a child with limits on time and memory: their authors are strangers.

What the child cannot read within them is named in `unread`: a report is never skipped in silence, and never takes the
service down.
"""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from cattrs import BaseValidationError, StructureHandlerNotFoundError

from bot.ci.reports.archive import ARCHIVE_BYTES
from bot.jobs.report_child import packed, unpacked
from bot.model.check import Annotation
from bot.model.command import Completed, Limits
from bot.model.report import Findings, report_text
from bot.sandbox.child import run_module

LIMITS = Limits(
    wall=timedelta(seconds=60), address_space_bytes=1024**3, processes=1, file_bytes=0, output_bytes=64 * 1024**2
)
TOTAL_BYTES = 256 * 1024**2
"""How many bytes of reports are looked at for one commit."""
NAME_CHARACTERS = 200


async def read_reports(
    artifacts: Mapping[str, bytes],
    annotations: Sequence[Annotation],
    logs: Mapping[str, bytes],
    checkout: str = "",
    *,
    limits: Limits = LIMITS,
) -> Findings:
    """What `bot.ci.findings.collect` finds, from a child process; nothing raises but a cancellation.

    Where the child breaks a limit with everything, annotations and logs are read without the artifacts, because one
    hostile report should not hide what the others say.
    """
    small, unread = _within(artifacts)
    found = await _read(small, annotations, logs, checkout, limits)
    if isinstance(found, str) and small:
        unread.append(f"{len(small)} artifacts: {found}")
        found = await _read({}, annotations, logs, checkout, limits)
    if isinstance(found, str):
        return Findings((), (), None, (), (), (*unread, f"annotations and logs: {found}"))
    return replace(found, unread=(*unread, *found.unread))


def _within(artifacts: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """The artifacts that are worth handing over, and a remark on each other one."""
    small: dict[str, bytes] = {}
    unread: list[str] = []
    left = TOTAL_BYTES
    for name, content in sorted(artifacts.items()):
        if len(content) > ARCHIVE_BYTES:
            unread.append(f"{report_text(name, NAME_CHARACTERS)}: larger than {ARCHIVE_BYTES} bytes")
        elif len(content) > left:
            unread.append(f"{report_text(name, NAME_CHARACTERS)}: more than {TOTAL_BYTES} bytes of artifacts in all")
        else:
            small[name] = content
            left -= len(content)
    return small, unread


async def _read(
    artifacts: Mapping[str, bytes],
    annotations: Sequence[Annotation],
    logs: Mapping[str, bytes],
    checkout: str,
    limits: Limits,
) -> Findings | str:
    """The findings, or why there are none."""
    content = await asyncio.to_thread(packed, artifacts, annotations, logs, checkout)
    try:
        done = await run_module("bot.jobs.report_child", content, limits)
    except OSError as error:
        return f"not read, because no process could be started: {error.strerror}"
    if done.exit_code != 0:
        return _why(done, limits)
    try:
        return await asyncio.to_thread(unpacked, done.stdout)
    except (ValueError, RecursionError, BaseValidationError, StructureHandlerNotFoundError) as error:
        return f"not read, because the answer of the process that read them was none: {type(error).__name__}"


def _why(done: Completed, limits: Limits) -> str:
    if done.timed_out or done.exit_code == -signal.SIGXCPU:
        return f"not read within {limits.wall.total_seconds():.0f} s"
    if done.dropped_output_bytes:
        return f"not read, because they say more than {limits.output_bytes} bytes"
    last = report_text(done.stderr.decode("utf-8", "replace")).strip().rpartition("\n")[2]
    if "MemoryError" in last or not last:
        return f"not read within {limits.address_space_bytes} bytes of memory"
    return f"not read: {last[:NAME_CHARACTERS]}"
