"""The evidence for a pattern, for people who have two minutes: in words, as a picture, as a table.

Nothing that a stranger wrote is said. A signature is named only where the catalogue has a remedy for it, a feature's
value only in its closed form; everything else has a description. Counts below five stay unsaid, since they could tell
of single people.
"""

import math
from collections.abc import Sequence
from typing import assert_never

from bot.model.applicability import holds_for
from bot.model.ids import ActionId
from bot.model.pattern import NODE, ContextLiteral, EvidencePoint, Hypothesis, Signature
from bot.model.protocol import Catalogue

FEWEST = 5
PICTURED = 40
TABLED = 8
_FLOOR = 1e-6
_FEATURES = {
    "domain": "in the domain {}",
    "file_kind": "in files of the kind {}",
    "language": "in {} code",
    "model": "with the model {}",
    "planned_items": "in plans of {} items",
}


def count(number: int) -> str:
    """A count as it may leave an installation."""
    return f"{number:,}" if number >= FEWEST else f"fewer than {FEWEST}"


def signature_words(signature: Signature, catalogue: Catalogue) -> str:
    """What goes wrong: by name where the catalogue knows it, else only of what kind it is."""
    answers = {answer for remedy in catalogue.remedies for answer in remedy.answers}
    known = f"{signature.level}={signature.value}" in answers
    match signature.level:
        case "category":
            return f"a failure of the category `{signature.value}`" if known else "a failure of one category"
        case "rule":
            return f"a finding of the rule `{signature.value}`" if known else "a finding of one rule"
        case "exception":
            return f"a failure by `{signature.value}`" if known else "a failure by one kind of exception"
        case "fingerprint":
            return "one particular failure, known to this installation by its fingerprint"
        case _ as unreachable:
            assert_never(unreachable)


def context_words(hypothesis: Hypothesis, catalogue: Catalogue) -> str:
    """Where it goes wrong."""
    return ", ".join(_literal(literal, catalogue) for literal in hypothesis.context) or "anywhere"


def history(points: Sequence[EvidencePoint]) -> str:
    """The e-value after each block of tasks: a chart that GitHub draws, and the last blocks as a table."""
    if not points:
        return "No block of tasks has closed since the registration."
    shown = thinned(points, PICTURED)
    levels = [_level(point.e_value) for point in shown]
    limits = [_level(point.threshold) for point in shown]
    low, high = math.floor(min(*levels, *limits, 0)), math.ceil(max(*levels, *limits, 1))
    axis = ", ".join(f'"{point.block}"' for point in shown)
    chart = [
        "```mermaid",
        "xychart-beta",
        '    title "Evidence (rising) against the threshold (level)"',
        f'    x-axis "block of tasks" [{axis}]',
        f'    y-axis "e-value, power of ten" {low} --> {high}',
        f"    line [{', '.join(f'{level:.3f}' for level in levels)}]",
        f"    line [{', '.join(f'{level:.3f}' for level in limits)}]",
        "```",
    ]
    rows = [
        f"| {point.block} | {point.at:%Y-%m-%d} | {number(point.e_value)} | {number(point.threshold)} |"
        for point in points[-TABLED:]
    ]
    return "\n".join([*chart, "", "| Block | Closed | e-value | Threshold |", "|---:|---|---:|---:|", *rows])


def thinned(points: Sequence[EvidencePoint], most: int) -> tuple[EvidencePoint, ...]:
    """At most so many of the points, evenly, the last among them."""
    step = -(-len(points) // most)
    return tuple(reversed(points[::-1][::step]))


def number(value: float) -> str:
    """Short, for people; the infinite has a sign."""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _level(value: float) -> float:
    return math.log10(min(max(value, _FLOOR), 1 / _FLOOR**2))


def _literal(literal: ContextLiteral, catalogue: Catalogue) -> str:
    node = catalogue.nodes.get(ActionId(literal.value))
    if literal.feature == NODE:
        return f"at the action item `{node.id}` ({node.title})" if node else "at an action item of another catalogue"
    if literal.feature == "repository":
        return "in one repository"
    words = _FEATURES.get(literal.feature)
    return (
        words.format(f"`{literal.value}`") if words and holds_for(literal.feature, literal.value) else "in one context"
    )
