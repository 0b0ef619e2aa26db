"""Scripted replies: read strictly, told by number, and mapped like any other model's."""

import json
from pathlib import Path

import pytest

from bot.llm.access import Access
from bot.llm.ask import open_model
from bot.llm.errors import ScriptError, ScriptExhausted
from bot.llm.script import Script, load_script
from bot.llm.spec import ScriptSpec
from bot.model.conversation import Agent, Answered, Asked, Message, ModelRequest, Tool, ToolCall, ToolResults

PLAN = Tool("plan", "make a plan", '{"type": "object", "properties": {}}')
READ = Tool("read", "read a file", '{"type": "object", "properties": {"path": {"type": "string"}}}')


def request(agent: Agent, number: int, *tools: Tool, messages: tuple[Message, ...] = (Asked("Go."),)) -> ModelRequest:
    return ModelRequest(agent, number, "Be exact.", messages, tools, 100)


def script(*lines: object) -> Script:
    return load_script("\n".join(json.dumps(line) for line in lines))


THREE = script(
    {"agent": "thinker", "reply": {"summary": "é"}},
    {"agent": "executor", "reply": {"calls": [{"tool": "read", "path": "a.py"}, {"tool": "done"}], "text": "So."}},
    {"agent": "executor", "reply": "read(a.py"},
)


async def test_one_tool_takes_the_reply_as_its_arguments() -> None:
    answer = await THREE.answer(request("thinker", 0, PLAN))
    assert answer.calls == (ToolCall("plan", '{"summary":"é"}'),)
    assert (answer.text, answer.finish, answer.cost, answer.seconds) == ("", "stop", 0, 0.0)
    assert answer.input_tokens == len("Be exact." + "Go." + PLAN.name + PLAN.description + PLAN.schema) // 4
    assert answer.output_tokens == len('plan{"summary":"é"}') // 4


async def test_several_tools_take_calls_and_text() -> None:
    answer = await THREE.answer(request("executor", 0, READ, PLAN))
    assert answer.calls == (ToolCall("read", '{"path":"a.py"}'), ToolCall("done", "{}"))
    assert answer.text == "So."


async def test_a_string_plays_an_answer_that_cannot_be_read() -> None:
    answer = await THREE.answer(request("executor", 1, READ, PLAN))
    assert (answer.calls, answer.text) == ((), "read(a.py")


async def test_the_same_number_is_always_told_the_same() -> None:
    first = await THREE.answer(request("executor", 1, READ, PLAN))
    await THREE.answer(request("executor", 0, READ, PLAN))
    assert await THREE.answer(request("executor", 1, READ, PLAN)) == first


async def test_the_history_is_mapped_as_for_a_hosted_model() -> None:
    talk = (Asked("Go."), Answered((ToolCall("read", "{}"),), ""), ToolResults(("one", "too many")))
    with pytest.raises(ValueError, match="argument 2 is longer"):
        await THREE.answer(request("executor", 0, READ, PLAN, messages=talk))


async def test_running_out_names_the_agent_and_the_number() -> None:
    with pytest.raises(ScriptExhausted, match="2 replies of the executor, and number 2"):
        await THREE.answer(request("executor", 2, READ))
    with pytest.raises(ScriptExhausted, match="processor"):
        await THREE.answer(request("processor", 0, READ))


@pytest.mark.parametrize(
    "reply", [{"path": "a.py"}, {"calls": {}}, {"calls": [], "texts": ""}, {"calls": [{"path": "a"}]}, {"calls": ["x"]}]
)
async def test_a_reply_that_does_not_fit_several_tools_names_its_line(reply: object) -> None:
    one = script({"agent": "executor", "reply": reply})
    with pytest.raises(ScriptError, match="line 1"):
        await one.answer(request("executor", 0, READ, PLAN))


def test_what_nobody_asked_for_is_left_over() -> None:
    assert [line.line for line in THREE.left_over({})] == [1, 2, 3]
    assert [line.line for line in THREE.left_over({"executor": 1, "thinker": 1})] == [3]
    assert THREE.left_over({"executor": 2, "thinker": 5}) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"agent": "thinker", "reply": {}}\n\nnot json', "line 3 is not JSON"),
        ("[" * 100_000, "line 1 is not JSON"),
        ("[1]", "line 1 is not an object"),
        ('{"agent": "thinker"}', 'line 1 has no "reply"'),
        ('{"agent": "thinker", "reply": [1]}', 'line 1 has no "reply"'),
        ('{"agent": "painter", "reply": {}}', "line 1 is for the unknown agent 'painter'"),
        ('{"agent": ["thinker"], "reply": {}}', "unknown agent"),
        ('{"agent": "thinker", "reply": {}, "note": 1}', "only agent and reply are read"),
    ],
)
def test_a_broken_script_names_the_line(text: str, words: str) -> None:
    with pytest.raises(ScriptError) as raised:
        load_script(text)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\xfe")
    for name, words in (("missing", "does not exist"), ("latin.jsonl", "UTF-8"), (".", "cannot be read")):
        with pytest.raises(ScriptError, match=words):
            load_script(tmp_path / name)


async def test_a_file_is_opened_by_its_spec(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text('\ufeff{"agent": "thinker", "reply": {"summary": "a\u2028b"}}\r\n\r\n', "utf-8")
    answer = await open_model(ScriptSpec(path), Access())(request("thinker", 0, PLAN))
    assert answer.calls == (ToolCall("plan", '{"summary":"a\u2028b"}'),)
    with pytest.raises(ScriptError):
        open_model(ScriptSpec(tmp_path / "missing"), Access())
