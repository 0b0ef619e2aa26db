"""Budgets: a ceiling for everything that a run can spend, checked before it is spent."""

from bot.model.ids import MicroDollars
from bot.model.run import Run
from bot.model.step import AskModel, CommitStep, Step, Stop


def exhausted(run: Run, step: Step) -> Stop | None:
    """The end of the run, where `step` would overdraw a budget; else None."""
    if run.frozen is None:
        return None
    budget = run.frozen.budget
    if run.worked > budget.wall:
        return Stop("budget_time", f"the run took longer than its limit of {budget.wall}")
    match step:
        case CommitStep() if len(run.steps) - run.spent_before.steps >= budget.steps:
            return Stop("budget_steps", f"the run used all of its {budget.steps} steps")
        case AskModel():
            return _cannot_ask(run)
        case _:
            return None


def _cannot_ask(run: Run) -> Stop | None:
    """Whether one more model request, at its dearest, would go beyond requests, tokens or money."""
    assert run.frozen is not None
    budget, spent, before = run.frozen.budget, run.spent, run.spent_before
    if spent.requests - before.requests >= budget.requests:
        return Stop("budget_requests", f"the run made all of its {budget.requests} model requests")
    tokens = spent.input_tokens + spent.output_tokens - before.input_tokens - before.output_tokens
    if tokens + budget.output_tokens > budget.tokens:
        return Stop("budget_tokens", f"the run used {tokens} of its {budget.tokens} tokens")
    # What a person has said holds for all of the run, the usual amount each time that it is taken up.
    cost = spent.cost if run.extra_cost else spent.cost - before.cost
    most = budget.cost + run.extra_cost
    if cost + reserve(run) > most:
        dollars = f"{cost / 1e6:.2f} of {most / 1e6:.2f} US dollars"
        return Stop("budget_money", f"the run spent {dollars}; another request might cost more than what is left")
    return None


def reserve(run: Run) -> MicroDollars:
    """The most that the next request can cost: the largest prompt that a view may render, and a full answer."""
    assert run.frozen is not None
    budget = run.frozen.budget
    return run.frozen.price.cost(PROMPT_TOKENS_CEILING, budget.output_tokens)


PROMPT_TOKENS_CEILING = 60_000
"""Prompts are cut to fit below this by the views, tool results included."""
