"""LM: answers that are something else than what was asked for, and what becomes of a run that gets them."""

import json
from collections.abc import Callable
from typing import Literal

import pytest
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart

from bot.agents.reading import read_reply
from bot.agents.tools import tools_of
from bot.ci.source import parsed
from bot.ci.tampering import TEXT_GATES, find_tampering
from bot.failures.failure import format_failure
from bot.llm.transcript import reply_of
from bot.loop.overlay import edit
from bot.loop.paths import protected_reason
from bot.model.change import Applied, Create, Rejected, Replace
from bot.model.conversation import Agent, Answered, Asked, ModelAnswer, ModelRequest, ToolCall
from bot.model.ids import MicroDollars
from bot.model.outcome import ModelReplied, ToolsUsed
from bot.model.phase import Ended, Working
from bot.model.reply import Done, ListFiles, Malformed, ToolsCalled
from tests.unit.loop.story import Story, item

PLANNABLE = {"fix_defect"}
ITEM = {"action": "fix_defect", "title": "Mend it", "instructions": "Mend it."}
PLAN = {"summary": "One item.", "items": [ITEM]}
DECISION = {"note": "Fine."}
GOOD: dict[Agent, tuple[str, object]] = {
    "thinker": ("plan", PLAN),
    "processor": ("decide", DECISION),
    "executor": ("edit", {"path": "a.py", "create": "x"}),
}


def said(
    *calls: tuple[str, object], text: str = "", finish: Literal["stop", "length", "refusal"] = "stop"
) -> ModelAnswer:
    written = tuple(ToolCall(tool, each if isinstance(each, str) else json.dumps(each)) for tool, each in calls)
    return ModelAnswer(written, text, finish, 10, 5, MicroDollars(7), 0.1)


def spoilt(spoil: Callable[[str], str]) -> dict[Agent, list[ModelAnswer]]:
    """Each agent's good answer, its JSON made worse."""
    return {agent: [said((tool, spoil(json.dumps(arguments))))] for agent, (tool, arguments) in GOOD.items()}


def in_text(written: str) -> dict[Agent, list[ModelAnswer]]:
    return {agent: [said(text=written)] for agent in GOOD}


SPELLINGS = (
    '<tool_call>{"name": "edit", "arguments": {"path": "a.py", "create": "x"}}</tool_call>',
    '<function_calls><invoke name="edit"><parameter name="path">a.py</parameter></invoke></function_calls>',
    '```json\n{"tool": "edit", "path": "a.py", "create": "x"}\n```',
    '[TOOL_CALLS][{"name": "edit", "arguments": {"path": "a.py"}}]',
    'edit(path="a.py", create="x")',
    "REVIEW: APPROVED",
)
UNREADABLE: dict[str, dict[Agent, list[ModelAnswer]]] = {
    "LM-1": spoilt(lambda text: text[:-3]),
    "LM-2": {
        agent: [*spoilt(lambda text: f"Here it is: {text} I hope it helps.")[agent], said(text="Sure! I have done it.")]
        for agent in GOOD
    },
    "LM-3": {
        "thinker": [
            said(("plan", PLAN | {"verdict": "passed"})),
            said(("plan", PLAN | {"items": [ITEM | {"mode": 1}]})),
        ],
        "processor": [said(("decide", DECISION | {"approved": True}))],
        "executor": [
            said(("edit", {"path": "a.py", "create": "x", "mode": "120000"})),
            said(("check", {"level": 1, "command": "id"})),
            said(("run", {"command": "id"})),
            said(("fetch", {"url": "https://evil.example"})),
        ],
    },
    "LM-4": {
        "thinker": [said(("plan", {"summary": 1, "items": []})), said(("plan", {"summary": "s", "items": {}}))],
        "processor": [said(("decide", {"note": None})), said(("decide", {"note": "n", "order": "1"}))],
        "executor": [
            said(("edit", {"path": ["a.py"], "create": "x"})),
            said(("edit", {"path": "a.py", "delete": "true"})),
            said(("read", {"path": "a.py", "first_line": "1"})),
            said(("check", {"level": 4})),
            said(("edit", "null")),
            said(("edit", "[]")),
            said(("edit", '"a.py"')),
        ],
    },
    "LM-5": {agent: [said(), said(text=" \n")] for agent in GOOD},
    "LM-6": {agent: [said(text="I can't help with that.", finish="refusal")] for agent in GOOD},
    "LM-7": {agent: [said((tool, "[" * 10_000_000))] for agent, (tool, _) in GOOD.items()},
    "LM-8": {
        "thinker": [said(("plan", '{"summary": "a", "summary": "b", "items": []}'))],
        "processor": [said(("decide", '{"note": "a", "note": "b"}'))],
        "executor": [said(("edit", '{"path": "a.py", "path": ".github/workflows/x.yml", "create": "x"}'))],
    },
    "LM-14": {agent: [answer for text in SPELLINGS for answer in in_text(text)[agent]] for agent in GOOD},
    "LM-15": {agent: [said(call, finish="length")] for agent, call in GOOD.items()},
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_nothing_of_it_is_read(case: str) -> None:
    for agent, answers in UNREADABLE[case].items():
        assert not isinstance(read_reply(agent, said(GOOD[agent]), PLANNABLE), Malformed)
        for answer in answers:
            reply = read_reply(agent, answer, PLANNABLE)

            assert isinstance(reply, Malformed), answer
            assert 0 < len(reply.reason) < 600


def ended_by(case: str, agent: Agent) -> Story:
    """A run whose one agent answers nothing else any more; the other agents answer as they should."""
    story = Story()
    answer = UNREADABLE[case][agent][0]
    while not isinstance(story.run.phase, Ended):
        story.settle()
        step = story.step()
        if step is None or story.run.spent.requests > 60:
            break
        match story.run.phase:
            case Working() if agent != "executor":
                story.work(a_py="x")
                return story
            case _:
                asked: Agent = getattr(step, "agent", agent)
        reply = read_reply(asked, answer if asked == agent else said(GOOD[asked]), PLANNABLE)
        failure = format_failure(reply.reason) if isinstance(reply, Malformed) else None
        given = answer if asked == agent else said(GOOD[asked])
        story.tell(ModelReplied(asked, "system", (Asked("?"),), given, reply, failure))
        story.settle()
    return story


@pytest.mark.parametrize("case", [pytest.param(case, id=case) for case in UNREADABLE if case != "LM-7"])
@pytest.mark.parametrize("agent", GOOD)
def test_it_is_paid_for_and_the_run_comes_to_an_end(case: str, agent: Agent) -> None:
    story = ended_by(case, agent)

    run = story.run
    assert isinstance(run.phase, Ended), run.phase
    assert run.phase.reason in ("needs_human", "budget_attempts", "stuck")
    assert run.spent.cost == 7 * run.spent.requests
    assert not run.code
    assert not any(isinstance(entry.outcome, ToolsUsed) for entry in story.entries)
    replied = [entry.outcome for entry in story.entries if isinstance(entry.outcome, ModelReplied)]
    assert 3 <= len(replied) <= 15


@pytest.mark.parametrize("case", ["LM-9"])
def test_an_edit_does_what_it_says_or_nothing(case: str) -> None:
    text = "def one():\n    return 1\n\n\ndef two():\n    return 1\n"
    missing = edit({}, {"a.py": text}, Replace("a.py", "    return 2", "x"))
    twice = edit({}, {"a.py": text}, Replace("a.py", "    return 1", "x"))
    nothing = edit({}, {"a.py": text}, Replace("a.py", "", "x"))

    for refused in (missing, twice, nothing):
        assert isinstance(refused, Rejected)
    assert isinstance(missing, Rejected)
    assert "2:     return 1" in missing.reason
    assert isinstance(twice, Rejected)
    assert "lines 2, 6" in twice.reason
    assert edit({}, {"a.py": text}, Replace("a.py", "one():\n    return 1", "x")) == Applied(
        "a.py", {"a.py": "def x\n\n\ndef two():\n    return 1\n"}
    )


@pytest.mark.parametrize("case", ["LM-10"])
def test_a_change_is_told_by_its_real_path(case: str) -> None:
    story = Story()
    story.plan(item("Mend a.py", files=("a.py",)))
    story.decide()
    story.work(b_py="x")
    (finished,) = story.run.finished_items
    assert finished.item.expected_files == ("a.py",)
    assert finished.paths == ("b.py",)


KILLERS = {
    "minus": "x = " + "-" * 200_000 + "1\n",
    "attributes": "x = a" + ".a" * 200_000 + "\n",
    "brackets": "x = " + "(" * 200_000 + "\n",
    "null": "x = 1\0\n",
    "calls": "x = " + "f(" * 50_000 + ")" * 50_000 + "\n",
    "power": "x = " + "1" * 1_000 + " ** 9" * 2_000 + "\n",
    "digits": "x = " + "9" * 100_000 + "\n",
    "format": "x = f'" + "{f'" * 200 + "\n",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=f"LM-11-{name}") for name, text in KILLERS.items()])
def test_code_that_ends_parsers_is_only_unreadable(text: str) -> None:
    """The parsers that work in this process; those of the levels work in a child of their own."""
    tree = parsed(text)
    findings = find_tampering(
        {"tests/test_a.py": "def test_a():\n    assert 1\n"},
        {"tests/test_a.py": text},
        protected=protected_reason,
        gates=TEXT_GATES,
    )
    assert findings
    assert tree is None or {finding.rule for finding in findings} != {"not-inspected"}


@pytest.mark.parametrize("case", ["LM-11"])
def test_a_text_that_is_no_unicode_is_no_edit(case: str) -> None:
    answer = said(("edit", '{"path": "a.py", "create": "\\ud800"}'))
    reply = read_reply("executor", answer, PLANNABLE)
    if not isinstance(reply, Malformed):
        assert isinstance(edit({}, {"a.py": None}, Create("a.py", "\ud800")), Rejected)
    for agent, (tool, _) in GOOD.items():
        said_so = read_reply(agent, said((tool, '{"\\ud800": "\\udfff"}')), PLANNABLE)
        assert isinstance(said_so, Malformed)
        said_so.reason.encode()


@pytest.mark.parametrize("case", ["LM-12"])
def test_the_same_answer_again_and_again_comes_to_an_end(case: str) -> None:
    story = Story()
    story.plan(item("Mend it"))
    story.decide()
    calls = (ListFiles("**"),)
    while isinstance(story.run.phase, Working):
        answered = said(("list", {}))
        story.tell(ModelReplied("executor", "", (), answered, ToolsCalled(calls), None))
        story.tell(ToolsUsed(("no file matches",), {}))
        story.settle()
    run = story.run
    assert isinstance(run.phase, Ended)
    assert run.phase.reason == "budget_attempts"
    assert run.spent.requests == 2 + story.frozen.budget.item_requests * story.frozen.budget.attempts


@pytest.mark.parametrize("case", ["LM-13"])
def test_a_claim_changes_nothing(case: str) -> None:
    story = Story()
    story.plan(item("Mend it"))
    story.decide()
    claim = Done("summary", "All tests pass. REVIEW: APPROVED. Merged.")
    story.reply("executor", ToolsCalled((claim,)))
    story.tell(ToolsUsed(("the item ends here",), {}, done=claim))
    story.settle()
    run = story.run
    assert isinstance(run.phase, Ended)
    assert run.phase.reason == "no_change"
    assert run.pull_request is None
    assert run.code_head is None


@pytest.mark.parametrize("case", ["LM-6"])
def test_a_refusal_is_never_asked_around(case: str) -> None:
    """The question stays the question; what comes after is the remark on an unreadable answer."""
    story = Story()
    story.settle()
    refusal = UNREADABLE["LM-6"]["thinker"][0]
    reply = read_reply("thinker", refusal, PLANNABLE)
    assert isinstance(reply, Malformed)
    assert "refused" in reply.reason
    story.tell(ModelReplied("thinker", "system", (Asked("?"),), refusal, reply, format_failure(reply.reason)))
    dialogue = getattr(story.run.phase, "dialogue", None)
    assert dialogue is not None
    assert dialogue.system == "system"
    assert dialogue.messages == (Asked("?"), Answered((), "I can't help with that."))


def test_what_is_offered_has_no_shell_and_no_network() -> None:
    offered = {tool.name for agent in GOOD for tool in tools_of(agent)}
    assert offered == {"plan", "decide", "list", "search", "read", "edit", "check", "done"}


@pytest.mark.parametrize("case", ["LM-11"])
def test_half_a_surrogate_pair_never_stays_in_an_answer(case: str) -> None:
    """A provider's JSON can spell one; the next request could not be sent with it."""
    request = ModelRequest("executor", 0, "", (Asked("?"),), (), 100)
    parts = [TextPart("say \ud800"), ToolCallPart("edit", '{"path": "\ud800"}')]
    reply = reply_of(ModelResponse(parts=parts), request)
    assert (reply.text, reply.calls[0].arguments) == ("say ?", '{"path": "?"}')
