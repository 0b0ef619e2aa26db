"""Writing loose objects as git does: deflated, named by their SHA-1, put in place in one step, never to be changed.

https://git-scm.com/docs/gitrepository-layout and https://git-scm.com/book/en/v2/Git-Internals-Git-Objects. The format
is so small that a process for each object would be nearly all of the work.
"""

import hashlib
import os
import tempfile
import zlib
from pathlib import Path
from typing import Literal

Kind = Literal["blob", "tree", "commit"]
FAST = 1
"""Compression level of git's own loose objects (core.looseCompression)."""


def write_object(directory: Path, kind: Kind, content: bytes) -> str:
    """Store an object in the bare repository `directory` and give its SHA; one that is there stays as it is."""
    whole = f"{kind} {len(content)}\0".encode() + content
    sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    objects = directory / "objects"
    place = objects / sha[:2] / sha[2:]
    if place.exists():
        return sha
    place.parent.mkdir(exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=objects, prefix="tmp_obj_")
    with os.fdopen(handle, "wb") as file:
        file.write(zlib.compress(whole, FAST))
        os.fchmod(file.fileno(), 0o444)
    Path(scratch).replace(place)
    return sha
