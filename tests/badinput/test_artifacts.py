"""AR: artifacts that attack whoever opens them, through the reader in its limited child, beside an honest one.

That a remark names the trick shows that it was met within the child's limits, which the kernel keeps: a child that
needed more would be ended, and the remark would say so. In a second child everything that is opened is written down.
"""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ci.findings import collect
from bot.jobs.read_reports import LIMITS, read_reports
from bot.jobs.report_child import packed
from bot.model.report import Findings
from tests.badinput.artifacts import HONEST, MEGABYTE, TRICKS
from tests.badinput.cases import surfaces

CASES = [pytest.param(case, id=case) for case in surfaces()["AR"].cases]
TIGHT = replace(LIMITS, wall=timedelta(seconds=20), address_space_bytes=384 * MEGABYTE)
WATCHED = """
import json, sys
from bot.jobs.report_child import answered, packed
given = sys.stdin.buffer.read()
answered(packed({"a.xml": b"<testsuite/>", "b.zip": bytes.fromhex(sys.argv[1]), "c": b"{}"}, (), {"job": b"x"}, ""))
happened = []
def watch(event, arguments):
    if event in WATCHED_EVENTS or event.startswith(("socket.", "subprocess.", "shutil.", "tempfile.")):
        happened.append(f"{event} {arguments[:1]!r}")
WATCHED_EVENTS = {"open", "os.mkdir", "os.rename", "os.symlink", "os.link", "os.remove", "os.chmod", "os.listdir"}
WATCHED_EVENTS |= {"os.system", "os.exec", "os.posix_spawn", "os.fork", "urllib.Request", "import"}
sys.addaudithook(watch)
answered(given)
found = list(happened)
print(json.dumps(found))
"""


def told_of(findings: Findings) -> tuple[str, ...]:
    return tuple(test.id for test in findings.tests)


@pytest.mark.parametrize("case", CASES)
async def test_what_attacks_is_named_and_the_honest_report_beside_it_is_read(case: str) -> None:
    for name, trick in TRICKS[case].items():
        given = {f"trick-{trick.name}": trick.content(), "zzz.zip": HONEST}

        findings = await read_reports(given, (), {}, limits=TIGHT)

        assert told_of(findings) == (*trick.tests, "t.py::honest"), name
        assert (findings.lint, findings.coverage, findings.remarks, findings.log_ends) == ((), None, (), ()), name
        if trick.reason:
            (remark,) = findings.unread
            assert remark.startswith(f"trick-{trick.name}"), name
            assert trick.reason in remark, (name, remark)
        else:
            assert findings.unread == (), name


@pytest.mark.parametrize("case", CASES)
def test_the_parsers_themselves_hold_and_never_the_child_alone(case: str) -> None:
    """What is called directly (on what the sandbox brings) is bounded as well."""
    for name, trick in TRICKS[case].items():
        findings = collect({trick.name: trick.content()}, (), {})

        assert told_of(findings) == trick.tests, name
        assert [trick.reason in remark for remark in findings.unread] == [True] * bool(trick.reason), (name, findings)


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_opened_written_started_or_asked_for(case: str) -> None:
    """Not the file that an entity or a link names, not a file of a member's name, not an address."""
    for name, trick in TRICKS[case].items():
        given = packed({trick.name: trick.content()}, (), {}, "")
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, HONEST.hex()], input=given, capture_output=True, check=False
        )
        assert done.returncode == 0, (name, done.stderr)
        assert json.loads(done.stdout) == [], name
