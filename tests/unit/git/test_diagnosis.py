"""From git's words to our errors; the words are quoted from git 2.39."""

import pytest

from bot.git.command import Output
from bot.git.diagnosis import failure_of, require
from bot.git.errors import (
    AccessRefused,
    ForeignOwner,
    GitFailed,
    HostileObjects,
    MissingCommit,
    RemoteUnreachable,
    RepositoryGone,
)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("fatal: detected dubious ownership in repository at '/srv/x'", ForeignOwner),
        ("error: Server does not allow request for unadvertised object 11111", MissingCommit),
        ("fatal: remote error: upload-pack: not our ref 1111", MissingCommit),
        ("fatal: Authentication failed for 'https://github.com/a/b/'", AccessRefused),
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", AccessRefused),
        ("remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found", RepositoryGone),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", RemoteUnreachable),
        (
            "fatal: unable to access 'https://x/': gnutls_handshake() failed: Error in pull.",
            RemoteUnreachable,
        ),
        ("error: RPC failed; curl 18 transfer closed\nfatal: early EOF\nfatal: index-pack failed", RemoteUnreachable),
        ("error: object 11: hasDotgit: contains '.git'\nfatal: fsck error in packed object", HostileObjects),
        ("fatal: something nobody has heard of", GitFailed),
        ("", GitFailed),
    ],
)
def test_each_complaint_has_its_error(words: str, error: type[Exception]) -> None:
    assert type(failure_of(Output(128, b"", words, cut=False), "fetch 'x'")) is error


def test_a_message_is_one_short_line_whatever_a_server_writes() -> None:
    text = str(failure_of(Output(1, b"", "fatal: \x1b[2K\r" + "x" * 5000 + "\nfatal: more", cut=False), "fetch 'x'"))
    assert text.isprintable()
    assert len(text) < 500


def test_output_that_we_cut_ourselves_is_no_failure() -> None:
    assert require(Output(-9, b"part", "", cut=True), "search") == b"part"
    assert require(Output(0, b"all", "warning: something", cut=False), "search") == b"all"
    with pytest.raises(GitFailed):
        require(Output(-9, b"part", "", cut=False), "search")
