"""Programs that pass for bubblewrap but do not isolate as asked; the self-test has to find each of them out."""

import json
import sys
from pathlib import Path

from bot.sandbox.bubblewrap import Bubblewrap, find_bwrap

_EXECUTES = """#!{python}
import os, sys
program = sys.argv[sys.argv.index("--") + 1 :]
os.execv(program[0], program)
"""
_REWRITES = """#!{python}
import json, os, sys
descriptor = int(sys.argv[sys.argv.index("--args") + 1])
options = os.read(descriptor, 1 << 20).decode().split("\\0")[:-1]
for old, new in json.loads({edits!r}):
    same = lambda at: all(want in ("*", has) for want, has in zip(old, options[at:]))
    at = next((at for at in range(len(options)) if same(at)), None)
    if at is None:
        continue
    taken = iter([has for want, has in zip(old, options[at:]) if want == "*"])
    options[at : at + len(old)] = [next(taken) if word == "*" else word for word in new]
listed = os.memfd_create("options", 0)
os.write(listed, "\\0".join(options).encode() + b"\\0")
os.lseek(listed, 0, 0)
os.execv({real!r}, [{real!r}, "--args", str(listed), *sys.argv[sys.argv.index("--") :]])
"""


def real_bwrap() -> str:
    found = find_bwrap()
    assert found is not None
    return found


def executing(directory: Path) -> Bubblewrap:
    """A `bwrap` that starts the program and nothing more."""
    return _written(directory, _EXECUTES.format(python=sys.executable))


def rewriting(directory: Path, *edits: tuple[list[str], list[str]]) -> Bubblewrap:
    """The real `bwrap` with runs of its options replaced; `*` is any one option, and in the new run the same one."""
    return _written(directory, _REWRITES.format(python=sys.executable, edits=json.dumps(edits), real=real_bwrap()))


def _written(directory: Path, text: str) -> Bubblewrap:
    script = directory / "bwrap"
    script.write_text(text)
    script.chmod(0o755)
    return Bubblewrap(str(script))
