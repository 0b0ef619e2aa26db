import json
from xml.etree.ElementTree import fromstring

import pytest

from bot.ci.reports.coverage import read_coverage_json, read_coverage_xml
from bot.model.report import Coverage, FileCoverage, Unreadable
from tests.unit.ci.real_tools import RealReports


def test_both_forms_of_one_run_agree(reports: RealReports) -> None:
    as_xml = read_coverage_xml(reports.coverage_xml, reports.checkout)
    as_json = read_coverage_json(reports.coverage_json)
    assert isinstance(as_xml, Coverage)
    assert isinstance(as_json, Coverage)
    assert as_xml.line_rate == pytest.approx(as_json.line_rate, abs=1e-3)
    assert as_xml.branch_rate is not None
    assert as_xml.branch_rate == pytest.approx(as_json.branch_rate, abs=1e-3)
    assert as_xml.line_rate == float(fromstring(reports.coverage_xml).attrib["line-rate"])
    paths = {"shop/cart.py", "shop/__init__.py"}
    assert {file.path for file in as_xml.files} == {file.path for file in as_json.files} == paths
    totals = json.loads(reports.coverage_json)["totals"]
    assert as_json.line_rate == totals["covered_lines"] / totals["num_statements"]


def test_without_branches_there_is_no_branch_rate() -> None:
    content = (
        b'<coverage line-rate="0.5" branch-rate="0"><class filename="./a.py" line-rate="1" branch-rate="0"/></coverage>'
    )
    assert read_coverage_xml(content) == Coverage(0.5, None, (FileCoverage("a.py", 1.0, None),))
    summary = {"covered_lines": 0, "num_statements": 0}
    content = json.dumps({"files": {"a.py": {"summary": summary}}, "totals": summary}).encode()
    assert read_coverage_json(content) == Coverage(1.0, None, (FileCoverage("a.py", 1.0, None),))


def test_names_stay_as_they_are_where_the_source_directory_tells_nothing() -> None:
    one = "<source>/opt/x</source>"
    for sources in (one, one * 2, "<source>/home/runner/work/r/r/src</source><source>lib</source>"):
        content = (
            f'<coverage line-rate="1"><sources>{sources}</sources><class filename="a.py" line-rate="1"/></coverage>'
        )
        read = read_coverage_xml(content.encode())
        assert isinstance(read, Coverage)
        assert [file.path for file in read.files] == ["a.py"]


@pytest.mark.parametrize(
    "root", ['line-rate="nan"', 'line-rate="1.5"', 'line-rate="-1"', 'line-rate="much"', 'line-rate=""', ""]
)
def test_impossible_rates_are_unreadable(root: str) -> None:
    assert isinstance(read_coverage_xml(f"<coverage {root}/>".encode()), Unreadable)
    assert isinstance(
        read_coverage_xml(f'<coverage line-rate="1"><class filename="a" {root}/></coverage>'.encode()), Unreadable
    )


@pytest.mark.parametrize(
    "summary",
    [
        {"covered_lines": 2, "num_statements": 1},
        {"covered_lines": 1, "num_statements": 1, "covered_branches": 3, "num_branches": 2},
        {"covered_lines": -1, "num_statements": 1},
        {},
    ],
)
def test_more_covered_than_there_is_is_unreadable(summary: dict[str, int]) -> None:
    fine = {"covered_lines": 1, "num_statements": 1}
    for totals, file in ((summary, fine), (fine, summary)):
        content = json.dumps({"files": {"a.py": {"summary": file}}, "totals": totals}).encode()
        assert isinstance(read_coverage_json(content), Unreadable)


def test_very_many_files_are_refused() -> None:
    content = b'<coverage line-rate="1">' + b'<class filename="a" line-rate="1"/>' * 20_001 + b"</coverage>"
    assert read_coverage_xml(content) == Unreadable("more than 20000 files")
    summary = '{"summary":{"covered_lines":0,"num_statements":0}}'
    files = ",".join(f'"{number}":{summary}' for number in range(20_001))
    content = f'{{"files":{{{files}}},"totals":{{"covered_lines":0,"num_statements":0}}}}'.encode()
    assert read_coverage_json(content) == Unreadable("more than 20000 files")


def test_other_documents_are_unreadable() -> None:
    assert isinstance(read_coverage_xml(b"<report/>"), Unreadable)
    assert isinstance(read_coverage_xml(b"<coverage"), Unreadable)
    assert isinstance(read_coverage_json(b"[]"), Unreadable)


def test_very_many_faults_are_counted_and_not_told_one_by_one() -> None:
    files = ",".join(f'"{number}":0' for number in range(200))
    content = f'{{"files":{{{files}}},"totals":{{"covered_lines":0,"num_statements":0}}}}'.encode()
    assert read_coverage_json(content) == Unreadable("not as the tool writes it, in 200 places")
