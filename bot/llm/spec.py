"""How a model is named in the settings: `anthropic:NAME`, `openai:NAME` or `script:FILE`. Pure, and cheap to import."""

from dataclasses import dataclass
from pathlib import Path

from bot.llm.errors import UnknownSpec

FORMS = "anthropic:NAME, openai:NAME or script:FILE"


@dataclass(frozen=True, slots=True)
class AnthropicSpec:
    """A model behind Anthropic's Messages interface."""

    name: str


@dataclass(frozen=True, slots=True)
class OpenAISpec:
    """A model behind OpenAI's Chat Completions interface, at OpenAI or at any server that speaks it."""

    name: str


@dataclass(frozen=True, slots=True)
class ScriptSpec:
    """Replies read from a file: for demonstrations and tests, free of charge."""

    path: Path


ModelSpec = AnthropicSpec | OpenAISpec | ScriptSpec


def parse_spec(text: str) -> ModelSpec:
    """The model that a text names.

    Raises UnknownSpec.
    """
    provider, _, name = text.partition(":")
    if not name or name != name.strip() or not name.isprintable():
        raise UnknownSpec(f"not a model: {text!r}; use {FORMS}")
    match provider:
        case "anthropic":
            return AnthropicSpec(name)
        case "openai":
            return OpenAISpec(name)
        case "script":
            return ScriptSpec(Path(name))
        case _:
            raise UnknownSpec(f"no model provider is called {provider!r}; use {FORMS}")
