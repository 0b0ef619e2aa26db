"""What work is judged by: thresholds only become stricter, and the tools' settings are changed by people."""

import re
from collections.abc import Iterator, Mapping

from bot.ci.tampering.change import Change, ChangedFile
from bot.ci.tampering.places import is_configuration
from bot.ci.tampering.sections import settings_of
from bot.ci.tampering.source import FILE_CHARACTERS, Uninspectable
from bot.model.validation import TamperFinding

_AT_LEAST = frozenset({"fail-under", "cov-fail-under", "min-score", "minimum-coverage", "threshold", "minscore"})
_AT_MOST = frozenset(
    {
        *("max-complexity", "max-line-length", "line-length", "max-doc-length", "max-args", "max-branches"),
        *("max-statements", "max-returns", "max-locals", "max-nested-blocks", "max-public-methods", "max-bool-expr"),
        *("max-positional-args", "max-attributes", "max-module-lines", "max-lines", "max-cognitive-complexity"),
    }
)
_OPTION = re.compile(r"--(?:cov-)?fail-under[= ]++['\"]?+(\d{1,3}(?:\.\d{1,6})?+)")


def lowered_thresholds(change: Change) -> Iterator[TamperFinding]:
    """Settings and options with a number that became easier to meet, or are gone."""
    for file in _existing(change):
        if is_configuration(file.path):
            base, head = _settings(file)
            for name, value in base.items():
                if (easier := _easier(name, value, head.get(name))) is not None:
                    yield TamperFinding("threshold-lowered", file.path, None, easier)
        before, after = _options(file.base or ""), _options(file.head or "")
        if before and min(after, default=0.0) < min(before):
            now = min(after, default=None)
            detail = f"'--fail-under' was {min(before):g} and is {'gone' if now is None else f'{now:g}'}"
            yield TamperFinding("threshold-lowered", file.path, None, detail)


def reconfigured_tools(change: Change) -> Iterator[TamperFinding]:
    """Any other setting of a tool that judges the work; in new files too, since tools find these by themselves."""
    for file in change.files:
        if not is_configuration(file.path) or file.path in change.allowed.paths:
            continue
        base, head = _settings(file)
        for name in sorted({*base, *head}):
            value, now = base.get(name), head.get(name)
            if value != now and not _is_threshold(name, value) and not _only_threshold(value, now):
                how = "added" if name not in base else "removed" if name not in head else "changed"
                yield TamperFinding("tool-reconfigured", file.path, None, f"the setting {name!r} is {how}")


def _existing(change: Change) -> Iterator[ChangedFile]:
    for file in change.files:
        if file.base is not None and file.path not in change.allowed.paths:
            yield file


def _settings(file: ChangedFile) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """Both versions; a version that cannot be read has none, and a gate of its own says so."""
    found = [settings_of(file.path, text or "") for text in (file.base, file.head)]
    if any(isinstance(each, Uninspectable) for each in found):
        return {}, {}
    base, head = (each for each in found if not isinstance(each, Uninspectable))
    return base, head


def _easier(name: str, value: object, now: object) -> str | None:
    then = _number(value)
    if then is None or not _is_threshold(name, value):
        return None
    number = _number(now)
    shown = "gone" if number is None else f"{number:g}"
    if number is None or (number < then if _key(name) in _AT_LEAST else number > then):
        return f"the threshold {name!r} was {then:g} and is {shown}"
    return None


def _is_threshold(name: str, value: object) -> bool:
    return _number(value) is not None and _key(name) in _AT_LEAST | _AT_MOST


def _only_threshold(value: object, now: object) -> bool:
    """Whether two values differ in the number of a threshold's option alone, of which another gate speaks."""
    texts = [_OPTION.sub("--fail-under", f"{each}") for each in (value, now)]
    return texts[0] == texts[1]


def _key(name: str) -> str:
    return name.rpartition(".")[2].lower().replace("_", "-")


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(str(value)[:40])
    except ValueError:
        return None


def _options(text: str) -> list[float]:
    return [float(number) for number in _OPTION.findall(text[:FILE_CHARACTERS])]
