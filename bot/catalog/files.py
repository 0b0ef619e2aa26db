"""Where the data lies, and its content, read once: what is parsed is what the digest names."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.catalog.errors import DataInvalid, DataMissing

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_DIRECTORIES: Final = ("actions", "protocols")
_SUFFIXES: Final = frozenset({".yaml", ".json", ".md", ".py"})


def find_data(name: str) -> Path:
    """The directory `name` (actions, protocols, migrations): inside an installed package, else atop a checkout.

    The package's own directory comes first, because beside an installed package anything may lie. Its parent is the
    root that `load_catalogue` takes. Raises DataMissing.
    """
    checkout = _PACKAGE.parent
    candidates = [_PACKAGE / "data" / name]
    if (checkout / "pyproject.toml").is_file():
        candidates.append(checkout / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise DataMissing(f"the directory {name!r} of the catalogue is missing: reinstall the package")


def read_files(root: Path) -> dict[str, str]:
    """Path relative to `root` -> text of every data file under `actions/` and `protocols/`, sorted; no README files.

    Raises DataMissing, and DataInvalid for a file that is not UTF-8.
    """
    files: dict[str, str] = {}
    for name in _DIRECTORIES:
        directory = root / name
        if not directory.is_dir():
            raise DataMissing(f"the directory {str(directory)!r} is missing: name a root that holds {_DIRECTORIES!r}")
        for path in sorted(directory.rglob("*")):
            if path.suffix in _SUFFIXES and path.name != "README.md" and path.is_file():
                files[path.relative_to(root).as_posix()] = _read(path)
    return files


def holds(path: str) -> bool:
    """Whether a file of this path, relative to the root, is part of a catalogue."""
    name = path.rpartition("/")[2]
    return path.startswith(tuple(f"{each}/" for each in _DIRECTORIES)) and (
        name != "README.md" and any(name.endswith(suffix) for suffix in _SUFFIXES)
    )


def required(files: Mapping[str, str], path: str) -> str:
    """The text of a file that must be there. Raises DataMissing."""
    if path not in files:
        raise DataMissing(f"the file {path!r} of the catalogue is missing: restore it")
    return files[path]


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over names and contents, unambiguous about where each ends."""
    total = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path].encode()):
            total.update(b"%d:" % len(part))
            total.update(part)
    return total.hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataInvalid(path.name, f"byte {error.start} is not UTF-8: save the file as UTF-8") from error
