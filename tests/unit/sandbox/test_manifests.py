"""What a tree says it needs, read without executing any of it."""

import sys
import tarfile

import pytest

from bot.model.environment import EnvironmentSpec
from bot.sandbox.environment import environment_key
from bot.sandbox.installation import BASE_TOOLS, Step, steps
from bot.sandbox.manifests import (
    extras_for_tests,
    find_manifests,
    groups_for_tests,
    lockfile,
    project_file,
    python_version,
    requirement_files,
)
from tests.conformance.sandbox.trees import entry, tar_of

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
PROJECT = b"""
[project]
name = "shop"
version = "1"
optional-dependencies = {test = ["pytest"], docs = ["sphinx"], dev = []}
[dependency-groups]
dev = ["pytest"]
lint = ["ruff"]
"""


def spec(**files: bytes) -> EnvironmentSpec:
    return find_manifests(tar_of({name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}))


def commands(found: EnvironmentSpec) -> list[Step]:
    return list(steps(found, uv="uv", python="/p", venv="/v"))


def test_only_manifests_of_the_root_count() -> None:
    found = find_manifests(
        tar_of(
            {
                "pyproject.toml": b"",
                "requirements.txt": b"",
                "requirements/test.txt": b"",
                "requirements/deep/no.txt": b"",
                "dev-requirements.txt": b"",
                "constraints.txt": b"",
                "vendor/setup.py": b"",
                "README.md": b"",
            }
        )
    )

    assert [path for path, _ in found.files] == [
        "constraints.txt",
        "dev-requirements.txt",
        "pyproject.toml",
        "requirements.txt",
        "requirements/test.txt",
    ]


def test_what_is_no_honest_file_is_left_out() -> None:
    archive = tar_of(
        {"setup.py": b"\xff\xfe", "requirements.txt": b"x" * (2 * 1024**2 + 1)},
        entry("pyproject.toml", tarfile.SYMTYPE, "/etc/passwd"),
        entry("uv.lock", tarfile.DIRTYPE),
    )

    assert find_manifests(archive).files == ()


@pytest.mark.parametrize(
    ("pinned", "version"),
    [
        (None, OWN),
        ("3.12", "3.12"),
        ("3.12.4\n3.11\n", "3.12"),
        ("cpython-3.13.1", "3.13"),
        ("pypy3.10", OWN),
        ("nonsense", OWN),
        ("3.1234", OWN),
    ],
)
def test_the_pinned_version(pinned: str | None, version: str) -> None:
    assert python_version(pinned) == version


def test_extras_and_groups_for_tests_are_known_by_their_names() -> None:
    found = spec(pyproject_dot_toml=PROJECT)

    assert (extras_for_tests(found), groups_for_tests(found)) == (("dev", "test"), ("dev",))


@pytest.mark.parametrize("text", [b"[", b"project = 3", b"[project]\noptional-dependencies = 3", b"a" + b"[" * 9000])
def test_a_broken_pyproject_asks_for_nothing(text: bytes) -> None:
    found = spec(pyproject_dot_toml=text)

    assert (extras_for_tests(found), groups_for_tests(found), project_file(found)) == ((), (), None)


@pytest.mark.parametrize(
    ("files", "declared"),
    [
        ({"pyproject_dot_toml": PROJECT, "setup_dot_py": b""}, "pyproject.toml"),
        ({"pyproject_dot_toml": b"[build-system]\nrequires = []\n", "setup_dot_cfg": b""}, "pyproject.toml"),
        ({"pyproject_dot_toml": b"[tool.ruff]\n", "setup_dot_py": b""}, "setup.py"),
        ({"pyproject_dot_toml": b"[dependency-groups]\ndev = []\n"}, None),
        ({"setup_dot_cfg": b""}, None),
    ],
)
def test_the_file_that_declares_the_project(files: dict[str, bytes], declared: str | None) -> None:
    assert project_file(spec(**files)) == declared


def test_constraints_and_documentation_are_not_installed() -> None:
    found = spec(
        requirements_dot_txt=b"",
        constraints_dot_txt=b"",
        requirements__docs_dot_txt=b"",
        requirements__test_dot_txt=b"",
    )

    assert requirement_files(found) == ("requirements.txt", "requirements/test.txt")


def test_an_empty_tree_gets_the_base_tools() -> None:
    make, base = commands(spec())

    assert make.argv[:2] == ("uv", "venv")
    assert base.argv[-len(BASE_TOOLS) :] == BASE_TOOLS
    assert {make.tree, base.tree} == {False}


def test_the_owners_command_replaces_all_manifests() -> None:
    found = find_manifests(tar_of({"uv.lock": b"", "requirements.txt": b""}), setup="make deps")

    assert commands(found)[-1] == Step(("sh", "-c", "make deps"), tree=True)


def test_a_lockfile_comes_before_requirements() -> None:
    found = spec(uv_dot_lock=b"", pyproject_dot_toml=PROJECT, requirements_dot_txt=b"")
    script = commands(found)[-1].argv[-1]

    assert lockfile(found) == "uv.lock"
    assert "uv export --frozen" in script
    assert "--extra test" in script
    assert " -r requirements.txt" not in script


def test_requirements_and_the_project_are_installed_together() -> None:
    project = commands(spec(pyproject_dot_toml=PROJECT, requirements_dot_txt=b""))[-1]

    assert project.argv[3 + len(BASE_TOOLS) :] == (
        *("-r", "requirements.txt", "-r", "pyproject.toml"),
        *("--extra", "dev", "--extra", "test", "--group", "dev"),
    )


def test_equal_specs_share_a_key_and_others_do_not() -> None:
    one = spec(requirements_dot_txt=b"six")

    assert environment_key(one) == environment_key(spec(requirements_dot_txt=b"six"))
    others = [
        spec(requirements_dot_txt=b"six\n"),
        spec(),
        EnvironmentSpec("3.9", one.setup, one.files),
        EnvironmentSpec(one.python, "make", one.files),
    ]
    assert len({environment_key(other) for other in (one, *others)}) == 5
