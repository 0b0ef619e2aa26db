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
    before = Desk.of(run, context).with_overlay({})
    files, _ = await before.taken()
    base = {path: await before.read(path) for path in later if path in files}
    unread = sorted(path for path, text in base.items() if text is None)
    if unread:
        return StepFailed("refused", f"these files can't be brought back as text: {', '.join(unread)}")
    wanted = {**then, **{path: base.get(path) for path in later}}
    return RolledBack(step.step, {path: text for path, text in wanted.items() if run.code.get(path, ...) != text})
