"""What a file is to the judge, told from its path: a test, configuration, a recorded result."""

from collections.abc import Sequence

_TEST_DIRECTORIES = frozenset({"test", "tests"})
_RECORDED_DIRECTORIES = frozenset({"__snapshots__", "snapshots", "golden", "goldens", "golden_files", "cassettes"})
_RECORDED_SUFFIXES = (".ambr", ".snap", ".golden", ".gold", ".approved", ".snapshot")
_CONFIGURATION_SUFFIXES = (".toml", ".cfg", ".ini")
_CONFIGURATION_NAMES = frozenset({".coveragerc", ".bandit", ".flake8", ".pylintrc", "pylintrc", ".importlinter"})


def is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def is_test(path: str) -> bool:
    """Whether a Python file is executed as part of the tests: a test module, or a support file among them."""
    *directories, name = path.lower().split("/")
    named = name.startswith("test_") or name.endswith("_test.py") or name in ("conftest.py", "tests.py", "test.py")
    return is_python(path) and (named or _within(directories, _TEST_DIRECTORIES))


def is_recorded_result(path: str) -> bool:
    """Whether tests compare with this file: a snapshot, or any data among the tests but what is read by people."""
    *directories, name = path.lower().split("/")
    if is_python(path) or name.startswith("readme"):
        return False
    return name.endswith(_RECORDED_SUFFIXES) or _within(directories, _RECORDED_DIRECTORIES | _TEST_DIRECTORIES)


def is_configuration(path: str) -> bool:
    """Whether a file is read by its sections: pyproject.toml and the tools' own files."""
    name = path.lower().rpartition("/")[2]
    return name in _CONFIGURATION_NAMES or (name.endswith(_CONFIGURATION_SUFFIXES) and not is_recorded_result(path))


def module_of(path: str) -> tuple[str, str]:
    """Directory that the module is imported from, and its name; a package stands for its `__init__.py`."""
    *directories, name = path.split("/")
    module = name.removesuffix(".py")
    if module == "__init__" and directories:
        module = directories.pop()
    return "/".join(directories), module


def _within(directories: Sequence[str], names: frozenset[str]) -> bool:
    return not names.isdisjoint(directories)
