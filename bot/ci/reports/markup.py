"""Walking through a hostile XML report: bounded in bytes, depth and elements, without DTD or entities.

A streaming walk, because a tree of a few megabytes of nested tags costs a hundred times its size in memory.
"""

from collections.abc import Mapping
from typing import Protocol
from xml.etree.ElementTree import ParseError  # the exception alone # nosec B405

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from bot.model.report import Unreadable

REPORT_BYTES = 5 * 1024**2
"""No report of any kind is read beyond this size."""
ELEMENTS = 400_000
DEPTH = 64


class Walker(Protocol):
    """Who is told what a document holds, in its order."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...

    def text(self, content: str) -> None: ...

    def end(self, tag: str) -> None: ...


class Abandoned(Exception):
    """A walker's way to end the walk: its text says why the document is refused."""


def walk(content: bytes, walker: Walker) -> Unreadable | None:
    """Tell `walker` of every element; the reason where the document is not read to its end, else None.

    Only UTF-8 is read, whatever the document declares: other encodings have been used to hide markup from filters.
    """
    if len(content) > REPORT_BYTES:
        return Unreadable(f"larger than {REPORT_BYTES} bytes")
    parser = DefusedXMLParser(target=_Guard(walker), forbid_dtd=True)
    try:
        parser.feed(content.decode("utf-8-sig"))
        parser.close()
    except UnicodeDecodeError:
        return Unreadable("not UTF-8")
    except ParseError as error:
        return Unreadable(f"not well-formed XML: {error}")
    except DefusedXmlException as error:
        return Unreadable(f"XML with a {type(error).__name__.removesuffix('Forbidden')}, which no report needs")
    except Abandoned as error:
        return Unreadable(str(error))
    return None


class _Guard:
    """Counts on behalf of a walker; the method names are those that an XML parser calls on its target."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH:
            raise Abandoned(f"nested more than {DEPTH} deep")
        if self._elements > ELEMENTS:
            raise Abandoned(f"more than {ELEMENTS} elements")
        self._walker.start(tag, attributes)

    def data(self, content: str) -> None:
        self._walker.text(content)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._walker.end(tag)

    def close(self) -> None:
        return None
