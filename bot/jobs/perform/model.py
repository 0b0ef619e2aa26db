"""Asking the model: a fresh view at the start of an invocation, the dialogue so far afterwards, one request a step."""

from bot.agents.reading import read_reply
from bot.agents.tools import tools_of
from bot.agents.transcript import shortened
from bot.agents.view import CHARACTERS_A_TOKEN, render, render_repair
from bot.failures.failure import format_failure
from bot.jobs.context import Context
from bot.jobs.perform.view import view_of
from bot.loop.budget import PROMPT_TOKENS_CEILING
from bot.loop.state_file import parse
from bot.loop.state_file import render as render_state
from bot.model.conversation import Answered, Asked, Message, ModelRequest, ToolResults
from bot.model.outcome import ModelReplied, Outcome
from bot.model.phase import Dialogue, Planning, Reviewing, Working
from bot.model.reply import Malformed
from bot.model.run import Run
from bot.model.step import AskModel
from bot.secrets.answer import problem_of, without_secrets
from bot.secrets.scan import redact_certain


async def ask_model(step: AskModel, run: Run, context: Context) -> Outcome:
    """The model's answer, read."""
    assert run.frozen is not None
    phase = run.phase
    assert isinstance(phase, Planning | Reviewing | Working)
    system, said = await _say(run, phase, context)
    messages = (*phase.dialogue.messages, *said)
    request = ModelRequest(
        agent=step.agent,
        number=step.number,
        system=system or phase.dialogue.system,
        messages=shortened(messages, int(PROMPT_TOKENS_CEILING * CHARACTERS_A_TOKEN * 0.8)),
        tools=tools_of(step.agent),
        max_output_tokens=run.frozen.budget.output_tokens,
    )
    answer, secrets = without_secrets(await context.model.ask(request))
    plannable = {node.id for node in context.catalogue.nodes.values() if node.plannable}
    reply = Malformed(problem_of(secrets)) if secrets else read_reply(step.agent, answer, plannable)
    failure = format_failure(reply.reason) if isinstance(reply, Malformed) else None
    return ModelReplied(step.agent, system, said, answer, reply, failure)


async def _say(run: Run, phase: Planning | Reviewing | Working, context: Context) -> tuple[str, tuple[Message, ...]]:
    """What this request adds: the view, the remark on an unreadable answer, or nothing after tool results."""
    dialogue = phase.dialogue
    if not dialogue.messages:
        files = parse(render_state(run))
        view = await view_of(run, phase, *files, context)
        system, text = render(view, context.catalogue, context.nonce(), PROMPT_TOKENS_CEILING * 3 // 4)
        return redact_certain(system), (Asked(redact_certain(text)),)
    if dialogue.problem:
        return "", (_remark(dialogue, render_repair(dialogue.problem, context.catalogue, context.nonce())),)
    return "", ()


def _remark(dialogue: Dialogue, text: str) -> Message:
    """After calls every provider wants a result for each, also where none was carried out."""
    match dialogue.messages[-1:]:
        case (Answered(calls=calls),) if calls:
            return ToolResults((text,) * len(calls))
        case _:
            return Asked(text)
