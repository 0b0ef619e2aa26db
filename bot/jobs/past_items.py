"""What items of earlier runs have taken, so that a plan can be told what it will probably cost."""

from bot.jobs.context import Context
from bot.loop import fold
from bot.model.estimate import PastItem
from bot.model.ids import ActionId, MicroDollars, RepositoryId
from bot.model.run import Run
from bot.store import journal

MOST_RUNS = 20
"""The newest runs of the repository: habits, prices and models change."""


async def past_items(context: Context, repository: RepositoryId) -> tuple[PastItem, ...]:
    """Each item that was carried out, all its tries together."""
    requests = await context.database.transact(journal.ended_runs, repository)
    found: list[PastItem] = []
    for request in requests[-MOST_RUNS:]:
        found += _items(fold(request, await context.database.transact(journal.read_journal, request.run_id)))
    return tuple(found)


def _items(run: Run) -> list[PastItem]:
    """Steps that no item has caused are spread over those that the run has carried out."""
    actions = [done.item.action for done in {done.item.key: done for done in run.finished_items}.values()]
    if not actions:
        return []
    own = {action: [step for step in run.steps if step.action_item == action] for action in actions}
    others = [step for step in run.steps if step.action_item not in own]
    shared_cost = sum(step.cost for step in others) / len(actions)
    shared_seconds = sum(step.seconds for step in others) / len(actions)
    return [
        PastItem(
            ActionId(action),
            MicroDollars(round(shared_cost + sum(step.cost for step in own[action]) / actions.count(action))),
            shared_seconds + sum(step.seconds for step in own[action]) / actions.count(action),
        )
        for action in actions
    ]
