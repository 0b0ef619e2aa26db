"""Which tools a repository has configured, whatever else is in its files."""

import pytest

from bot.ci.configured import configured_tools, mypy_names_its_files


@pytest.mark.parametrize(
    ("files", "tools"),
    [
        ({}, ()),
        ({"pyproject.toml": "[tool.ruff]\n[tool.mypy]\n[tool.pyright]\n"}, ("ruff", "mypy", "pyright")),
        ({"pyproject.toml": "[tool.basedpyright]\n[tool.pyright]\n"}, ("basedpyright",)),
        ({"ruff.toml": ""}, ("ruff",)),
        ({".ruff.toml": ""}, ("ruff",)),
        ({"mypy.ini": "[mypy]\n"}, ("mypy",)),
        ({"setup.cfg": "[metadata]\n[mypy]\n"}, ("mypy",)),
        ({"setup.cfg": "[metadata]\n"}, ()),
        ({"setup.cfg": "no section\n", "mypy.ini": "\0[["}, ()),
        ({"pyrightconfig.json": "{}"}, ("pyright",)),
        ({"pyproject.toml": "tool = 1\n"}, ()),
        ({"pyproject.toml": "tool.mypy = 1\n"}, ()),
        ({"pyproject.toml": "[tool.ruff\n"}, ()),
        ({"pyproject.toml": f"x = {'[' * 100_000}"}, ()),
    ],
)
def test_a_tool_is_configured_where_its_own_files_say_so(files: dict[str, str], tools: tuple[str, ...]) -> None:
    assert configured_tools(files) == tools


def test_mypy_may_name_its_files_and_the_first_configuration_counts() -> None:
    assert mypy_names_its_files({"pyproject.toml": '[tool.mypy]\npackages = ["shop"]\n'})
    assert mypy_names_its_files({".mypy.ini": "[mypy]\nfiles = src\n"})
    assert not mypy_names_its_files({"mypy.ini": "[mypy]\n", "setup.cfg": "[mypy]\nfiles = src\n"})
    assert not mypy_names_its_files({})
