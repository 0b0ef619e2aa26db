"""What has to change for the tree to be that of an earlier step again."""

from bot.jobs.context import Context
from bot.jobs.desk import Desk
from bot.model.outcome import Outcome, RolledBack, StepFailed
from bot.model.run import Run
from bot.model.step import RollBack


async def roll_back(step: RollBack, run: Run, context: Context) -> Outcome:
    """Files that the step knew get its texts; those that came later go, or are as they are on the base commit."""
    then = run.codes[step.step]
    later = [path for path in run.code if path not in then]
    base = await Desk.of(run, context).with_overlay({}).read_base(later)
    unread = [path for path in later if path not in base and run.code[path] is None]
    if unread:
        return StepFailed("refused", f"these files can't be brought back as text: {', '.join(sorted(unread))}")
    changes: dict[str, str | None] = {path: text for path, text in then.items() if run.code.get(path, ...) != text}
    for path in later:
        text = base.get(path)
        if run.code[path] != text:
            changes[path] = text
    return RolledBack(step.step, changes)
