"""Runs inside the sandbox, as the action upload-artifact: copies what its patterns mean, as the real one chooses it.

The paths in an artifact are relative to the deepest directory that all its files share.
https://github.com/actions/upload-artifact#upload-using-multiple-paths-and-exclusions
"""

import glob
import json
import os
import shutil
import sys


def chosen(patterns: list[str], *, hidden: bool) -> tuple[set[str], list[str]]:
    """The files meant, and the places that the search began at."""
    files: set[str] = set()
    starts: list[str] = []
    for pattern in patterns:
        if pattern.startswith("!"):
            files -= _files(pattern[1:].strip(), hidden=True)
        else:
            files |= _files(pattern, hidden=hidden)
            starts.append(_start(pattern))
    return files, starts


def _start(pattern: str) -> str:
    """The part of a pattern before its first wildcard."""
    kept: list[str] = []
    for part in os.path.abspath(os.path.expanduser(pattern)).split(os.sep):
        if glob.has_magic(part):
            break
        kept.append(part)
    path = os.sep.join(kept) or os.sep
    return os.path.dirname(path) if os.path.isfile(path) else path


def _files(pattern: str, *, hidden: bool) -> set[str]:
    found: set[str] = set()
    for match in glob.glob(os.path.expanduser(pattern), recursive=True, include_hidden=hidden):
        path = os.path.abspath(match)
        if os.path.isdir(path) and not os.path.islink(path):
            for here, directories, names in os.walk(path):
                directories[:] = [each for each in directories if hidden or not each.startswith(".")]
                found |= {os.path.join(here, name) for name in names if hidden or not name.startswith(".")}
        elif os.path.isfile(path):
            found.add(path)
    return {path for path in found if os.path.isfile(path) and not os.path.islink(path)}


def main() -> int:
    name = os.environ["ARTIFACT_NAME"]
    patterns = [line.strip() for line in os.environ["ARTIFACT_PATH"].splitlines() if line.strip()]
    files, starts = chosen(patterns, hidden=os.environ["INCLUDE_HIDDEN"] == "true")
    if not files:
        message = f"No files were found with the provided path: {' '.join(patterns)}. No artifacts will be uploaded."
        level = {"error": "error", "ignore": "debug"}.get(os.environ["IF_NO_FILES_FOUND"], "warning")
        sys.stdout.write(f"::{level}::{message}\n")
        return 1 if level == "error" else 0
    base = os.path.commonpath(starts)
    store = os.environ["LOCALHUB_ARTIFACTS"]
    os.makedirs(store, exist_ok=True)
    place = os.path.join(store, str(len(os.listdir(store))))
    for path in sorted(files):
        target = os.path.join(place, "files", os.path.relpath(path, base))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(path, target)
    with open(os.path.join(place, "name.json"), "w", encoding="utf-8") as file:
        json.dump(name, file)
    sys.stdout.write(f"Artifact {name}: {len(files)} file(s)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
