"""The experiment: real samples of a real model on both arms, as paired replays, judged by the gate that judges all.

Stated beforehand: the metric is whether a reply is clean code, success is whether its program does what was
asked, and the policy is the one that the protocols state. Each pair is one function, asked once with the item and
once without; the arms draw with seeds of their own. A gate decides at the first pair that is enough; the pairs that
follow until both candidates are decided only make the report of the success rate surer.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from rich.console import Console
from rich.table import Table

from bot.bench.intervals import Bootstrap, Interval, wilson
from bot.bench.small.candidates import CANDIDATES, Candidate, plain
from bot.bench.small.form import form_of
from bot.bench.small.sampling import SmallModel, small_model, weights
from bot.bench.small.specs import SPECS, Spec
from bot.bench.small.trying import passing
from bot.catalog import find_data, load_policy
from bot.config import Settings
from bot.local.show import Show
from bot.model.command import Unqualified
from bot.model.errors import NeedsHuman
from bot.model.evidence import TaskId
from bot.model.learning_policy import ReplayPolicy
from bot.model.rollout import Decision, ReplayPair
from bot.rollout.replay import decide_replays
from bot.sandbox import Sandbox, qualify

BATCH: Final = 10
"""Pairs between two looks."""
LEAST_PAIRS: Final = 40
"""For the report of the success rate, however early the gate decides."""


@dataclass(slots=True)
class Trial:
    """One candidate at the gate."""

    candidate: Candidate
    pairs: list[ReplayPair] = field(default_factory=list[ReplayPair])
    decision: Decision | None = None
    """Once there is one that is not to hold."""

    def is_done(self) -> bool:
        return self.decision is not None and len(self.pairs) >= LEAST_PAIRS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a candidate."""

    item: str
    kind: str
    text: str
    decision: str
    reason: str
    pairs: int
    unclean: tuple[Interval | None, Interval | None]
    """Share of replies that are no clean code: with the item, without it."""
    passed: tuple[Interval | None, Interval | None]
    passed_change: Interval | None
    """Of the share that passes, in points of one; whole problems are drawn."""

    @property
    def success_changed(self) -> Literal["rose", "fell", "no change shown"]:
        if self.passed_change is None or self.passed_change.low <= 0 <= self.passed_change.high:
            return "no change shown"
        return "rose" if self.passed_change.low > 0 else "fell"


async def small_model_bench(settings: Settings, seed: int, show: Show, directory: Path) -> dict[str, Any]:
    """Carry the experiment out; its report. Raises NeedsHuman for what a person has to mend first."""
    del directory  # nothing is kept on disk
    weights()
    sandbox = await qualify(settings.sandbox)
    if isinstance(sandbox, Unqualified):
        raise NeedsHuman(f"what a model writes is executed in a sandbox only: {sandbox.reason}. {sandbox.mend}")
    policy = load_policy(find_data("protocols").parent).learning.replay
    trials = [Trial(candidate) for candidate in CANDIDATES]
    started = time.monotonic()
    async with small_model() as model:
        show.line(f"{model.name}, temperature 0.8; {len(SPECS)} functions; metric: the reply is clean code")
        number = 0
        while not all(trial.is_done() for trial in trials) and number < policy.pairs:
            batch = [(place, SPECS[place % len(SPECS)]) for place in range(number, min(number + BATCH, policy.pairs))]
            await _batch(model, sandbox, trials, batch, seed, policy)
            number += len(batch)
            show.doing(f"{number} pairs")
            show.line(f"{number} pairs: {'; '.join(map(_standing, trials))}")
        name = model.name
    found = [outcome_of(trial, policy, seed) for trial in trials]
    _print(found)
    return {
        "model": name,
        "seed": seed,
        "metric": "the reply is clean code",
        "policy": asdict(policy),
        "seconds": time.monotonic() - started,
        "candidates": [{**asdict(each), "success_changed": each.success_changed} for each in found],
    }


async def _batch(
    model: SmallModel,
    sandbox: Sandbox,
    trials: Sequence[Trial],
    batch: Sequence[tuple[int, Spec]],
    seed: int,
    policy: ReplayPolicy,
) -> None:
    """One control arm serves every candidate that is not done yet."""
    waiting = [trial for trial in trials if not trial.is_done()]
    control = [await model.reply(plain(spec.text), _seed(seed, place, "control")) for place, spec in batch]
    treated = [
        [
            await model.reply(trial.candidate.asked(spec.text), _seed(seed, place, trial.candidate.id))
            for place, spec in batch
        ]
        for trial in waiting
    ]
    replies = [*control, *(reply for arm in treated for reply in arm)]
    forms = [form_of(reply) for reply in replies]
    programs = [(batch[place % len(batch)][1], form.program) for place, form in enumerate(forms)]
    passed = await passing(sandbox, programs)
    size = len(batch)
    for number, trial in enumerate(waiting, 1):
        for place, (_, spec) in enumerate(batch):
            mine = number * size + place
            pair = ReplayPair(
                task=TaskId(spec.name),
                at=datetime.now(UTC),
                treated_succeeded=passed[mine],
                control_succeeded=passed[place],
                treated_targeted=not forms[mine].is_clean,
                control_targeted=not forms[place].is_clean,
                cost_micro_dollars=0,
            )
            trial.pairs.append(pair)
            if trial.decision is None:
                decision = decide_replays(trial.pairs, policy, approved=True)
                trial.decision = None if decision.kind == "hold" else decision


def _seed(seed: int, place: int, arm: str) -> int:
    """Of one sample: each arm draws by itself."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{place}/{arm}".encode()).digest()[:4], "big") % 2**31


def _standing(trial: Trial) -> str:
    return f"{trial.candidate.id}: {trial.decision.kind if trial.decision else 'hold'}"


def outcome_of(trial: Trial, policy: ReplayPolicy, seed: int) -> Outcome:
    decision = trial.decision or decide_replays(trial.pairs, policy, approved=True)
    count = len(trial.pairs)
    problems = sorted({pair.task for pair in trial.pairs})
    clusters = [[pair for pair in trial.pairs if pair.task == problem] for problem in problems]

    def change(drawn: Sequence[Sequence[ReplayPair]]) -> float | None:
        pairs = [pair for cluster in drawn for pair in cluster]
        gained = sum(pair.treated_succeeded - pair.control_succeeded for pair in pairs)
        return gained / len(pairs) if pairs else None

    return Outcome(
        item=trial.candidate.id,
        kind=trial.candidate.kind,
        text=trial.candidate.text,
        decision=decision.kind,
        reason=decision.reason,
        pairs=count,
        unclean=(
            wilson(sum(pair.treated_targeted for pair in trial.pairs), count),
            wilson(sum(pair.control_targeted for pair in trial.pairs), count),
        ),
        passed=(
            wilson(sum(pair.treated_succeeded for pair in trial.pairs), count),
            wilson(sum(pair.control_succeeded for pair in trial.pairs), count),
        ),
        passed_change=Bootstrap(clusters, seed).interval(change),
    )


def complaint(report: dict[str, Any]) -> str | None:
    """What of the pre-registered expectation did not come true; None where all did."""
    decided = {each["kind"]: each["decision"] for each in report["candidates"]}
    wrong: list[str] = []
    if decided["instruction"] == "promote":
        wrong.append("the instruction was promoted")
    if decided["example"] != "promote":
        wrong.append(f"the example was not promoted but came to {decided['example']!r}")
    return "; ".join(wrong) or None


def _print(outcomes: Sequence[Outcome]) -> None:
    table = Table(
        *("item", "decision", "pairs", "no clean code, with and without", "passes, with and without", "success", "why"),
        title="Replays with a real model (intervals of 95 %)",
        title_justify="left",
    )
    for each in outcomes:
        table.add_row(
            f"{each.item} ({each.kind})",
            each.decision,
            str(each.pairs),
            " / ".join(map(_share, each.unclean)),
            " / ".join(map(_share, each.passed)),
            each.success_changed,
            each.reason,
        )
    Console().print(table)


def _share(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.estimate:.0%} ({interval.low:.0%} to {interval.high:.0%})"
