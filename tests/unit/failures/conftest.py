import pytest

from tests.unit.ci.real_tools import RealReports, shared_reports


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> RealReports:
    return shared_reports(tmp_path_factory)
