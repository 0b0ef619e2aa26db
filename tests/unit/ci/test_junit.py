"""JUnit XML of the real pytest, and of those who mean harm."""

import pytest

from bot.ci.reports.junit import read_junit
from bot.model.report import Frame, TestResult, Unreadable
from tests.unit.ci.real_tools import RealReports


def by_id(content: bytes, checkout: str = "") -> dict[str, TestResult]:
    results = read_junit(content, checkout)
    assert not isinstance(results, Unreadable), results
    return {result.id: result for result in results}


def refused(content: bytes) -> str:
    results = read_junit(content)
    assert isinstance(results, Unreadable), results
    return results.reason


def case(inside: str, attributes: str = 'classname="tests.test_a" name="test_a"') -> bytes:
    return f'<testsuite name="pytest"><testcase {attributes}>{inside}</testcase></testsuite>'.encode()


def test_outcomes_and_node_ids(reports: RealReports) -> None:
    outcomes = {name.partition("::")[2]: result.outcome for name, result in by_id(reports.junit).items()}
    assert outcomes["test_passes"] == outcomes["test_parameter[1]"] == "passed"
    assert outcomes["test_parameter[2]"] == outcomes["TestGroup::TestInner::test_in"] == "failed"
    assert outcomes["test_skipped"] == outcomes["test_expected"] == "skipped"
    assert outcomes["test_unexpected"] == "failed"
    assert outcomes["test_setup"] == "error"
    assert all(name.startswith("tests/test_cart.py::") for name in by_id(reports.junit))


def test_a_test_that_fails_in_two_phases_is_there_twice(reports: RealReports) -> None:
    results = read_junit(reports.junit)
    assert not isinstance(results, Unreadable)
    assert [one.outcome for one in results if one.id.endswith("test_teardown")] == ["failed", "error"]


@pytest.mark.parametrize("style", ["junit", "junit_short", "junit_native"])
def test_exceptions_are_read_from_every_style_of_traceback(reports: RealReports, style: str) -> None:
    results = by_id(getattr(reports, style), reports.checkout)
    said = {name.partition("::")[2]: (one.exception, one.message.partition("\n")[0]) for name, one in results.items()}
    assert said["test_add"] == ("AssertionError", "assert -1 == 3")
    assert said["test_told"] == ("AssertionError", "wrong sum 17")
    assert said["test_text"] == ("AssertionError", "assert 'abc' == 'abd'")
    assert said["test_attribute"] == ("AttributeError", "'int' object has no attribute 'price'")
    assert said["test_cause"] == ("ValueError", "invalid literal for int() with base 10: 'x'")
    assert said["test_context"] == ("RuntimeError", "second")
    assert said["test_custom"] == ("MyError", "custom 12")
    assert said["test_library"][0] == "JSONDecodeError"
    assert said["test_raises"][0] == said["test_said"][0] == "Failed"
    assert said["TestGroup::test_type"] == ("TypeError", "add() missing 1 required positional argument: 'b'")
    assert said["test_setup"] == ("FileNotFoundError", "[Errno 2] nope: '/tmp/pytest-12/x'")
    assert said["test_group"] == ("ExceptionGroup", "eg (2 sub-exceptions)")
    assert said["test_unexpected"] == ("", "[XPASS(strict)]")


def test_frames_name_place_and_function(reports: RealReports) -> None:
    frames = by_id(reports.junit)["tests/test_cart.py::test_context"].frames
    assert [(frame.path, frame.function) for frame in frames] == [
        ("tests/test_cart.py", "test_context"),
        ("shop/cart.py", "again"),
    ]
    native = by_id(reports.junit_native, reports.checkout)["tests/test_cart.py::test_context"].frames
    assert native[-1] == frames[-1]
    cause = by_id(reports.junit)["tests/test_cart.py::test_cause"]
    assert [frame.function for frame in cause.frames] == ["wrap"]
    assert cause.traceback_end.endswith(f"shop/cart.py:{cause.frames[0].line}: ValueError")


def test_files_that_cannot_be_collected(reports: RealReports) -> None:
    results = by_id(reports.broken_junit)
    assert results["tests/test_syntax.py"].exception == "SyntaxError"
    assert results["tests/test_syntax.py"].message == "invalid syntax"
    assert results["tests/test_syntax.py"].frames[-1].line == 1
    assert results["tests/test_missing.py"].exception == "ModuleNotFoundError"
    assert results["tests/test_missing.py"].outcome == "error"


def test_other_runners_are_read_too() -> None:
    content = (
        b'<testsuite name="unittest"><testcase classname="a.B" name="c" time="nan">'
        b'<failure type="ValueError" message="no good"/></testcase>'
        b'<testcase name="alone" time="1.5"/></testsuite>'
    )
    first, second = by_id(content).values()
    assert (first.id, first.tool, first.exception, first.message) == ("a.B::c", "junit", "ValueError", "no good")
    assert (first.seconds, second.seconds, second.id, second.outcome) == (0.0, 1.5, "alone", "passed")


def test_the_message_stands_in_where_the_body_is_silent() -> None:
    result = by_id(case('<error message="failed on setup with &quot;KeyError: 1&quot;"/>'))["tests/test_a.py::test_a"]
    assert (result.exception, result.message, result.frames) == ("KeyError", "1", ())


def test_the_file_attribute_of_the_older_family_is_used() -> None:
    assert list(by_id(case("", 'classname="tests.test_a" name="x" file="tests/odd.name.py" time="oops"'))) == [
        "tests/odd.name.py::x"
    ]


def test_hostile_text_is_made_plain() -> None:
    result = by_id(case(f'<failure message="x">{"E   ValueError: a&#x202e;b" + "y" * 9000}</failure>'))
    message = result["tests/test_a.py::test_a"].message
    assert message.startswith("aby")
    assert len(message) == 2000


def test_elements_outside_a_test_case_are_passed_over() -> None:
    content = (
        b'<testsuite name="pytest"><failure>x</failure><testcase classname="t" name="a"><system-out>f</system-out>'
    )
    assert by_id(content + b"</testcase></testsuite>")["t.py::a"].outcome == "passed"


def test_frames_of_native_tracebacks_keep_module_level() -> None:
    body = 'Traceback (most recent call last):\n  File "a.py", line 3, in &lt;module&gt;\nKeyError: 1'
    assert by_id(case(f"<error>{body}</error>"))["tests/test_a.py::test_a"].frames == (Frame("a.py", 3, "<module>"),)


BILLION_LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(BILLION_LAUGHS, "XML with a DTD", id="AR-9"),
        pytest.param(b"<!DOCTYPE testsuite><testsuite/>", "XML with a DTD", id="AR-10"),
        pytest.param(EXTERNAL, "XML with a DTD", id="AR-11"),
        pytest.param(b"<testsuite>" * 200_000, "nested more than", id="AR-12"),
        pytest.param("<testsuite/>".encode("utf-16"), "not UTF-8", id="AR-13 UTF-16"),
        pytest.param(b"<testsuite>" + b"<testcase/>" * 450_000 + b"</testsuite>", "more than", id="AR-14"),
        pytest.param(b"<testsuite>" + b"<a/>" * 450_000 + b"</testsuite>", "more than 400000 elements", id="elements"),
        pytest.param(b" " * (5 * 1024**2 + 1), "larger than", id="bytes"),
        pytest.param(b"<testsuite>&nosuch;</testsuite>", "not well-formed", id="entity"),
        pytest.param(b"", "not well-formed", id="empty"),
    ],
)
def test_documents_that_no_runner_writes_are_refused(content: bytes, reason: str) -> None:
    assert reason in refused(content)


def test_a_declared_encoding_is_not_believed() -> None:
    utf_7 = b'<?xml version="1.0" encoding="utf-7"?><testsuite><testcase name="+ADw-b+AD4-"/></testsuite>'
    assert list(by_id(utf_7)) == ["+ADw-b+AD4-"]
