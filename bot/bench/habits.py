"""The simulated coder's habits: what it does wrong, how often, where, and what it makes of advice.

A habit is a rate, not a certainty. Whether it comes through in a given answer is a draw that follows from the seed,
the task, the request, how often that was asked before, and the habit: a bench with the same seed tells the same story,
and the two arms of a replay are as independent of each other as two answers of a model. Advice counts
only if it is found in the prompt, word for word, and what it does is stated here, beside the rate; some does nothing,
and some harms.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.bench.exercises import Exercise, Kind
from bot.bench.mistakes import (
    Mistake,
    ambiguous_name,
    bare_except,
    compare_with_none,
    missing_return,
    off_by_one,
    unclosed_bracket,
    undefined_name,
    unused_import,
    unused_variable,
    wrong_comparison,
)
from bot.model.protocol import ItemKind, Remedy

PROSE: Final = "prose"
"""Instead of a mistake in the program: an answer in words that calls no tool."""

SECOND_TRY: Final = 0.25
"""Told what was found, the coder falls into the same habit less often."""


@dataclass(frozen=True, slots=True)
class Habit:
    """One thing that this coder does."""

    name: str
    rate: float
    """Of first answers where it applies."""
    mistake: Mistake | Literal["prose"]
    answers: tuple[str, ...]
    """The failures that it is found as, in the words of remedies: advice against one of them is advice against it."""
    where: tuple[Kind, ...] = ("lists", "text", "numbers")
    """Kinds of repositories in which it shows."""
    instruction: float = 0.4
    """What an instruction against it makes of the rate, as a factor; 1 is no effect."""
    example: float = 0.2
    """What a worked example against it makes of the rate."""
    provoked_by: tuple[str, ...] = ()
    """Instructions against one of these provoke it."""
    provoked: float = 1.0
    """What they make of the rate."""


HABITS: Final = (
    Habit(
        "prose instead of a tool call",
        0.14,
        PROSE,
        ("category=format",),
        instruction=0.9,
        example=0.1,
        # Told to work the result out, it does so in front of everybody.
        provoked_by=("exception=AssertionError", "category=logic"),
        provoked=1.8,
    ),
    Habit(
        "unclosed bracket",
        0.18,
        unclosed_bracket,
        ("category=syntax", "exception=SyntaxError", "rule=python:SyntaxError"),
        instruction=0.7,
        example=0.3,
    ),
    Habit(
        "undefined name",
        0.32,
        undefined_name,
        ("rule=ruff:F821", "exception=NameError"),
        where=("lists",),
        instruction=1.0,
        example=0.25,
    ),
    Habit("unused import", 0.30, unused_import, ("rule=ruff:F401",), where=("text",), instruction=0.5, example=0.3),
    Habit("unused variable", 0.26, unused_variable, ("rule=ruff:F841",), where=("numbers",), instruction=0.3),
    Habit("comparison with None by ==", 0.08, compare_with_none, ("rule=ruff:E711",), instruction=0.3),
    Habit("bare except", 0.15, bare_except, ("rule=ruff:E722",)),
    Habit("variable called l", 0.10, ambiguous_name, ("rule=ruff:E741",), instruction=1.0),
    Habit(
        "off by one",
        0.08,
        off_by_one,
        ("exception=AssertionError", "exception=IndexError", "category=logic"),
        instruction=0.9,
        example=0.7,
    ),
    Habit("wrong comparison", 0.05, wrong_comparison, ("exception=AssertionError", "category=logic"), example=1.0),
    Habit("missing return", 0.06, missing_return, ("exception=AssertionError", "category=logic"), instruction=1.0),
)
"""What this coder is like. None of these numbers is known to the program that has to find it out."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A line of a checklist as the coder takes it: what it is against, and in which form it comes."""

    text: str
    kind: ItemKind
    answers: tuple[str, ...]


def advice_of(remedies: Sequence[Remedy]) -> tuple[Advice, ...]:
    """What can stand in a prompt; a check is enforced and not told."""
    return tuple(Advice(each.text.strip(), each.kind, each.answers) for each in remedies if each.kind != "check")


def found_in(checklist: str, known: Sequence[Advice]) -> tuple[Advice, ...]:
    """The advice that really stands there, word for word."""
    return tuple(each for each in known if each.text and each.text in checklist)


def rate_of(habit: Habit, advice: Sequence[Advice], *, attempt: int) -> float:
    """How often `habit` comes through for one who has read `advice`; each line against it counts once."""
    rate = habit.rate * SECOND_TRY ** (attempt - 1)
    for each in advice:
        if set(each.answers) & set(habit.answers):
            rate *= habit.example if each.kind == "example" else habit.instruction
        if each.kind == "instruction" and set(each.answers) & set(habit.provoked_by):
            rate *= habit.provoked
    return min(rate, 1.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the coder comes up with."""

    text: str
    """The module."""
    habits: tuple[str, ...]
    """Those that came through, in the order in which they were worked in."""
    is_prose: bool


def answer(
    exercise: Exercise, advice: Sequence[Advice], *, attempt: int, draw: str, habits: Sequence[Habit] = HABITS
) -> Answer:
    """A solution with whatever habits come through; `draw` is what chance is derived from.

    A text that no parser reads any more takes no further mistake, so what breaks the syntax comes last.
    """
    text, shown, is_prose = exercise.solution, list[str](), False
    last = [each for each in habits if each.mistake is unclosed_bracket]
    for habit in (*(each for each in habits if each not in last), *last):
        if exercise.kind not in habit.where:
            continue
        if chance(draw, habit.name) >= rate_of(habit, advice, attempt=attempt):
            continue
        if habit.mistake == PROSE:
            is_prose = True
            shown.append(habit.name)
            continue
        wrong = habit.mistake(text, exercise.entry, chance(draw, habit.name, "where"))
        if wrong is not None:
            text = wrong
            shown.append(habit.name)
    return Answer(text, tuple(shown), is_prose)


def chance(*facts: str) -> float:
    """A number from 0 to below 1, evenly spread, the same for the same facts."""
    joined = "".join(f"{len(each)}:{each}" for each in facts)
    return int.from_bytes(hashlib.sha256(joined.encode()).digest()[:7], "big") / 2**56
