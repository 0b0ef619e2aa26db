"""Laying files into the work directory and taking results out, without ever leaving it or following a link."""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False  # the real one costs the import of typing at every start
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sandbox.inside.plan import Plan

_KEPT_NAMES = 500
_CHUNK = 65536


class Refused(Exception):
    """The files cannot be laid in as asked; the text says which and why."""


def read_exactly(count: int) -> bytes:
    data = sys.stdin.buffer.read(count)
    if len(data) != count:
        raise Refused("the plan was cut off")
    return data


def parents_without_links(work: str, relative: str, known: set[str]) -> str:
    """Make the directories of a path, none of which may be a symbolic link, and return the whole path."""
    parts = relative.split("/")
    if relative.startswith("/") or ".." in parts or "" in parts or "\0" in relative:
        raise Refused(f"path {relative!r} leaves the work directory")
    here = work
    for part in parts[:-1]:
        here = here + "/" + part
        if here in known:
            continue
        try:
            os.mkdir(here, 0o755)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(here).st_mode):
                raise Refused(f"path {relative!r} lies below something that is no directory") from None
        known.add(here)
    return here + "/" + parts[-1]


def write_file(path: str, mode: int, chunks: Iterable[bytes]) -> None:
    if os.path.islink(path):
        os.unlink(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as target:
        for chunk in chunks:
            target.write(chunk)
    os.chmod(path, mode)


def unpack(work: str, size: int, known: set[str]) -> None:
    """Lay out a tar from standard input; refuses what could reach outside the work directory."""
    import io
    import tarfile
    from functools import partial

    links: list[tuple[str, str, str]] = []
    with tarfile.open(fileobj=io.BytesIO(read_exactly(size)), mode="r:") as archive:
        for member in archive:
            name = member.name.rstrip("/")
            if name in (".", ""):
                continue
            path = parents_without_links(work, name[2:] if name.startswith("./") else name, known)
            if member.isdir():
                if not os.path.isdir(path) or os.path.islink(path):
                    os.mkdir(path, 0o755)
            elif member.isreg():
                source = archive.extractfile(member)
                if source is not None:
                    write_file(path, 0o755 if member.mode & 0o100 else 0o644, iter(partial(source.read, _CHUNK), b""))
            elif member.issym():
                if os.path.lexists(path):
                    raise Refused(f"link {name!r} is in the archive twice")
                os.symlink(member.linkname, path)
                links.append((path, name, member.linkname))
            else:
                raise Refused(f"entry {name!r} is neither file, directory nor symbolic link")
    inside = os.path.realpath(work)
    for path, name, target in links:
        real = os.path.realpath(path)
        if target.startswith("/") or not (real == inside or real.startswith(inside + "/")):
            raise Refused(f"link {name!r} points outside the work directory to {target!r}")


def lay_in(plan: Plan) -> None:
    known: set[str] = set()
    if plan["archive"] is not None:
        unpack(plan["work"], plan["archive"], known)
    for name, size in plan["files"]:
        path = parents_without_links(plan["work"], name, known)
        old = os.stat(path).st_mode & 0o100 if os.path.isfile(path) and not os.path.islink(path) else 0
        write_file(path, 0o755 if old else 0o644, [read_exactly(size)])


def matches(parts: list[str], pattern: list[str]) -> bool:
    from fnmatch import fnmatchcase

    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(matches(parts[start:], pattern[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and matches(parts[1:], pattern[1:])


def candidates(work: str, pattern: str) -> Iterator[str]:
    """Relative paths that match, never reached through a symbolic link."""
    segments = pattern.split("/")
    if not any(mark in pattern for mark in "*?["):
        parents = ["/".join(segments[:end]) for end in range(1, len(segments))]
        if os.path.lexists(work + "/" + pattern) and not any(os.path.islink(work + "/" + p) for p in parents):
            yield pattern
        return
    for here, _, names in os.walk(work):
        base = os.path.relpath(here, work)
        for name in names:
            relative = name if base == "." else base + "/" + name
            if matches(relative.split("/"), segments):
                yield relative


def collect(plan: Plan) -> tuple[list[tuple[str, int, int]], list[str]]:
    """Open what was asked for: (relative path, size, descriptor) of what fits, and the names of what does not."""
    found: list[tuple[str, int, int]] = []
    left_out: list[str] = []
    room = plan["collect_bytes"]
    names = {name for pattern in plan["collect"] for name in candidates(plan["work"], pattern)}
    for name in sorted(names):
        try:
            descriptor = os.open(plan["work"] + "/" + name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            left_out.append(name)
            continue
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > room or len(found) >= _KEPT_NAMES:
            os.close(descriptor)
            left_out.append(name)
            continue
        room -= facts.st_size
        found.append((name, facts.st_size, descriptor))
    return found, left_out[:_KEPT_NAMES]


def content(size: int, descriptor: int) -> Iterator[bytes]:
    """Exactly `size` bytes of an open file, padded if it turns out shorter."""
    with os.fdopen(descriptor, "rb") as source:
        while size > 0:
            chunk = source.read(min(size, _CHUNK)) or b"\0" * min(size, _CHUNK)
            size -= len(chunk)
            yield chunk
