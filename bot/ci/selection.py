"""Which tests touch the files that a change touches: what to run before the whole suite is worth its time.

A selection saves a round trip to CI and replaces none of it: what reaches a test by another way than imports, such as
a command line or a data file, is not seen.
"""

from collections.abc import Collection, Iterator, Mapping, Set

from bot.ci.imports import PACKAGE, imported_files, modules_of

MOST_TESTS = 400
"""Test files that are selected at most, the nearest first."""

_TEST_DIRECTORIES = frozenset({"test", "tests", "testing"})
_INERT_SUFFIXES = (".md", ".rst", ".adoc", ".pyi", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".pdf")
_INERT_NAMES = frozenset(
    {"license", "licence", "notice", "authors", "codeowners", ".gitignore", ".gitattributes", ".editorconfig"}
)
_INERT_DIRECTORIES = frozenset({".github", "docs", "doc"})
_FARTHEST = 1_000_000
"""The rank of a test that nothing but caution selects."""


def is_test_module(path: str) -> bool:
    """Whether pytest (by its default `python_files`) or unittest by custom collects tests from this file."""
    name = path.rpartition("/")[2]
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py") or name == "tests.py")


def is_inert(path: str) -> bool:
    """Whether no test is likely to depend on a file: documentation, pictures, the hosting service's files."""
    *directories, name = path.lower().split("/")
    if path.endswith(".py") or _TEST_DIRECTORIES.intersection(directories):
        return False
    documented = directories[:1] and directories[0] in _INERT_DIRECTORIES
    return (
        bool(documented)
        or name.endswith(_INERT_SUFFIXES)
        or name.partition(".")[0] in _INERT_NAMES
        or (name in _INERT_NAMES)
    )


def select_tests(files: Mapping[str, str], changed: Collection[str]) -> tuple[str, ...]:
    """The test files (paths, sorted) that touch the `changed` paths, of a tree with the Python `files` (path: text).

    Those that changed themselves, that import what changed, directly or through others, that are named after it or
    stand below a changed `conftest.py`; all of them where a file changed that is no Python and may be anybody's
    input. `files` is the tree after the change; deleted files are in `changed` alone. Never raises.
    """
    tests = [path for path in files if is_test_module(path)]
    relevant = frozenset(path for path in changed if not is_inert(path))
    if not tests or not relevant:
        return ()
    ranks = _ranks(files, relevant)
    if any(not path.endswith(".py") for path in relevant):
        ranks = {path: _FARTHEST for path in tests} | ranks
    nearest = sorted((path for path in tests if path in ranks), key=lambda path: (ranks[path], path))
    return tuple(sorted(nearest[:MOST_TESTS]))


def _ranks(files: Mapping[str, str], changed: Set[str]) -> dict[str, int]:
    """How many imports lie between a file and a changed one; 0 for the changed ones and tests named after them."""
    importers = _importers(files, changed)
    beneath = [path for path in changed if path.endswith(f"/{PACKAGE}")]
    ranks: dict[str, int] = {path: 0 for path in (*changed, *_named_after(files, changed))}
    # Importing anything of a package executes its `__init__.py`, which no import statement shows.
    ranks |= {path: 1 for path in files for each in beneath if path.startswith(each.removesuffix(PACKAGE))}
    ranks |= dict.fromkeys(changed, 0)
    front = list(ranks)
    while front:
        reached: list[str] = []
        for path in front:
            for importer in (*importers.get(path, ()), *_beneath_conftest(path, files)):
                if importer not in ranks:
                    ranks[importer] = ranks[path] + 1
                    reached.append(importer)
        front = reached
    return ranks


def _importers(files: Mapping[str, str], changed: Set[str]) -> dict[str, list[str]]:
    modules = modules_of({*files, *changed})
    importers: dict[str, list[str]] = {}
    for path in sorted(files):
        for imported in imported_files(path, files[path], modules):
            importers.setdefault(imported, []).append(path)
    return importers


def _beneath_conftest(path: str, files: Mapping[str, str]) -> Iterator[str]:
    """pytest loads a `conftest.py` for every test below its directory."""
    directory, _, name = path.rpartition("/")
    if name == "conftest.py":
        yield from (each for each in files if not directory or each.startswith(f"{directory}/"))


def _named_after(files: Mapping[str, str], changed: Set[str]) -> Iterator[str]:
    stems = {path.rpartition("/")[2].removesuffix(".py") for path in changed if path.endswith(".py")} - {"__init__"}
    for path in files:
        stem = path.rpartition("/")[2].removesuffix(".py")
        if is_test_module(path) and (stem.removeprefix("test_") in stems or stem.removesuffix("_test") in stems):
            yield path
