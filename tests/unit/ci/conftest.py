import pytest

from tests.unit.ci.real_tools import RealReports, make_reports


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> RealReports:
    return make_reports(tmp_path_factory.mktemp("reports"))
