"""Gathering a view: the state files of the run, and what the tree at its head shows for them."""

from bot.agents.excerpts import fitting, named_paths, ranked, search_terms
from bot.agents.view import CHARACTERS_A_TOKEN, Completed, Occasion, View, agent_of
from bot.jobs.context import Context
from bot.jobs.desk import Desk
from bot.jobs.perform.checklist import told
from bot.loop.state_file import StateFile, TaskFile
from bot.model.phase import Planning, Reviewing, Working
from bot.model.run import Run

EXCERPT_BYTES = 200_000


async def view_of(
    run: Run, phase: Planning | Reviewing | Working, task: TaskFile, state: StateFile, context: Context
) -> View:
    """What the invocation that begins in `phase` may know; the run is asked for its head and its limits only."""
    assert run.frozen is not None
    budget = run.frozen.budget
    occasion = _occasion(phase)
    agent = agent_of(occasion)
    share = context.policy.prompts[agent]
    desk = Desk.of(run, context)
    paths = await desk.paths() if share.file_paths else ()
    item = phase.item if isinstance(phase, Working) else None
    planned = (item,) if item else state.pending or (state.plan.items if state.plan else ())
    wanted = f"{task.title}\n{task.body}"
    if item is not None:
        wanted = f"{wanted}\n{item.instructions}\n{' '.join(item.expected_files)}"
    excerpts = await _excerpts(desk, wanted, paths, int(share.excerpt_tokens * CHARACTERS_A_TOKEN))
    return View(
        occasion=occasion,
        title=task.title,
        body=task.body,
        guidance=task.guidance if share.guidance_bytes else (),
        files=tuple(paths[: share.file_paths]),
        symbols=await desk.symbols(share.symbols) if share.symbols else (),
        excerpts=excerpts,
        plan=state.plan,
        item=item,
        completed=tuple(Completed(done.item, done.summary, done.paths) for done in state.completed),
        failures=state.failures,
        base_failing=state.base_failing,
        frozen_paths=state.frozen_paths,
        previous_problem=state.problem,
        requests_left=min(budget.requests - run.spent.requests, budget.item_requests),
        checks_left=budget.item_checks,
        pending=state.pending,
        checklist=await told(run, agent, planned, task.checklist, context),
        analyser=_analyser(phase, run.frozen.config.analysers),
    )


def _analyser(phase: Planning | Reviewing | Working, of: int) -> int:
    return len(phase.analyses) + 1 if isinstance(phase, Planning) and of > 1 and not phase.problem else 0


def _occasion(phase: Planning | Reviewing | Working) -> Occasion:
    match phase:
        case Planning(problem=""):
            return "plan"
        case Planning():
            return "replan"
        case Reviewing(occasion="plan"):
            return "plan_review"
        case Reviewing():
            return "verdict_review"
        case Working():
            return "item"


async def _excerpts(desk: Desk, text: str, paths: tuple[str, ...], characters: int) -> tuple[tuple[str, str], ...]:
    if not characters:
        return ()
    title, _, body = text.partition("\n")
    matches = {term: await desk.paths_with(term) for term in search_terms(title, body)}
    best = ranked(named_paths(text, paths), matches)
    texts = [(path, await desk.read(path, EXCERPT_BYTES)) for path in best]
    return fitting([(path, content) for path, content in texts if content], characters)
