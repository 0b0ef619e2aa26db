"""What may be handed to git as a URL, a ref or a commit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.git.errors import BadName
from bot.git.names import commit_sha, is_commit_sha, ref_name, remote


@pytest.mark.parametrize(
    ("url", "origin", "protocol"),
    [
        ("https://github.com/a/b", "https://github.com/", "https"),
        ("https://ghe.example.test:8443/a/b.git", "https://ghe.example.test:8443/", "https"),
        ("http://127.0.0.1:8080/a/b", "http://127.0.0.1:8080/", "http:https"),
        ("http://[::1]:8080/a/b", "http://[::1]:8080/", "http:https"),
    ],
)
def test_a_token_belongs_to_the_origin_of_a_url(url: str, origin: str, protocol: str) -> None:
    assert (remote(url).origin, remote(url).protocol) == (origin, protocol)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1.example.test/a", "http://localhost@example.test/a", "HTTP://example.test/a", "https:///a"]
)
def test_plain_http_is_for_loopback_alone(url: str) -> None:
    with pytest.raises(BadName):
        remote(url)


@pytest.mark.parametrize("name", ["refs/heads/main", "refs/rmo/runs/7-1-2", "refs/heads/" + "a" * 40, "refs/heads/é"])
def test_full_refs_pass(name: str) -> None:
    assert ref_name(name) == name
    assert not is_commit_sha(name)


@pytest.mark.parametrize(
    "name",
    [
        "main",
        "HEAD",
        "-x",
        "refs/heads",
        "refs/heads/-x",
        "refs/heads/a..b",
        "refs/heads/a@{1}",
        "refs/heads/@",
        "refs/heads/x.lock",
        "refs/heads/x.lock/y",
        "refs/heads/.x",
        "refs/heads/x.",
        "refs/heads/",
        "refs//heads/x",
        "refs/heads/a:b",
        "refs/heads/a b",
        "refs/heads/a\nb",
        "refs/heads/a*",
        "refs/heads/a\\b",
        "refs/heads/" + "a" * 300,
    ],
)
def test_names_that_git_reads_as_more_than_a_ref(name: str) -> None:
    with pytest.raises(BadName):
        ref_name(name)


@given(st.text())
def test_only_forty_hexadecimal_digits_are_a_commit(text: str) -> None:
    if is_commit_sha(text):
        assert len(text) == 40
        assert commit_sha(text) == text
    else:
        with pytest.raises(BadName):
            commit_sha(text)
