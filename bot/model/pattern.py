"""Patterns: hypotheses that a failure is common somewhere, registered before the tasks that judge them.

The unit of everything here is the task: a planned item at its first validation says whether a failure was there, and
however many items or tries a task has, it counts once.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

from bot.model.evidence import Features, TaskId
from bot.model.ids import ItemKey

PatternId = NewType("PatternId", str)
"""Twelve hexadecimal digits, made of the hypothesis itself: the same hypothesis has the same id everywhere."""

SignatureLevel = Literal["category", "rule", "exception", "fingerprint"]
"""How alike two failures have to be to count as one, from the broadest to the narrowest."""

PatternKind = Literal["frequency", "rule"]
"""`frequency`: the failure is common where the context holds. `rule`: it is commoner there than elsewhere."""

Origin = Literal["mined", "tree", "transfer", "person"]
"""Who suggested a hypothesis; none of them is evidence."""

NODE = "action_item"
"""The feature whose literals hold for a node of the taxonomy and for everything below it."""


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """What went wrong. A rule's value is `tool:rule`, as in `ruff:F821`; a category's and an exception's their name."""

    level: SignatureLevel
    value: str


@dataclass(frozen=True, slots=True, order=True)
class ContextLiteral:
    """A feature that is known before the first Executor call, and the value that it has."""

    feature: str
    value: str


Context = tuple[ContextLiteral, ...]
"""Sorted, of distinct features, at most three; all of them hold."""


@dataclass(frozen=True, slots=True, order=True)
class Hypothesis:
    """Where `context` holds, `signature` is common (frequency) or commoner than elsewhere (rule)."""

    kind: PatternKind
    context: Context
    signature: Signature

    @property
    def id(self) -> PatternId:
        parts = [self.kind, self.signature.level, self.signature.value]
        parts += [part for literal in self.context for part in (literal.feature, literal.value)]
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return PatternId(hashlib.sha256(text.encode()).hexdigest()[:12])

    @property
    def text(self) -> str:
        """Short and for people: `action_item=fix_defect & model=a -> ruff:F821`."""
        where = " & ".join(f"{literal.feature}={literal.value}" for literal in self.context) or "anywhere"
        return f"{where} -> {self.signature.value}"


@dataclass(frozen=True, slots=True)
class Unit:
    """A planned item of a task at its first validation: what mining counts."""

    task: TaskId
    item: ItemKey
    assigned_at: datetime
    """Of its task."""
    position: int
    """Place of its task in the order of assignment, from 0; the clock of all evidence."""
    cluster: str
    """Tasks of one cluster are not independent of each other (one issue labelled twice): they count once."""
    labeller: str
    """Salted hash of who asked for it; empty where nobody is known."""
    context: Features
    """Features known before the first Executor call: the task's and the item's together; `ancestors` is a tuple."""
    signatures: frozenset[Signature]
    """What its first validation found, at every level; empty where it passed."""


@dataclass(frozen=True, slots=True)
class Table:
    """A 2x2 table of tasks: of so many in the context and so many outside of it, how many had the failure."""

    inside: int
    outside: int
    inside_with: int
    outside_with: int

    @property
    def tasks(self) -> int:
        return self.inside + self.outside

    @property
    def with_failure(self) -> int:
        return self.inside_with + self.outside_with


@dataclass(frozen=True, slots=True)
class Support:
    """What the screen saw when a hypothesis was suggested; it earned a registration and is no evidence."""

    table: Table
    lift: float
    p_value: float
    """One-sided hypergeometric; for a frequency the one-sided binomial against the base rate."""
    productive_p: float
    """The greatest p-value against a generalisation that leaves one literal out; 0 without literals to leave out."""
    repositories: int
    days: int
    labellers: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hypothesis that passed the screen."""

    hypothesis: Hypothesis
    support: Support
    origin: Origin


@dataclass(frozen=True, slots=True)
class Registration:
    """A hypothesis that new tasks will judge; every number that its judgement depends on is fixed here."""

    hypothesis: Hypothesis
    support: Support
    origin: Origin
    registered_at: datetime
    quarter: str
    """`2026-Q4`: its budget is that quarter's for life."""
    budget: int
    """M: registrations that the quarter allows."""
    alpha: float
    factor: float
    """By how much its threshold is raised: above 1 for one that is tried again."""
    grid: tuple[float, ...]
    """Odds ratios (rule) or rates (frequency) that are bet on, in equal parts."""
    base_rate: float
    """The rate that a frequency has to beat; 0 for a rule."""
    block: int
    """Tasks in one block of the clock."""
    first_position: int
    """The first task that counts as evidence: the beginning of a block."""
    strata: tuple[str, ...]
    """Features within which tasks are compared."""

    @property
    def id(self) -> PatternId:
        return self.hypothesis.id


@dataclass(frozen=True, slots=True)
class StratumTable:
    """The table of one stratum within one block, or over all blocks so far."""

    stratum: str
    table: Table


@dataclass(frozen=True, slots=True)
class EvidencePoint:
    """Where the evidence stood after a block of tasks had closed; every number that a decision used."""

    pattern: PatternId
    block: int
    """Number of the block on the clock: its tasks have the positions from `block * size` on."""
    at: datetime
    tables: tuple[StratumTable, ...]
    """Of this block alone."""
    log_e: tuple[float, ...]
    """Natural logarithms, one for each member of the grid, over all blocks so far."""
    e_value: float
    threshold: float
    proposals: int
    """R: patterns of the quarter that had crossed before this block was judged, and those that cross with it."""


PatternStatus = Literal["watched", "crossed", "proposed", "merged", "rejected", "retired", "deleted"]
"""`watched`: its evidence is gathered. `crossed`: enough of it. The others: what became of it."""

PatternAct = Literal["registered", "crossed", "proposed", "merged", "rejected", "retired", "deleted"]


@dataclass(frozen=True, slots=True)
class PatternEvent:
    """One thing that happened to a pattern; its status is the last of them."""

    pattern: PatternId
    at: datetime
    act: PatternAct
    actor: str
    """`rmo`, or the person."""
    detail: str
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A registration with its history."""

    registration: Registration
    points: tuple[EvidencePoint, ...]
    events: tuple[PatternEvent, ...]

    @property
    def status(self) -> PatternStatus:
        last = self.events[-1].act if self.events else "registered"
        return "watched" if last == "registered" else last

    @property
    def e_value(self) -> float:
        return self.points[-1].e_value if self.points else 1.0
