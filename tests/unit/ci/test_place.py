import pytest

from bot.ci.reports.place import repository_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/a.py", "src/a.py"),
        ("./src/a.py", "src/a.py"),
        ("/home/runner/work/shop/shop/src/a.py", "src/a.py"),
        ("/opt/actions-runner/_work/shop/shop/src/a.py", "src/a.py"),
        ("D:\\a\\shop\\shop\\src\\a.py", "src/a.py"),
        ("/github/workspace/src/a.py", "src/a.py"),
        ("/work/tree/src/a.py", "src/a.py"),
        ("/usr/lib/python3.12/json/decoder.py", "/usr/lib/python3.12/json/decoder.py"),
        ("/home/runner/shop/shop/a.py", "/home/runner/shop/shop/a.py"),
        ("../a.py", "../a.py"),
    ],
)
def test_paths_are_given_from_the_root_of_the_repository(path: str, expected: str) -> None:
    assert repository_path(path, "/work/tree") == expected


def test_overlong_paths_are_cut() -> None:
    assert len(repository_path("a/" * 1000)) == 300
