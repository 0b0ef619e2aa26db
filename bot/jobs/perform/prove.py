"""After green checks: the proof that they say something, and the tests that really ran, base against head."""

from bot.jobs.context import Context
from bot.jobs.perform.bench import workbench
from bot.jobs.perform.guard import guard
from bot.jobs.validation import prove, run_evidence
from bot.loop.demands import wanted_proof
from bot.loop.steering import ADDRESS_REVIEW
from bot.model.command import Unqualified
from bot.model.outcome import ChangeProven, Outcome
from bot.model.run import Run
from bot.model.validation import TestEvidence, Unproven


async def prove_change(run: Run, context: Context) -> Outcome:
    """The proof that the repository's configuration asks for, and what the guard says of the whole change."""
    assert run.frozen is not None
    config = run.frozen.config
    bench = await workbench(run, context)
    executes = run.environment is not None and not isinstance(context.sandbox, Unqualified)
    before: TestEvidence | None = None
    after: TestEvidence | None = None
    if executes and config.tamper_guard:
        before, after = await run_evidence(bench, {}), await run_evidence(bench, run.code)
    findings, failures = (
        await guard(run, context, run.code, before=before, after=after) if config.tamper_guard else ((), ())
    )
    if failures:
        return ChangeProven(Unproven("the change makes its own judges weaker"), findings, failures)
    if not config.red_before_green:
        return ChangeProven(None, findings)
    done = [finished.item.action for finished in run.finished_items if finished.code_sha is not None]
    # What a reviewer asks for changes how it is done, and not what the change is for.
    planned = [action for action in done if action != ADDRESS_REVIEW]
    wanted = wanted_proof(context.catalogue.nodes, planned or done)
    failing = frozenset(run.base_checks.failing if run.base_checks else ())
    return ChangeProven(await prove(bench, run.code, base_failing=failing, wanted=wanted), findings)
