"""Performing a step: the only impurity of the loop. Each kind of step stands in the file of its noun.

Every performance is idempotent by the run and the step's place in its journal: it looks for what an earlier one, cut
short, has left behind before it leaves anything new.
"""

from typing import assert_never

from bot.github.client import Client
from bot.jobs.context import Context
from bot.jobs.perform.authority import lost_authority
from bot.jobs.perform.checks import await_checks
from bot.jobs.perform.commit import commit_step
from bot.jobs.perform.environment import prepare_environment
from bot.jobs.perform.freeze import freeze
from bot.jobs.perform.merge_base import merge_base
from bot.jobs.perform.model import ask_model
from bot.jobs.perform.obey import obey
from bot.jobs.perform.prove import prove_change
from bot.jobs.perform.pull_request import open_pull_request, revise_pull_request
from bot.jobs.perform.reviews import answer_review, read_reviews
from bot.jobs.perform.roll_back import roll_back
from bot.jobs.perform.status import post_status, stop
from bot.jobs.perform.tools import use_tools
from bot.jobs.perform.validate import validate_item
from bot.model.journal import NotYet
from bot.model.outcome import Outcome
from bot.model.run import Run
from bot.model.step import (
    AnswerReview,
    AskModel,
    AwaitChecks,
    CommitStep,
    Freeze,
    MergeBase,
    Obey,
    OpenPullRequest,
    PostStatus,
    PrepareEnvironment,
    ProveChange,
    ReadReviews,
    RevisePullRequest,
    RollBack,
    Step,
    Stop,
    UseTools,
    ValidateItem,
)


async def perform(step: Step, run: Run, context: Context, client: Client) -> Outcome | NotYet:
    """Take `step`; what came of it, or NotYet where it waits for something outside.

    Raises Retryable, Final and NeedsHuman as the edges do.
    """
    lost = await lost_authority(step, run, client)
    if lost is not None:
        return lost
    match step:
        case Freeze():
            return await freeze(run, context, client)
        case PostStatus():
            return await post_status(run, context, client)
        case PrepareEnvironment():
            return await prepare_environment(run, context)
        case AskModel():
            return await ask_model(step, run, context)
        case UseTools():
            return await use_tools(step, run, context)
        case ValidateItem():
            return await validate_item(run, context)
        case CommitStep():
            return await commit_step(step, run, context, client)
        case OpenPullRequest():
            return await open_pull_request(run, context, client)
        case AwaitChecks():
            return await await_checks(step, run, context, client)
        case ProveChange():
            return await prove_change(run, context)
        case RevisePullRequest():
            return await revise_pull_request(step, run, client)
        case Stop():
            return await stop(step, run, client)
        case _:
            return await _steered(step, run, context, client)


async def _steered(
    step: Obey | ReadReviews | AnswerReview | RollBack | MergeBase, run: Run, context: Context, client: Client
) -> Outcome:
    """What people ask for in the thread, and a base branch that moves."""
    match step:
        case Obey():
            return await obey(step, run, client)
        case ReadReviews():
            return await read_reviews(run, client)
        case AnswerReview():
            return await answer_review(step, run, client)
        case RollBack():
            return await roll_back(step, run, context)
        case MergeBase():
            return await merge_base(run, client)
        case _ as unreachable:
            assert_never(unreachable)
