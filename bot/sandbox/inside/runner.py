"""The first program inside every sandbox: lays the files in, runs the command under limits, hands the results out.

Its source, with that of its neighbours here, is passed to an isolated interpreter (`python -I -S -c`), so it imports
nothing but the standard library. Everything enters through standard input and leaves through standard output: no host
directory is writable from inside, any backend that can start a process can carry it, and a flood of output is
dropped here, before it reaches the host. The command gets pipes of its own, never these two channels; as the runner
is not dumpable, the command cannot open them through /proc either. Whoever is process 1 holds them too, so that is
the runner itself, which nothing inside can then kill or stop, or it belongs to another user (see `identity`).

In: a decimal length and a newline, a JSON plan of that length, the bytes of the archive, the bytes of each file.
Out: `ready\\n`; after the end a decimal length and a newline, a JSON report of that length, stdout, stderr and the
bytes of each collected file.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import os
import sys

from bot.sandbox.inside.files import collect, content, lay_in, read_exactly
from bot.sandbox.inside.process import run

TYPE_CHECKING = False  # the real one costs the import of typing at every start
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.sandbox.inside.plan import Plan

_PR_SET_DUMPABLE = 4


def require_isolation(plan: Plan) -> None:
    """End at once where the backend only pretended: what follows would hit the host's files and processes."""
    outer = plan["outer_processes"]
    if outer is not None and os.readlink("/proc/self/ns/pid") == outer:
        sys.exit("the processes of the host are still in sight")
    if plan["uid"] is not None and not os.path.ismount(plan["work"]):
        sys.exit("the work directory is the host's")


def become(uid: int | None, work: str) -> None:
    """Give up root for good (only where the backend started us as root of its namespace) and hide from the command.

    The work directory is handed over first: git refuses one that belongs to another user.
    """
    if uid is not None:
        os.chown(work, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def send(report: dict[str, object], blobs: Iterable[bytes]) -> None:
    text = json.dumps(report).encode("ascii")
    out = sys.stdout.buffer
    out.write(b"%d\n" % len(text) + text)
    for blob in blobs:
        out.write(blob)
    out.flush()


def main() -> None:
    plan: Plan = json.loads(read_exactly(int(sys.stdin.buffer.readline(20))))
    require_isolation(plan)
    become(plan["uid"], plan["work"])
    with contextlib.suppress(OSError):  # a caller's own HOME may be anywhere, also where nothing can be made
        os.makedirs(plan["environment"]["HOME"], exist_ok=True)
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    try:
        lay_in(plan)
    except Exception as error:  # a hostile archive can raise anything; every cause means the same to the host
        send({"refused": f"{type(error).__name__}: {error}"}, [])
        return
    facts, outputs = run(plan)
    found, left_out = collect(plan)
    facts["outputs"] = [len(output) for output in outputs]
    facts["files"] = [(name, size) for name, size, _ in found]
    facts["uncollected"] = left_out
    contents = (chunk for _, size, descriptor in found for chunk in content(size, descriptor))
    send(facts, itertools.chain(outputs, contents))


if __name__ == "__main__":
    main()
