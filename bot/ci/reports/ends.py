"""How a run ended as a whole: killed for its memory or its time, or refused for its coverage.

No report of a test or a linter says so, because the tool that would write it is the one that was ended. The words
are those of the kernel, the shell, GitHub's runner, pytest-timeout, coverage.py and pytest-cov.
"""

import re
from collections.abc import Iterable

from bot.model.report import LintFinding, report_text

LINE_CHARACTERS = 2000

_ENDS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "process",
        "OutOfMemory",
        re.compile(
            r"Killed"
            r"|[^:]{0,200}: line \d{1,9}: +\d{1,9} Killed\b.*"
            r"|(?:Process completed|Command failed|[A-Za-z./ -]{0,80}exited) with (?:exit )?(?:code|status):? 137\b.*"
            r"|[A-Za-z./ -]{0,80}exit (?:code|status):? 137\b.*"
            r"|MemoryError(?::.*)?"
            r"|(?:.{0,100}: )?Out of memory: Killed process .*|OOMKilled\b.*"
        ),
    ),
    (
        "process",
        "Timeout",
        re.compile(
            r"The (?:job|action) .{0,200}has (?:exceeded the maximum execution time|timed out after).*"
            r"|(?:Process completed|Command failed|[A-Za-z./ -]{0,80}exited) with (?:exit )?(?:code|status):? 124\b.*"
            r"|\++ Timeout \++"
        ),
    ),
    (
        "coverage",
        "fail-under",
        re.compile(
            r"(?:ERROR: )?Coverage failure: total of \S{1,20} is less than fail-under=\S{1,20}"
            r"|(?:FAIL|ERROR:) Required test coverage of \S{1,20} not reached\..*"
        ),
    ),
)
_HINTS = ("illed", " 137", "MemoryError", "imeout", "time", "timed", " 124", "overage")


def read_ends(lines: Iterable[str]) -> tuple[LintFinding, ...]:
    """Each way to end that plain `lines` tell of, once, by the last line that does; no text raises."""
    found: dict[str, LintFinding] = {}
    for line in lines:
        line = line[:LINE_CHARACTERS].removeprefix("##[error]").strip()
        if not any(hint in line for hint in _HINTS):
            continue
        for tool, rule, pattern in _ENDS:
            if pattern.fullmatch(line):
                found[rule] = LintFinding(tool, rule, "", 0, report_text(line))
    return tuple(found.values())
