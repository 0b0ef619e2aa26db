"""From a model's answer to a typed reply: what is read, and how everything else is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agents.reading import MAX_REPLY_CHARACTERS, read_reply
from bot.agents.tools import reply_schema, tools_of
from bot.model.change import Create, Delete, Rename, Replace
from bot.model.conversation import Agent, ModelAnswer, ToolCall
from bot.model.ids import MicroDollars
from bot.model.reply import (
    Check,
    Decided,
    Done,
    EditFile,
    ListFiles,
    Malformed,
    PlanProposed,
    Read,
    Reply,
    Search,
    ToolsCalled,
)

PLANNABLE = {"fix_defect", "write_test"}


def answer(*calls: tuple[str, object], text: str = "", finish: str = "stop") -> ModelAnswer:
    written = tuple(ToolCall(tool, each if isinstance(each, str) else json.dumps(each)) for tool, each in calls)
    return ModelAnswer(written, text, finish, 1, 1, MicroDollars(0), 0.0)  # pyright: ignore[reportArgumentType] - a literal


def refused(reply: Reply) -> str:
    assert isinstance(reply, Malformed), reply
    assert len(reply.reason) < 600
    return reply.reason


def test_a_plan_is_a_tree_whose_leaves_are_its_items() -> None:
    leaf = {"action": "write_test", "title": "Pin", "instructions": "pin it"}
    tree = {
        "action": "fix_defect",
        "title": "Mend",
        "instructions": "all of it",
        "children": [leaf, {**leaf, "title": "B"}],
    }
    reply = read_reply("thinker", answer(("plan", {"summary": "s", "items": [tree, leaf]})), PLANNABLE)
    assert isinstance(reply, PlanProposed)
    assert [(item.key, item.title) for item in reply.items] == [("1", "Pin"), ("2", "B"), ("3", "Pin")]


def test_an_action_outside_of_the_taxonomy_is_refused_by_name() -> None:
    plan = {"summary": "s", "items": [{"action": "drop_tables", "title": "t", "instructions": "i"}]}
    assert "'drop_tables'" in refused(read_reply("thinker", answer(("plan", plan)), PLANNABLE))


def test_a_decision_is_read_whole() -> None:
    written = {
        "note": "n",
        "order": ["2"],
        "drop": ["3"],
        "retry": "1",
        "postconditions": [{"item": "2", "text": "p"}],
        "question": "",
    }
    reply = read_reply("processor", answer(("decide", written)), PLANNABLE)
    assert isinstance(reply, Decided)
    assert (reply.order, reply.drop, reply.retry, reply.postconditions[0].text) == (("2",), ("3",), "1", "p")


def test_every_tool_of_the_executor_is_read() -> None:
    reply = read_reply(
        "executor",
        answer(
            ("list", {}),
            ("search", {"text": "x", "pattern": "*.py"}),
            ("read", {"path": "a.py", "first_line": 2}),
            ("edit", {"path": "a.py", "old": "x", "new": "y"}),
            ("edit", {"path": "b.py", "create": "z"}),
            ("edit", {"path": "c.py", "delete": True}),
            ("edit", {"path": "d.py", "rename": "e.py"}),
            ("check", {"level": 3, "tests": ["t"]}),
            ("done", {"summary": "s"}),
        ),
        PLANNABLE,
    )
    assert reply == ToolsCalled(
        (
            ListFiles("**"),
            Search("x", "*.py"),
            Read("a.py", 2, None),
            EditFile(Replace("a.py", "x", "y")),
            EditFile(Create("b.py", "z")),
            EditFile(Delete("c.py")),
            EditFile(Rename("d.py", "e.py")),
            Check(3, ("t",)),
            Done("summary", "s"),
        )
    )
    for level in (1, 2):
        assert read_reply("executor", answer(("check", {"level": level})), ()) == ToolsCalled((Check(level, ()),))  # pyright: ignore[reportArgumentType] - a literal
    assert read_reply("executor", answer(("done", {"blocked": "b"})), ()) == ToolsCalled((Done("blocked", "b"),))
    assert read_reply("executor", answer(("done", {"nothing_to_do": "n"})), ()) == ToolsCalled(
        (Done("nothing_to_do", "n"),)
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (answer(), "empty"),
        (answer(text="Sure! Here is the plan"), "calls no tool"),
        (answer(finish="refusal"), "refused"),
        (answer(("read", {"path": "a"}), finish="length"), "cut off"),
        (answer(("read", '{"path": "a"')), "not JSON"),
        (answer(("read", "[" * 100_000)), "not JSON"),
        (answer(("read", '["a"]')), "not a JSON object"),
        (answer(("read", '{"path": "a", "path": "b"}')), "given twice"),
        (answer(("read", {"path": "a", "mode": "w"})), "mode"),
        (answer(("read", {"path": 3})), "path"),
        (answer(("read", {})), "path"),
        (answer(("shell", {"command": "id"})), "shell"),
        (answer(("edit", {"path": "a", "old": "x"})), "give `old` and `new`"),
        (answer(("edit", {"path": "a", "create": "x", "delete": True})), "give `old` and `new`"),
        (answer(("done", {"summary": "s", "blocked": "b"})), "exactly one"),
        (answer(("done", {})), "exactly one"),
        (answer(("check", {"level": 4})), "level"),
        (answer(("edit", {"path": "a", "create": "x" * (MAX_REPLY_CHARACTERS + 1)})), "longer than"),
        (answer(*[("list", "{}")] * 21), "at most 20"),
    ],
)
def test_what_the_executor_may_not_say_is_refused_in_words_that_help(written: ModelAnswer, said: str) -> None:
    assert said in refused(read_reply("executor", written, PLANNABLE))


def test_thinker_and_processor_call_one_tool_once() -> None:
    plan = ("plan", '{"summary": "s", "items": []}')
    assert "more than one" in refused(read_reply("thinker", answer(plan, plan), PLANNABLE))
    assert "note" in refused(read_reply("processor", answer(("decide", "{}")), PLANNABLE))
    assert "not JSON" in refused(read_reply("processor", answer(("decide", "{")), PLANNABLE))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
keys = st.sampled_from(["path", "old", "new", "summary", "items", "note", "tool"])
arguments = st.one_of(st.text(max_size=60), st.dictionaries(keys, json_values).map(json.dumps))


@given(
    st.sampled_from(["thinker", "processor", "executor"]),
    st.lists(st.tuples(st.sampled_from(["plan", "decide", "read", "edit", "done", "?"]), arguments), max_size=3),
    st.text(max_size=40),
)
def test_no_answer_raises(agent: Agent, calls: list[tuple[str, str]], text: str) -> None:
    reply = read_reply(agent, answer(*calls, text=text), PLANNABLE)
    assert isinstance(reply, PlanProposed | Decided | ToolsCalled | Malformed)


def test_the_schema_that_is_printed_is_the_one_that_is_read() -> None:
    assert set(reply_schema("thinker")["properties"]) == {"summary", "items", "questions"}
    assert [tool.name for tool in tools_of("executor")] == ["list", "search", "read", "edit", "check", "done"]
    assert [tool.name for tool in tools_of("thinker")] == ["plan"]
    for tool in (*tools_of("processor"), *tools_of("executor")):
        schema = json.loads(tool.schema)
        assert schema["additionalProperties"] is False
        assert "tool" not in schema["properties"]
        assert tool.description
