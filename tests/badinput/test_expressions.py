"""RX: texts that make patterns slow, through everything that reads texts of others.

All readers work on a text one after another in a child, and each may use one second of processor time: the kernel
ends the process that takes more, so nothing here depends on a clock or on how busy the machine is. Each text is read in
the size that the case names, and much larger ones of its kind: a pattern that is not linear would need hours.
"""

import signal
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.badinput.cases import CASES as PLACE
from tests.badinput.cases import surfaces
from tests.unmeasured import environment

TEXTS: Mapping[str, Mapping[str, str]] = {
    "RX-1": {
        "as it is": "' ' * 50_000 + 'x'",
        "larger": "' ' * 2_000_000 + 'x'",
        "marked": "'E   ' + ' ' * 50_000 + 'x'",
        "many lines": "(' ' * 5_000 + 'x\\n') * 100",
        "tabs and lines": "' \\t\\n' * 20_000 + 'x'",
    },
    "RX-2": {
        "as it is": "'a' * 26 + '!'",
        "larger": "'a' * 2_000_000 + '!'",
        "words": "'a ' * 1_000_000 + '!'",
        "dots": "'a.' * 500_000 + '!'",
        "paths": "'a/' * 500_000 + '!'",
        "digits": "'1' * 1_000_000 + '!'",
        "quotes": "'\\'' + 'a\\\\' * 500_000 + '!'",
        "colons": "'a:1:' * 300_000 + '!'",
        "schemes": "'a://b:' * 200_000 + '!'",
        "keys": "'-----BEGIN ' * 100_000 + '!'",
        "ends of keys": "('A' * 60 + '\\n-----END PRIVATE KEY-----\\n') * 10_000",
        "lines of keys": "('A' * 60 + '\\n') * 20_000 + '!'",
        "tokens": "'eyJaaaaaaaa.' * 100_000 + '!'",
    },
    "RX-3": {
        "as it is": "'\\x1b[' + '1;' * 500_000",
        "many": "'\\x1b[1;' * 250_000",
        "titles": "'\\x1b]' * 500_000",
        "eight bits": "'\\x9b' + '1;' * 500_000",
        "erased": "'\\r\\x1b[2K' * 150_000",
    },
    "RX-4": {
        "as it is": "'Traceback (most recent call last):\\n  File \"a.py\", line 1, in f\\n' + 'E: ' + '([{' * 300_000",
        "closed": "'E   ' + '[' * 500_000 + ']' * 500_000",
        "marked": "'E   assert ' + '(' * 500_000",
        "mixed": "'E   assert f' + '([{' * 200_000 + '}])' * 200_000",
        "angles": "'<bound method ' + '<function ' * 100_000",
    },
}
READERS: Mapping[str, str] = {
    "report_text": "report_text(text, len(text))",
    "redact": "redact(text)",
    "mask": "mask(text)",
    "mask_callee": "mask_callee(text)",
    "mask_identifiers": "mask_identifiers(text)",
    "shape": "shape('AssertionError', text[:4000])",
    "fingerprint": "exception_fingerprint('pytest', 'ValueError', text[:4000], ())",
    "split_exception": "split_exception(text)",
    "traceback": "read_traceback(text)",
    "recorded": "read_recorded(text), read_recorded(text, 'WrongAnswer'), read_recorded(text, 'KeyError')",
    "record": "read_record(content)",
    "unittest": "read_unittest(text.split('\\n')), read_unittest(('=====\\nFAIL: t (m.C.t)\\n' + text).split('\\n'))",
    "ends": "read_ends(text.split('\\n')), read_ends(line + ' Killed 137 timed' for line in text.split('\\n'))",
    "log": "read_log('job', content)",
    "log of pytest": "read_log('job', b'____ t ____\\n' + content + b'\\nFAILED a.py::t - ' + content)",
    "mypy text": "read_mypy_text(content), read_mypy_text(content + b': error: x  [misc]')",
    "mypy JSON": "read_mypy_json(content)",
    "pyright": "read_pyright(content)",
    "ruff": "read_ruff(content)",
    "bandit": "read_bandit(content)",
    "annotation": "read_ruff_annotation('a.py', 1, text), read_ruff_annotation('a.py', 1, 'a:1:1: ' + text)",
    "coverage": "read_coverage_xml(content), read_coverage_json(content)",
    "junit": "read_junit(xml)",
    "manifest": "read_manifest(content)",
    "archive": "read_archive(content), read_archive(b'PK\\x03\\x04' + content)",
    "place": "repository_path(text), repository_path(text, '/work')",
    "findings": "collect({'junit.xml': xml, 'report': content}, (), {})",
    "failures": "failures_of(collect({'junit.xml': xml}, (), {'job': content}), source='ci')",
    "quote": "quote(text), line(text)",
    "tampering": "find_tampering({'tests/test_a.py': ''}, dict.fromkeys(('tests/test_a.py', 'a.py', 'tox.ini'), text))",
}
CHILD = """
import resource, sys
from bot.ci.findings import collect
from bot.ci.reports.archive import read_archive
from bot.ci.reports.coverage import read_coverage_json, read_coverage_xml
from bot.ci.reports.ends import read_ends
from bot.ci.reports.junit import read_junit
from bot.ci.reports.lint import read_bandit, read_ruff, read_ruff_annotation
from bot.ci.reports.log import read_log
from bot.ci.reports.manifest import read_manifest
from bot.ci.reports.place import repository_path
from bot.ci.reports.recorded import read_recorded
from bot.ci.reports.traceback import read_traceback, split_exception
from bot.ci.reports.types import read_mypy_json, read_mypy_text, read_pyright
from bot.ci.reports.unittest import read_unittest
from bot.ci.tampering import find_tampering
from bot.comments.quoting import line, quote
from bot.failures.failure import failures_of
from bot.failures.fingerprint import exception_fingerprint, shape
from bot.failures.history import read_record
from bot.failures.masks import mask, mask_callee, mask_identifiers
from bot.secrets.scan import redact
from bot.model.report import report_text
text = eval(sys.argv[1])
content = text.encode()
plain = report_text(text, len(text)).encode().replace(b"<", b"(").replace(b"&", b"(")
xml = b'<testsuite name="pytest"><testcase classname="t" name="a"><failure>' + plain
xml += b"</failure></testcase></testsuite>"
for reader in sys.argv[2:]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Whole seconds are all that the kernel counts in: between one and two of them are left.
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 2, resource.RLIM_INFINITY))
    print(reader, flush=True)
    eval(reader)
print("done")
"""


def read_by(text: str, *readers: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD, text, *readers],
        capture_output=True,
        text=True,
        check=False,
        cwd=PLACE.parents[2],
        env=environment(),
    )


@pytest.mark.parametrize("case", [pytest.param(case, id=case) for case in surfaces()["RX"].cases])
def test_every_reader_answers_within_its_second(case: str) -> None:
    for name, text in TEXTS[case].items():
        done = read_by(text, *READERS.values())

        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "done"), (name, done.stdout, done.stderr)


def test_a_pattern_that_is_not_linear_is_ended() -> None:
    """Such as would be written without thinking of it: the limit is one."""
    done = read_by(TEXTS["RX-1"]["as it is"], "report_text(text)", "__import__('re').search(r'\\s+$', text)")

    assert done.returncode == -signal.SIGXCPU
    assert "done" not in done.stdout
