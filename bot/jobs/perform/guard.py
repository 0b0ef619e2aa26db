"""The tamper guard on a run's whole change: what a push would bring, held against the base commit."""

import asyncio

from bot.ci.tampering import Allowance, find_tampering
from bot.failures.tampering import tampering_failures
from bot.jobs.context import Context
from bot.jobs.desk import Desk
from bot.loop.paths import protected_reason
from bot.model.change import Overlay
from bot.model.failure import Failure
from bot.model.run import Run
from bot.model.validation import TamperFinding, TestEvidence


async def guard(
    run: Run,
    context: Context,
    overlay: Overlay,
    *,
    shows: bool = False,
    before: TestEvidence | None = None,
    after: TestEvidence | None = None,
) -> tuple[tuple[TamperFinding, ...], tuple[Failure, ...]]:
    """What is new of it in the run: findings that it has shown before are not shown again, but are failures again.

    The tests that show the issue count as if they had always been there, except for an item that `shows` it itself.
    """
    assert run.frozen is not None
    texts: dict[str, str] = await Desk.of(run, context).read_base(overlay)
    if not shows:
        texts |= {path: text for path in run.reproduction_paths if (text := run.code.get(path)) is not None}
    # Hostile texts can keep it busy for seconds.
    found = await asyncio.to_thread(
        find_tampering,
        texts,
        overlay,
        allowed=Allowance(new_suppressions=run.frozen.config.new_suppressions),
        before=before,
        after=after,
        protected=protected_reason,
    )
    return tuple(each for each in found if each not in run.tampering), tampering_failures(found, source="sandbox")
