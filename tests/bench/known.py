"""Questions whose answers are known, asked of recorded attempts of real models: the effect is found, the traps are not.

The first half of the tasks screens and registers, the second is the evidence. Tasks come in the order of their hashed
names, as an import of them does: in the file's own order each block would hold one kind of task only.
"""

import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.learning.evidence import advance, crossed
from bot.learning.matching import table_of
from bot.learning.registering import register, registration
from bot.model.evidence import FeatureValue, TaskId
from bot.model.ids import ItemKey
from bot.model.learning_policy import ProposePolicy
from bot.model.pattern import (
    Candidate,
    Context,
    ContextLiteral,
    EvidencePoint,
    Hypothesis,
    Registration,
    Signature,
    Support,
    Table,
    Unit,
)
from bot.statistics import hypergeometric
from bot.statistics.odds_ratio import OddsRatio, pooled
from tests.bench.failures import data_file
from tests.bench.planted import SCREEN, with_policy
from tests.bench.table import show_facts

FAILS = Signature("category", "other")
"""Of these attempts only whether they passed is asked."""
AT = datetime(2026, 1, 1, tzinfo=UTC)
BLOCKS = (10, 20, 50)
"""What is found must not hang on the size of a block."""
MULTIPLE = frozenset({"double", "triple", "quadruple"})
SYNTAX = frozenset(
    {"colon missing", "unclosed string", "parentheses mismatch", "indentation error", "wrong comment mark"}
)
Fact = tuple[bool, Mapping[str, FeatureValue]]
"""Whether a task failed, and its features."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a hypothesis."""

    registration: Registration
    screened: bool
    """Whether the first half would have registered it."""
    points: tuple[EvidencePoint, ...]
    everything: OddsRatio | None
    """Over all of the tasks, in strata."""

    @property
    def has_crossed(self) -> bool:
        """Whether the second half is evidence enough, for whoever registered it."""
        return any(crossed(point) for point in self.points)

    @property
    def proposed(self) -> bool:
        return self.screened and self.has_crossed

    @property
    def highest(self) -> float:
        """The e-value was never above this, in the second half, whether it was registered or not."""
        return max(point.e_value for point in self.points)


def units_of(facts: Sequence[Fact]) -> list[Unit]:
    """A task each, in the order given."""
    return [
        Unit(
            task=TaskId(str(place)),
            item=ItemKey("1"),
            assigned_at=AT,
            position=place,
            cluster=str(place),
            labeller="",
            context=features,
            signatures=frozenset({FAILS} if failed else ()),
        )
        for place, (failed, features) in enumerate(facts)
    ]


def bug_kind(label: str) -> str:
    """The family of a bug's label: several bugs at once, one of syntax, or another one."""
    return "multiple" if label in MULTIPLE else "syntax" if label in SYNTAX else "other"


def ask(units: Sequence[Unit], context: Context, block: int, *, strata: tuple[str, ...] | None = None) -> Answer:
    """Screen by the first half, judge by the second; every block is looked at."""
    policy = with_policy(20, block)
    half = len(units) // 2
    candidate = _candidate(units[:half], context, policy)
    support = candidate.support
    passes = (
        support.table.inside_with >= SCREEN.tasks
        and support.lift >= SCREEN.lift
        and support.p_value <= SCREEN.p_value
        and register([candidate], known=(), in_quarter=0, today=0, next_position=half, now=AT, policy=policy) != ()
    )
    made = registration(candidate, half, AT, policy)
    made = made if strata is None else replace(made, strata=strata)
    points: list[EvidencePoint] = []
    for number in range(made.first_position // block, len(units) // block):
        tasks = units[number * block : (number + 1) * block]
        before = points[-1] if points else None
        points.append(advance(made, before, number, tasks, at=AT + timedelta(days=number), proposals=0))
    whole = [each.table for each in table_of(made, units)]
    return Answer(made, passes, tuple(points), pooled(whole))


def _candidate(units: Sequence[Unit], context: Context, policy: ProposePolicy) -> Candidate:
    hypothesis = Hypothesis("rule", context, FAILS)
    nothing = Support(Table(0, 0, 0, 0), 0.0, 1.0, 0.0, 0, 0, 0)
    counting = replace(registration(Candidate(hypothesis, nothing, "mined"), 0, AT, policy), strata=())
    (stratum,) = table_of(counting, units)
    table = stratum.table
    expected = table.inside * table.with_failure
    support = replace(
        nothing,
        table=table,
        lift=table.inside_with * table.tasks / expected if expected else 0.0,
        p_value=hypergeometric.at_least(table),
    )
    return Candidate(hypothesis, support, "mined")


def context(feature: str, value: str) -> Context:
    return (ContextLiteral(feature, value),)


def facts_of(
    path: Path, source: str, features: Callable[[Mapping[str, Any]], Mapping[str, FeatureValue]]
) -> list[Fact]:
    """The first try of each task and model of a source, in the order in which an import places them."""
    first: dict[str, Fact] = {}
    with gzip.open(path, "rb") as file:
        for line in file:
            record: Mapping[str, Any] = json.loads(line)
            if record["source"] == source:
                names = "\0".join((record["source"], record["task_id"], record["model"]))
                key = hashlib.sha256(names.encode()).hexdigest()
                first.setdefault(key, (not record["passed"], features(record)))
    return [fact for _, fact in sorted(first.items())]


def bug_features(record: Mapping[str, Any]) -> Mapping[str, FeatureValue]:
    label = record["input_bug_label"]
    return {
        "repository": "debugbench",
        "model": record["model"],
        "input_bug_label": label,
        "input_bug_kind": bug_kind(label),
    }


def patch_features(record: Mapping[str, Any]) -> Mapping[str, FeatureValue]:
    touched, files = record.get("patch_touches") or (), record.get("files") or ()
    return {
        "repository": record["task_id"].rpartition("-")[0],
        "model": record["model"],
        "patch_touches": tuple(touched),
        "patch_files": "3+" if len(files) >= 3 else str(len(files)),
    }


def report() -> None:
    """One table, or that there is nothing to ask."""
    path = data_file()
    if path is None:
        sys.stdout.write("Known answers on recorded attempts: not run: no data\n")
        return
    bugs = units_of(facts_of(path, "thunlp/DebugBench debug", bug_features))
    patches = units_of(facts_of(path, "gruckion/mini-swe-agent swebench-verified final", patch_features))
    asked = [
        (bugs, "input_bug_kind", "multiple", "proposed"),
        (bugs, "input_bug_kind", "syntax", "not proposed"),
        *((bugs, "input_bug_label", label, "") for label in ("double", "triple", "quadruple")),
        (patches, "patch_touches", "touches-tests", "not proposed"),
        (patches, "patch_touches", "touches-config", "not proposed"),
        (patches, "patch_files", "3+", "not proposed"),
    ]
    rows = [
        (f"{value}, blocks of {block}", told(ask(units, context(feature, value), block)), wanted)
        for units, feature, value, wanted in asked
        for block in BLOCKS
    ]
    show_facts("Known answers on recorded attempts, threshold 200", rows)


def told(answer: Answer) -> str:
    found = answer.everything
    ratio = f"{found.estimate:.2f} ({found.low:.2f} to {found.high:.2f})" if found else "none"
    support = answer.registration.support
    passed = "screened" if answer.screened else "not screened"
    screened = f"{passed} (lift {support.lift:.2f}, p {support.p_value:.2g})"
    verdict = "proposed" if answer.proposed else "not proposed"
    return f"odds ratio {ratio}, {screened}, e at most {answer.highest:.3g}: {verdict}"
