"""A model's answer: it is kept and read without its credentials, and its author is told why."""

import json

from bot.model.conversation import ModelAnswer, ToolCall
from bot.model.ids import MicroDollars
from bot.secrets.answer import problem_of, without_secrets

TOKEN = "ghs_q7Zt4Wc9Lm2Xv8Rb3Kp5"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----"


def answer(*arguments: str, text: str = "") -> ModelAnswer:
    calls = tuple(ToolCall("edit", each) for each in arguments)
    return ModelAnswer(calls, text, "stop", 1, 1, MicroDollars(0), 0.0)


def test_an_answer_without_any_stays_as_it_is() -> None:
    said = answer('{"a":  1}', "no JSON at all", text="postgresql://scott:tiger@localhost")
    assert without_secrets(said) == (said, ())


def test_credentials_go_from_texts_and_calls() -> None:
    written = json.dumps({"path": "a.pem", "create": KEY, TOKEN: [1, None, {"deep": TOKEN}]})
    clean, kinds = without_secrets(answer(written, '{"a":  1}', f"no JSON {TOKEN}", text=f"use {TOKEN}"))

    assert kinds == ("GitHub token", "private key", "GitHub token", "GitHub token", "GitHub token")
    assert json.loads(clean.calls[0].arguments) == {
        "path": "a.pem",
        "create": "[redacted]",
        "[redacted]": [1, None, {"deep": "[redacted]"}],
    }
    assert [call.arguments for call in clean.calls[1:]] == ['{"a":  1}', "no JSON [redacted]"]
    assert clean.text == "use [redacted]"


def test_what_only_name_and_value_show_goes_as_well() -> None:
    clean, kinds = without_secrets(answer('{"api_key": "q7Zt4Wc9Lm2Xv8Rb3Kp5"}'))
    assert kinds == ("password",)
    assert json.loads(clean.calls[0].arguments) == {"api_key": "[redacted]"}


def test_nesting_without_end_is_no_way_past() -> None:
    _, kinds = without_secrets(answer("[" * 200_000 + TOKEN))
    assert kinds == ("GitHub token",)


def test_the_author_is_told_each_kind_once() -> None:
    assert "(GitHub token, private key)" in problem_of(("GitHub token", "private key", "GitHub token"))
