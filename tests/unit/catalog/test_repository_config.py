"""`.github/fractal-rmo.yml`: every key has a default, and a wrong one is named."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog import default_config, parse_repository_config
from bot.model.errors import NeedsHuman
from bot.model.repository import RepositoryConfig


def test_an_empty_file_is_all_defaults() -> None:
    assert parse_repository_config("") == RepositoryConfig()
    assert parse_repository_config("# only a remark\n{}\n") == RepositoryConfig()


def test_every_key() -> None:
    text = "setup: pip install -e .[test]\nanalysers: 3\nci_timeout_minutes: 90\nci_start_minutes: 5\n"
    assert parse_repository_config(text) == RepositoryConfig("pip install -e .[test]", 3, 90, 5)
    text = "plan_approval: true\nlabel_apps: [7]\naccept_ci_secrets: [NPM_TOKEN, other]\nkeep_up_to_date: false\n"
    text += "revisits: 0\nmost_files: 9\nmost_lines: 8\nopen_pull_requests: 7\nruns_an_hour: 6\ndashboard: true\n"
    assert parse_repository_config(text) == RepositoryConfig(
        plan_approval=True,
        label_apps=(7,),
        accept_ci_secrets=("NPM_TOKEN", "other"),
        keep_up_to_date=False,
        revisits=0,
        most_files=9,
        most_lines=8,
        open_pull_requests=7,
        runs_an_hour=6,
        dashboard=True,
    )


@given(st.lists(st.text() | st.sampled_from(["NPM_TOKEN", "A\nanalysers: 3", "]"]), max_size=4))
def test_the_documented_file_says_the_defaults_whatever_the_secrets_are_called(names: list[str]) -> None:
    assert parse_repository_config(default_config(names)) == RepositoryConfig()


def test_the_documented_file_tells_of_every_key() -> None:
    lines = default_config(["NPM_TOKEN", "no name", "A_KEY"]).splitlines()
    for field in dataclasses.fields(RepositoryConfig):
        places = [place for place, line in enumerate(lines) if line.removeprefix("# ").startswith(f"{field.name}: ")]
        assert lines[places[-1] - 1].startswith("# "), field.name
    assert "# accept_ci_secrets: [A_KEY, NPM_TOKEN]" in lines
    assert max(map(len, lines)) <= 120
    assert "# setup: pip install -e .[test]" in lines


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
        ("accept_ci_secrets: ['*']", "accept_ci_secrets"),
        ("accept_ci_secrets: NPM_TOKEN", "accept_ci_secrets"),
        ("label_apps: [dependabot]", "label_apps"),
        ("revisits: -1", "revisits"),
        ("open_pull_requests: 0", "open_pull_requests"),
        ("dashboard: yes", "dashboard"),
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
