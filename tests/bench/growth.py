"""Whether parsers and masks stay linear on inputs made to slow them down: time(2n) / time(n) is 2, a square gives 4."""

import time
from collections.abc import Callable, Mapping

from bot.ci.findings import collect
from bot.ci.reports.recorded import read_recorded
from bot.ci.reports.traceback import read_traceback
from bot.failures.history import read_record
from bot.failures.masks import mask, mask_callee, mask_identifiers
from tests.bench.table import show_facts

START = 20_000
SHAPES: Mapping[str, Callable[[int], str]] = {
    "blanks": lambda n: "E   " + " " * n + "x",
    "one letter": lambda n: "a" * n + "!",
    "brackets": lambda n: "E   " + "([{" * (n // 3),
    "quotes": lambda n: "assert '" + "\\'" * (n // 2),
    "dots": lambda n: "a." * (n // 2) + "Error: x",
    "slashes": lambda n: "a/" * (n // 2),
    "mypy": lambda n: "a.py:1: error: " + "x  [" * (n // 4),
    "unittest": lambda n: ("=" * 70 + "\nFAIL: t (m.C.t)\n" + "-" * 70 + "\n") * (n // 160),
    "rulers": lambda n: "=====\n" * (n // 6),
    "exits": lambda n: "exited with code 137" * (n // 20),
    "callables": lambda n: "<bound method a of " * (n // 19),
    "causes": lambda n: "The above exception was the direct cause of the following exception:\n" * (n // 70),
    "upside down": lambda n: "Line 1 in f (a.py)\n" * (n // 19),
    "wrong answers": lambda n: "Wrong Answer: input '" + "' expected '" * (n // 12) + "' got '",
    "numbers": lambda n: "1 " * (n // 2),
}
PARSERS: Mapping[str, Callable[[str], object]] = {
    "artifact": lambda text: collect({"report.txt": text.encode()}, (), {}),
    "log": lambda text: collect({}, (), {"job": text.encode()}),
    "traceback": read_traceback,
    "record": lambda text: read_recorded(text, "WrongAnswer"),
    "record line": lambda text: read_record(text.encode()),
    "masks": lambda text: (mask(text), mask_callee(text), mask_identifiers(text)),
}


def growth(parse: Callable[[str], object], shape: Callable[[int], str]) -> tuple[float, float]:
    """(time(2n) / time(n), the larger time in seconds), with n large enough for a clock to tell."""
    size = START
    while (small := _seconds(parse, shape(size))) < 0.01 and size < 2_000_000:
        size *= 2
    large = _seconds(parse, shape(2 * size))
    return large / max(small, 1e-6), large


def _seconds(parse: Callable[[str], object], text: str) -> float:
    def once() -> float:
        started = time.process_time()
        parse(text)
        return time.process_time() - started

    return min(once() for _ in range(3))


def report_growth() -> None:
    """The worst shape of each parser."""
    rows: list[tuple[str, str, str]] = []
    for name, parse in PARSERS.items():
        found = {shape: growth(parse, make) for shape, make in SHAPES.items()}
        worst = max(found, key=lambda shape: found[shape][0])
        slowest = max(seconds for _, seconds in found.values())
        rows.append((name, f"{found[worst][0]:.2f} ({worst}); slowest input {slowest:.2f} s", "about 2; under 1 s"))
    show_facts("Growth of time when the input doubles, worst of the shapes", rows)
