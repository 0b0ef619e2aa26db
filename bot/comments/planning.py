"""The plan, as `/rmo plan` shows it."""

from bot.comments.estimating import estimate_words
from bot.comments.quoting import line, quote, whole
from bot.comments.status import last_tries, standing
from bot.model.action import PlannedItem
from bot.model.estimate import Estimate
from bot.model.phase import Approving
from bot.model.run import Run, status_of


def plan_text(run: Run, estimate: Estimate | None = None) -> str:
    """The plan's items, what they will probably take, and what a person can do now."""
    if run.plan is None:
        return whole("There is no plan yet.", standing(run))
    done = {finished.item.key for finished in last_tries(run)}
    items = "\n".join(_item(item, item.key in done) for item in run.plan.items)
    return whole(
        "### The plan",
        quote(run.plan.summary),
        items or "It has no items.",
        f"**Estimate:** {estimate_words(estimate)}." if estimate is not None else "",
        _next_step(run),
    )


def _item(item: PlannedItem, is_done: bool) -> str:
    files = ", ".join(f"`{line(path)}`" for path in item.expected_files[:10])
    head = f"- [{'x' if is_done else ' '}] **{line(item.title)}**{f' ({files})' if files else ''}"
    return "\n".join([head, *(f"  - {line(promise, 300)}" for promise in item.postconditions[:5])])


def _next_step(run: Run) -> str:
    if isinstance(run.phase, Approving):
        return (
            "**Next step:** comment `/rmo approve` to have it carried out, or `/rmo stop`. To change it, edit the "
            "issue's text and label the issue again."
        )
    if status_of(run) == "running":
        approved = f"Approved by {line(run.approved_by, 100)}. " if run.approved_by else ""
        return f"{approved}**Next step:** none; it is being carried out. `/rmo stop` ends it."
    return "**Next step:** the run is over; `/rmo retry` begins a new one with a plan of its own."
