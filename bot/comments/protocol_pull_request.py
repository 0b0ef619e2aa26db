"""Pull requests that change a checklist by one item: what changes and why, what it rests on, and the way back.

Written for somebody who has two minutes and has never seen the pattern. Every sentence is ours; what varies are
numbers, names of the catalogue, and the reviewed wording itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, assert_never

from bot.comments.evidence_card import context_words, count, history, number, signature_words
from bot.comments.quoting import MAX_CHARACTERS
from bot.model.pattern import Pattern
from bot.model.proposal import Conflict, ProposedItem
from bot.model.protocol import Catalogue, ItemState
from bot.model.rollout import ItemEvent, TrialStatistics

_KINDS: Final = {
    "check": "a mechanical check before the push",
    "example": "a short worked example",
    "instruction": "a line of advice",
}
_BECAUSE: Final = {
    "human": "a person decided on it",
    "specific": "its context is narrower",
    "evidence": "its evidence is stronger",
    "newer": "it is the newer one",
}
_DONE: Final[Mapping[str, str]] = {
    "merged": "It was merged and goes to replays.",
    "stage": "Replays of old tasks spoke for it; it is now told on part of the live tasks.",
    "promote": "It has shown that it helps; it is now told wherever it applies.",
    "roll_back": "It does harm. The program stopped telling it when the numbers said so; this only writes it down.",
    "prune": "It has shown to do less than it costs, or nothing; it is told no more.",
    "expire": "Its time is over without a new look; it goes back to be tried again.",
    "refuse": "Replays of old tasks spoke against it; no live task was told it.",
    "override": "A person decided it, which outranks every number.",
    "file": "A person changed the file.",
}
_ROUTES: Final[Mapping[str, str]] = {
    "": "",
    "success": "More tasks succeed with it.",
    "target": "The failure it is meant to prevent is rarer with it, and success is not worse.",
    "replay": "Earned by replays of old tasks alone, since live tasks are too few; its expiry has it tried again.",
}
_TITLES: Final[Mapping[ItemState, str]] = {
    "draft": "Draft",
    "testing": "Test",
    "staged": "Stage",
    "production": "Promote",
    "retired": "Retire",
    "rolled_back": "Roll back",
}
_MINE: Final = "Its wording comes from the reviewed catalogue of remedies; no text of a failure or of a model is in it."


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """All that the text of a pull request for a new item rests on."""

    item: ProposedItem
    pattern: Pattern
    path: str
    odds: tuple[float, float, float] | None
    """Odds ratio with its 95 % interval, over the new tasks; None where there is nothing to compare."""
    tasks: int
    """New tasks that judged it, of its context."""
    reproducibility: tuple[float, float, float, Literal["systematic", "stochastic", "undecided"]] | None
    """How often the failure comes in its context, with bounds, and what that is."""
    tokens: int
    """That it costs in every prompt it stands in."""
    conflicts: Sequence[Conflict]
    replays: TrialStatistics | None
    """Of replays that were done beforehand."""
    related: Sequence[Pattern] = ()
    """Other patterns of the same failure."""
    earlier: int = 0
    """How often it was proposed and turned down before."""


def proposal_title(item: ProposedItem, pattern: Pattern, catalogue: Catalogue) -> str:
    """What the pull request is for, in a line."""
    what = signature_words(pattern.registration.hypothesis.signature, catalogue).replace("`", "")
    return f"Checklist: {item.kind} against {what}"[:120]


def proposal_body(facts: ProposalFacts, catalogue: Catalogue) -> str:
    """The text of a pull request that adds an item."""
    item, pattern = facts.item, facts.pattern
    hypothesis, support = pattern.registration.hypothesis, pattern.registration.support
    where, what = context_words(hypothesis, catalogue), signature_words(hypothesis.signature, catalogue)
    more = "is common" if hypothesis.kind == "frequency" else "comes more often than elsewhere"
    parts = [
        f"**What happens:** {where}, {what} {more}. This adds one item against it to `{facts.path}`: "
        f"{_KINDS[item.kind]}.",
        _wording(item, catalogue),
        f"**Why this wording:** {item.reason} {_MINE}",
        _section("Evidence", "\n\n".join([_numbers(facts), history(pattern.points)])),
        f"It was suggested by {count(support.table.inside_with)} tasks of {count(support.repositories)} repositories, "
        f"on {count(support.days)} days, asked for by {count(support.labellers)} people; these count for nothing in "
        "the e-value, which rests on tasks that came after the registration.",
        _section("Who else knows it", _related(facts.related, catalogue)),
        _section("Replays", _replays(facts.replays)),
        _section("Conflicts", _conflicts(facts.conflicts, catalogue)),
        _section("What it costs", _cost(facts)),
        _section("What happens next", _next(item)),
        f"<sub>pattern `{hypothesis.id}` · item `{item.id}`"
        + (f" · proposed before, and turned down: {facts.earlier} time(s)" if facts.earlier else "")
        + "</sub>",
    ]
    return "\n\n".join(part for part in parts if part)[:MAX_CHARACTERS] + "\n"


def record_title(item: str, event: ItemEvent) -> str:
    """What a pull request is for that writes a decision down."""
    return f"Checklist: {_TITLES[event.state].lower()} {item}"


def record_body(item: str, path: str, before: ItemState, event: ItemEvent) -> str:
    """The text of a pull request that changes an item's state to what is in force already."""
    numbers = {name: value for name, value in event.numbers.items() if re.fullmatch(r"[a-z][a-z_0-9]{0,39}", name)}
    judged = _judged(numbers) if numbers.pop("late_decided", 0) else ""
    rows = [f"| {name.replace('_', ' ')} | {number(value)} |" for name, value in sorted(numbers.items())]
    parts = [
        f"**What happens:** `{item}` in `{path}` goes from {before} to {event.state}. {_DONE[event.kind]} "
        f"{_ROUTES[event.route]}".rstrip(),
        judged,
        "**Why a pull request:** the file should say what is in force. Nothing else changes, and what is in force does "
        "not wait for the merge.",
        _section("The numbers it rests on", "\n".join(["| | |", "|---|---:|", *rows]) if rows else ""),
        _section(
            "If you disagree",
            f"Close this, and say so to the program: `rmo protocols pin {item}` keeps an item as it is, "
            f"`rmo protocols ban {item}` takes it out for good. A person's word outranks every number.",
        ),
        f"<sub>item `{item}` · decided {event.at:%Y-%m-%d %H:%M} UTC</sub>",
    ]
    return "\n\n".join(part for part in parts if part)[:MAX_CHARACTERS] + "\n"


def _judged(numbers: Mapping[str, float]) -> str:
    """What people made of the work, where that decided."""
    told, others = (
        f"{count(round(accepted))} of {count(round(accepted + numbers.get(f'late_{arm}_rejected', 0)))}"
        for arm in ("treated", "control")
        for accepted in (numbers.get(f"late_{arm}_accepted", 0),)
    )
    return (
        "**What decided:** not CI, but what people made of the pull requests afterwards. Merged and not reverted "
        f"within 30 days, of those that were merged or closed: {told} with the item, {others} without it. E-value of "
        f"harm {number(numbers.get('e_late_harm', 0))}, threshold {number(numbers.get('e_late_harm_threshold', 0))}."
    )


def _section(title: str, text: str) -> str:
    return f"#### {title}\n\n{text}" if text else ""


def _wording(item: ProposedItem, catalogue: Catalogue) -> str:
    match item.kind:
        case "instruction":
            return f"> {item.text}"
        case "check":
            return f"> `{item.text}` has no finding in what a change brings."
        case "example":
            text = next((each.text for each in catalogue.remedies if each.example == item.text), "")
            return f"```python\n{text.rstrip()}\n```"
        case _ as unreachable:
            assert_never(unreachable)


def _numbers(facts: ProposalFacts) -> str:
    pattern = facts.pattern
    last = pattern.points[-1] if pattern.points else None
    rows = [f"| New tasks that judged it | {count(facts.tasks)} |"]
    if last is not None:
        rows.append(
            f"| e-value, and the threshold it had to reach | {number(last.e_value)} against {number(last.threshold)} |"
        )
    if facts.odds is not None:
        estimate, low, high = (number(value) for value in facts.odds)
        rows.append(f"| Odds ratio (95 % interval) | {estimate} ({low} to {high}) |")
    if facts.reproducibility is not None:
        rate, low, high, nature = facts.reproducibility
        rows.append(f"| How often it comes back | {rate:.0%} ({low:.0%} to {high:.0%}): {nature} |")
    promise = f"At most {pattern.registration.alpha:.0%} of the proposals of a quarter are expected to be false."
    return "\n".join(["| | |", "|---|---:|", *rows, "", promise])


def _related(related: Sequence[Pattern], catalogue: Catalogue) -> str:
    rows = [
        f"- {context_words(each.registration.hypothesis, catalogue)}: {each.status}, e-value {number(each.e_value)}"
        for each in related[:10]
    ]
    return "\n".join(["The same failure is looked at elsewhere:", "", *rows]) if rows else ""


def _replays(replays: TrialStatistics | None) -> str:
    if replays is None:
        return (
            "None yet: after the merge, old tasks are done again with and without it before any live task is told it."
        )
    names = sorted(name for name in replays.values if re.fullmatch(r"[a-z][a-z_0-9]{0,39}", name))
    rows = [f"| {name.replace('_', ' ')} | {number(replays.values[name])} |" for name in names]
    counts = f"{count(replays.treated.tasks)} old tasks were done again on both arms."
    return "\n".join([counts, "", "| | |", "|---|---:|", *rows]) if rows else counts


def _conflicts(conflicts: Sequence[Conflict], catalogue: Catalogue) -> str:
    known = {item.id for item in catalogue.items}
    rows = [
        f"- `{each.item}` advises otherwise in the same place; the {each.wins} item has precedence, because "
        f"{_BECAUSE[each.because]}."
        for each in conflicts
        if each.item in known
    ]
    return "\n".join(rows) or "None: no item in force advises otherwise in the same place."


def _cost(facts: ProposalFacts) -> str:
    if facts.item.kind == "check":
        return "No tokens: a check is held to and not told. Where it stops a try, one more round of mending."
    return f"About {facts.tokens:,} tokens in each prompt that it stands in."


def _next(item: ProposedItem) -> str:
    return "\n".join(
        [
            "1. **Merge** to have it tried: first on old tasks, then on part of the live ones. It is kept only if it "
            "shows that it helps, and it is looked at anew when its time is over.",
            "2. **Close** to turn it down, and say why if you like: the reason is kept with the pattern.",
            f"3. **Way back:** it is told no more at once if the numbers show harm; by hand with "
            f"`rmo protocols retire {item.id}`, or by reverting this.",
        ]
    )
