"""How models are named."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.llm.errors import UnknownSpec
from bot.llm.spec import AnthropicSpec, ModelSpec, OpenAISpec, ScriptSpec, parse_spec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("anthropic:claude-haiku-4-5", AnthropicSpec("claude-haiku-4-5")),
        ("openai:gpt-4o-mini", OpenAISpec("gpt-4o-mini")),
        ("openai:ft:gpt-4o:me::abc", OpenAISpec("ft:gpt-4o:me::abc")),
        ("script:a folder/replies.jsonl", ScriptSpec(Path("a folder/replies.jsonl"))),
    ],
)
def test_the_known_forms(text: str, spec: ModelSpec) -> None:
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    "text", ["", "anthropic", "anthropic:", "gpt-4o", "google:x", "OpenAI:x", "openai: x", "openai:a\nb"]
)
def test_everything_else_is_told_the_known_forms(text: str) -> None:
    with pytest.raises(UnknownSpec, match="anthropic:NAME, openai:NAME or script:FILE") as raised:
        parse_spec(text)
    assert "\n" not in str(raised.value)


def test_nothing_heavy_is_imported_before_a_model_is_asked() -> None:
    program = "import sys, bot.llm.ask, bot.llm.script; print([n for n in sys.modules if n.split('.')[0] in sys.argv])"
    heavy = ("pydantic_ai", "pydantic", "openai", "anthropic", "genai_prices", "httpx", "httpx2")
    done = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
