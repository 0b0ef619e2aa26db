"""Trees of files as tar archives, also such as no honest tool writes."""

import io
import tarfile
from collections.abc import Mapping


def tar_of(files: Mapping[str, bytes], *others: tarfile.TarInfo, executable: tuple[str, ...] = ()) -> bytes:
    """A tar of files, followed by entries of other kinds."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755 if name in executable else 0o644
            archive.addfile(entry, io.BytesIO(content))
        for entry in others:
            archive.addfile(entry)
    return made.getvalue()


def entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """An entry that is no regular file."""
    made = tarfile.TarInfo(name)
    made.type = kind
    made.linkname = target
    return made
