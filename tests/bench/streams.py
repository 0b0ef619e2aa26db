"""Streams of tasks in which nothing is true, looked at after every block: how often is something proposed all the same?

Each world breaks one assumption that a simpler test would need: rates drift, repositories differ, what fails takes
longer, tasks of one issue are alike. The last rows do on purpose what the design forbids, to show what it is worth.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.learning.registering import rates
from tests.bench.blocks import Counts, Flags, Floats, frequency_logs, log_e_values, rule_logs
from tests.bench.planted import PROPOSE

TASKS = 800
BLOCK = 20


@dataclass(frozen=True, slots=True)
class Stream:
    """One entry a task, in the order of assignment; one stream after the other."""

    inside: Flags
    failed: Flags
    stratum: Counts
    stream: Counts
    place: Counts
    """Within its stream, from 0."""


Maker = Callable[[np.random.Generator, int], Stream]


def _stream(inside: Flags, failed: Flags, stratum: Counts | None = None) -> Stream:
    tasks = inside.size // len(inside)
    flat = np.zeros(inside.size, np.int64) if stratum is None else stratum.ravel()
    every = np.arange(inside.size)
    return Stream(inside.ravel(), failed.ravel(), flat, every // tasks, every % tasks)


def plain(generator: np.random.Generator, streams: int) -> Stream:
    """Exactly at the border of both nulls: no difference, and 5 % fail."""
    inside = generator.random((streams, TASKS)) < 0.3
    return _stream(inside, generator.random((streams, TASKS)) < 0.05)


def drifting(generator: np.random.Generator, streams: int) -> Stream:
    """As the context becomes commoner, everything fails more often."""
    time = np.linspace(0, 1, TASKS)
    inside = generator.random((streams, TASKS)) < 0.1 + 0.7 * time
    return _stream(inside, generator.random((streams, TASKS)) < 0.02 + 0.4 * time)


def in_strata(generator: np.random.Generator, streams: int) -> Stream:
    """A repository in which much fails is the one in which the context is common."""
    stratum = generator.integers(0, 3, (streams, TASKS))
    inside = generator.random((streams, TASKS)) < np.array([0.05, 0.3, 0.8])[stratum]
    return _stream(inside, generator.random((streams, TASKS)) < np.array([0.02, 0.1, 0.4])[stratum], stratum)


def confounded(generator: np.random.Generator, streams: int) -> Stream:
    """The same, but nobody looks at repositories: what the strata are for."""
    found = in_strata(generator, streams)
    return Stream(found.inside, found.failed, np.zeros_like(found.stratum), found.stream, found.place)


def by_completion(generator: np.random.Generator, streams: int) -> Stream:
    """Failures outside the context take longer, and tasks are taken in the order in which they ended: forbidden."""
    inside = generator.random((streams, TASKS)) < 0.3
    failed = generator.random((streams, TASKS)) < 0.3
    ended = np.arange(TASKS) + generator.exponential(20, (streams, TASKS)) * np.where(failed & ~inside, 20, 1)
    order = np.argsort(ended, axis=1)
    return _stream(np.take_along_axis(inside, order, 1), np.take_along_axis(failed, order, 1))


def delayed(generator: np.random.Generator, streams: int) -> Stream:
    """The same tasks in the order of assignment, each block judged when all of it has ended."""
    inside = generator.random((streams, TASKS)) < 0.3
    return _stream(inside, generator.random((streams, TASKS)) < 0.3)


def _issues(generator: np.random.Generator, streams: int) -> tuple[Counts, Flags, Flags]:
    """Issues are tried again up to ten times, all tries alike; most of their tries fall into later blocks."""
    issue = np.empty((streams, TASKS), np.int64)
    for row in range(streams):
        repeats = generator.geometric(1 / 5, TASKS)
        issue[row] = np.repeat(np.arange(TASKS), np.minimum(repeats, 10))[:TASKS]
    issue = generator.permuted(issue, axis=1)
    inside = np.take_along_axis(generator.random((streams, TASKS)) < 0.3, issue, 1)
    failed = np.take_along_axis(generator.random((streams, TASKS)) < 0.3, issue, 1)
    return issue, inside, failed


def tried_again(generator: np.random.Generator, streams: int) -> Stream:
    """Of each issue the first task counts, and no later one."""
    issue, inside, failed = _issues(generator, streams)
    found = _stream(inside, failed)
    _, first = np.unique(found.stream * TASKS + issue.ravel(), return_index=True)
    kept = np.sort(first)
    return Stream(found.inside[kept], found.failed[kept], found.stratum[kept], found.stream[kept], found.place[kept])


def counted_again(generator: np.random.Generator, streams: int) -> Stream:
    """Each try counts: forbidden."""
    _, inside, failed = _issues(generator, streams)
    return _stream(inside, failed)


def false_rules(make: Maker, streams: int, seed: int) -> float:
    """The share of streams in which a rule crosses at alpha, with one registration."""
    found = make(np.random.default_rng(seed), streams)
    blocks = TASKS // BLOCK
    block = found.stream * blocks + found.place // BLOCK
    added = rule_logs(found.inside, found.failed, found.stratum, block, streams * blocks, PROPOSE.odds)
    return _crossed(added.reshape(streams, blocks, -1))


def false_frequencies(make: Maker, streams: int, seed: int) -> float:
    """The same for a failure that is as common as the base rate says."""
    found = make(np.random.default_rng(seed), streams)
    blocks = TASKS // BLOCK
    block = found.stream * blocks + found.place // BLOCK
    grid = rates(PROPOSE)
    added = frequency_logs(found.inside, found.failed, block, streams * blocks, grid, PROPOSE.base_rate)
    return _crossed(added.reshape(streams, blocks, -1))


def _crossed(added: Floats) -> float:
    return float((log_e_values(added).max(axis=1) >= math.log(1 / PROPOSE.alpha)).mean())


def at_most(alpha: float, streams: int) -> float:
    """What a share of `alpha` may come out as."""
    return alpha + 3 * math.sqrt(alpha * (1 - alpha) / streams)
