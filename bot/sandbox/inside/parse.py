"""Compiles every file below the work directory, each in a child of its own, and writes what was wrong with it.

Parsing hostile text can end the interpreter (deep nesting overflows its stack) or take all memory; that child's death
is then the finding, and the other files are still looked at.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import warnings

_SECONDS = 10.0
_MESSAGE_CHARACTERS = 300


def compiled(path: str) -> tuple[int | None, str] | None:
    """The first thing wrong with a file: its line, where there is one, and what the interpreter says."""
    with open(path, "rb") as file:
        source = file.read()
    try:
        compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno, f"{type(error).__name__}: {error.msg}"
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        return None, f"{type(error).__name__}: {error}".rstrip(": ")
    return None


def in_child(path: str) -> tuple[int | None, str] | None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, json.dumps(compiled(path)).encode("ascii")[:4000])
        finally:
            os._exit(0)
    os.close(write)
    told, deadline = b"", time.monotonic() + _SECONDS
    with os.fdopen(read, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            chunk = pipe.read(4096)
            if not chunk:
                break
            told += chunk
        else:
            os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not told:
        return None, "the parser took too long" if status == -signal.SIGKILL else "the parser crashed on this file"
    return json.loads(told)


def main() -> None:
    warnings.simplefilter("ignore")
    findings: list[tuple[str, int | None, str]] = []
    for here, _, names in os.walk("."):
        for name in names:
            path = os.path.relpath(os.path.join(here, name))
            wrong = in_child(path)
            if wrong is not None:
                findings.append((path, wrong[0], wrong[1][:_MESSAGE_CHARACTERS]))
    json.dump(sorted(findings, key=lambda finding: finding[0]), sys.stdout)


if __name__ == "__main__":
    main()
