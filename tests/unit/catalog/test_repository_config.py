"""`.github/fractal-rmo.yml`: every key has a default, and a wrong one is named."""

import pytest

from bot.catalog import parse_repository_config
from bot.model.errors import NeedsHuman
from bot.model.repository import RepositoryConfig


def test_an_empty_file_is_all_defaults() -> None:
    assert parse_repository_config("") == RepositoryConfig()
    assert parse_repository_config("# only a remark\n{}\n") == RepositoryConfig()


def test_every_key() -> None:
    text = "setup: pip install -e .[test]\nanalysers: 3\nci_timeout_minutes: 90\nci_start_minutes: 5\n"
    assert parse_repository_config(text) == RepositoryConfig("pip install -e .[test]", 3, 90, 5)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("analysers: 0", "analysers"),
        ("analysers: 11", "analysers"),
        ("analysers: '2'", "analysers"),
        ("analysers: 1.5", "analysers"),
        ("ci_timeout_minutes: true", "ci_timeout_minutes"),
        ("ci_start_minutes: -1", "ci_start_minutes"),
        ("setup: ''", "setup"),
        ("setup: [a]", "setup"),
        ("model: other", "model"),
        ("budget: {cost: 1}", "budget"),
        ("- setup", "setup"),
        ("setup: " + "x" * 70_000, "shorten"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(text: str, named: str) -> None:
    with pytest.raises(NeedsHuman) as caught:
        parse_repository_config(text)
    message = str(caught.value)
    assert named in message
    assert message.startswith(".github/fractal-rmo.yml has to be corrected: ")
    assert "\n" not in message
    assert len(message) < 500
