"""Counts of tasks by context and signature: what mining hands to the screen, as columns of numbers.

There are easily hundreds of thousands of them, so they are arrays and not objects; a context is up to three literals by
their numbers, and `decoded` turns the few that matter back into words.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.model.pattern import Context, ContextLiteral, Signature

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How many tasks are in each context, and how many of those have each signature.

    A task counts once, however many units it has: it is in a context if any of its units is, and has the failure there
    if a unit inside has it. Tasks of one cluster are one task.
    """

    tasks: int
    literals: tuple[ContextLiteral, ...]
    """Literal number 1 is the first; 0 is none."""
    parents: Numbers
    """By literal number (0 included): number of the broader node's literal, 0 where there is none."""
    signatures: tuple[Signature, ...]
    broader: tuple[frozenset[int], ...]
    """By signature: those that never fail to come with it, such as its category; places in `signatures`."""
    with_signature: Numbers
    """By signature: tasks that have it in any unit."""
    contexts: Numbers
    """Shape (contexts, 3): literal numbers in ascending order, zeros first; the first row is the empty context."""
    inside: Numbers
    """By context: tasks in it."""
    context: Numbers
    """By count: its row in `contexts`."""
    signature: Numbers
    """By count: its place in `signatures`."""
    inside_with: Numbers
    """By count: tasks with the signature in a unit inside the context."""
    inside_with_anywhere: Numbers
    """By count: tasks inside the context with the signature in any unit; the others with it are the ones outside."""

    def decoded(self, row: int) -> Context:
        """The context of a row of `contexts`, in words."""
        numbers: list[int] = self.contexts[row].tolist()
        return tuple(sorted(self.literals[number - 1] for number in numbers if number))


@dataclass(frozen=True, slots=True)
class Witnesses:
    """How independent the tasks are that speak for a hypothesis: those in its context with its signature."""

    repositories: int
    days: int
    labellers: int
