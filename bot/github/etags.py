"""Answers of GET requests with their ETags, so that asking again for what has not changed costs no quota.

GitHub does not count a 304 against the primary limit (GitHub docs: "Best practices for using the REST API"). Kept in
memory and bounded by size; the key names who asked, because an answer depends on what the asker may see.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

CAPACITY = 32 * 1024**2
"""Bytes of answers kept; the one unused for longest goes first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a GET gave: enough to give it again."""

    body: bytes
    next_page: str | None
    """URL of the page after this one."""


class EtagCache:
    """Safe between threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._size = 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, str], tuple[str, Answer]] = OrderedDict()

    def find(self, asker: str, url: str) -> tuple[str, Answer] | None:
        """(ETag, answer) of the last time, None when it was never asked or has been dropped."""
        with self._lock:
            kept = self._answers.get((asker, url))
            if kept is not None:
                self._answers.move_to_end((asker, url))
            return kept

    def keep(self, asker: str, url: str, etag: str, answer: Answer) -> None:
        """Remember an answer, in place of an older one."""
        with self._lock:
            replaced = self._answers.pop((asker, url), None)
            if replaced is not None:
                self._size -= len(replaced[1].body)
            self._answers[asker, url] = etag, answer
            self._size += len(answer.body)
            while self._size > self._capacity:
                _, (_, dropped) = self._answers.popitem(last=False)
                self._size -= len(dropped.body)
