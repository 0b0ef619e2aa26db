"""What the Executor's calls and their results change."""

from dataclasses import replace

from bot.loop.progress import noted, plan_again, recording_failure, repeated, tree_digest, with_failures
from bot.model.conversation import ToolResults
from bot.model.failure import Failure
from bot.model.outcome import ToolsUsed
from bot.model.phase import FinishedItem, Inspecting, Planning, Recording, Stopping, Working
from bot.model.reply import Call, Done
from bot.model.run import Run


def tools_called(run: Run, calls: tuple[Call, ...]) -> Run:
    phase = run.phase
    assert isinstance(phase, Working)
    return replace(run, phase=replace(phase, dialogue=replace(phase.dialogue, calls=calls)))


def tools_used(run: Run, used: ToolsUsed) -> Run:
    """The overlay after the calls, and what follows: another request, the validation, or the end of the item."""
    phase = run.phase
    assert isinstance(phase, Working)
    run = noted(run, phase.item.action, phase.attempt, used.failures)
    assert run.frozen is not None
    dialogue = replace(phase.dialogue, calls=(), messages=(*phase.dialogue.messages, ToolResults(used.results)))
    work = replace(
        phase,
        dialogue=dialogue,
        overlay=used.overlay,
        checks=phase.checks + used.checks,
        refusals=(*phase.refusals, *used.refusals),
    )
    if used.done is not None:
        return _done(run, work, used.done)
    if dialogue.requests >= run.frozen.budget.item_requests:
        return tried_in_vain(run, work, (), f"no result after {dialogue.requests} model requests")
    return replace(run, phase=work)


def _done(run: Run, work: Working, done: Done) -> Run:
    match done.result:
        case "blocked":
            body = f"The Executor is blocked: {done.text}"
            return replace(run, phase=recording_failure(work, subject_of(work, "Give up"), body, plan_again(body)))
        case "summary" if _changes_something(run, work):
            return replace(run, phase=Inspecting(work, done.text))
        case _:
            summary = done.text
            if work.refusals:
                summary = f"{summary} (nothing was changed; the last edit was refused: {work.refusals[-1]})"
            return _unchanged(run, work, summary)


def _changes_something(run: Run, work: Working) -> bool:
    return tree_digest({**run.code, **work.overlay}) != tree_digest(run.code)


def _unchanged(run: Run, work: Working, summary: str) -> Run:
    """Nothing to do is a result; after a failure it means that the same tree would be tried again."""
    if run.current_failures and work.attempt > 1:
        body = f"The same tree as before: {summary}"
        return replace(
            run, phase=recording_failure(work, subject_of(work, "Change nothing in"), body, plan_again(body))
        )
    return replace(
        run,
        phase=Recording(
            agent="executor",
            action_item=work.item.action,
            subject=subject_of(work, "Change nothing in"),
            body=summary,
            changes={},
            finished=FinishedItem(work.item, work.attempt, summary, (), None),
            then=None,
        ),
    )


def unreadable_work(run: Run, work: Working, reason: str, failures: tuple[Failure, ...]) -> Run:
    return tried_in_vain(run, work, failures, f"its answers could not be read: {reason}")


def tried_in_vain(run: Run, work: Working, failures: tuple[Failure, ...], why: str) -> Run:
    """A fresh try while there are any left; the Thinker's turn as soon as a failure repeats."""
    assert run.frozen is not None
    limit = run.frozen.budget.attempts
    again = repeated(run, failures)
    if failures:
        run = with_failures(run, work.item.action, work.attempt, failures)
    then: Planning | Working | Stopping
    if again:
        then = plan_again(f"{again[0].tool} {again[0].rule} came back: {again[0].message}")
    elif work.attempt >= limit:
        then = Stopping("budget_attempts", f"item {work.item.key} ({work.item.title}) was tried {limit} times: {why}")
    else:
        then = Working(work.item, work.attempt + 1)
        run = replace(run, attempts={**run.attempts, work.item.key: work.attempt + 1})
    return replace(run, phase=recording_failure(work, subject_of(work, "Fail"), why, then))


def subject_of(work: Working, verb: str) -> str:
    """The subject of a step that carried nothing out."""
    return f"{verb} try {work.attempt} at {work.item.title}"
