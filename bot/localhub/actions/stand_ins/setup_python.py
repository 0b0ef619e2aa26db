"""Runs inside the sandbox, as the action setup-python: looks the wanted version up in the tool cache."""

import os
import re
import sys


def fits(wanted: str, version: str) -> bool:
    """Whether an installed version is one that a specification such as `3.11`, `3.x` or `>=3.10 <4` means."""
    if not wanted or wanted in ("3", "3.x", "x", "*"):
        return True
    have = tuple(int(part) for part in version.split("."))
    for clause in wanted.split():
        found = re.fullmatch(r"(>=|<=|>|<|==?|~|\^)?v?([0-9]+(?:\.(?:[0-9]+|x|\*))*)(?:-dev)?", clause)
        if found is None:
            return False
        parts = tuple(int(part) for part in found[2].split(".") if part.isdecimal())
        if not _compare(found[1] or "", parts, have):
            return False
    return True


def _compare(sign: str, parts: tuple[int, ...], have: tuple[int, ...]) -> bool:
    same = have[: len(parts)]
    match sign:
        case ">=":
            return same >= parts
        case "<=":
            return same <= parts
        case ">":
            return same > parts
        case "<":
            return same < parts
        case "~":
            return have[:2] == parts[:2] and same >= parts
        case "^":
            return have[0] == parts[0] and same >= parts
        case _:
            return same == parts


def main() -> int:
    tools = os.path.join(os.environ["AGENT_TOOLSDIRECTORY"], "Python")
    versions = [name for name in sorted(os.listdir(tools)) if os.path.exists(os.path.join(tools, name, "x64.complete"))]
    wanted = [line.strip() for line in os.environ["WANTED"].splitlines() if line.strip()] or [""]
    for specification in wanted:
        for version in versions:
            if fits(specification, version):
                home = os.path.join(tools, version, "x64")
                path = os.path.join(home, "bin", "python")
                _append("GITHUB_PATH", os.path.join(home, "bin"))
                _append("GITHUB_ENV", f"pythonLocation={home}")
                _append("GITHUB_ENV", f"Python3_ROOT_DIR={home}")
                _append("GITHUB_OUTPUT", f"python-version={version}")
                _append("GITHUB_OUTPUT", f"python-path={path}")
                sys.stdout.write(f"Python {version} of the prepared environment\n")
                return 0
    held = ", ".join(versions) or "none"
    sys.stdout.write(
        f"::error title=Python not available::Python {wanted[0]} is not available on loopback; there is {held}\n"
    )
    return 1


def _append(variable: str, line: str) -> None:
    with open(os.environ[variable], "a", encoding="utf-8") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
