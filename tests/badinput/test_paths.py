"""PA: paths that a model names, held against the rules for paths, for places in a tree, and for answers."""

import json
from collections.abc import Mapping

import pytest

from bot.agents.reading import MAX_REPLY_CHARACTERS, read_reply
from bot.git.tree import SUBMODULE, SYMLINK, list_files
from bot.jobs.desk import Desk
from bot.loop.overlay import MAX_FILE_CHARACTERS, edit
from bot.loop.paths import PathRefused, protected_reason, validate_path
from bot.loop.places import new_place, obstacle
from bot.model.change import Applied, Create, Edit, Rejected, Rename, Replace
from bot.model.conversation import ModelAnswer, ToolCall
from bot.model.ids import CommitSha, MicroDollars
from bot.model.reply import EditFile, Malformed, Reply, ToolsCalled
from tests.conformance.git.conftest import workshop
from tests.conformance.git.served import Workshop

__all__ = ["workshop"]

REFUSED = {
    "PA-1": ["../x"],
    "PA-2": ["a/../../x", "a/..", "a/b/../../../x"],
    "PA-3": ["/etc/passwd", "//etc/passwd"],
    "PA-4": ["~/.ssh/id", "~root/.ssh/id"],
    "PA-5": ["-rf", "a/-rf", "--upload-pack=touch x"],
    "PA-6": ["a\\..\\b", "..\\x"],
    "PA-7": [".git/config", ".git", ".git/hooks/pre-commit"],
    "PA-8": [".GIT/config", ".gIt/config"],
    "PA-9": [".g\u200cit/config", ".git\ufeff/config", ".git\u3164/config"],
    "PA-10": ["git~1/config", "GIT~1/config", "GITHUB~1/workflows/x.yml"],
    "PA-11": [".git /config"],
    "PA-12": [".git./config", ".git. . /config"],
    "PA-13": [".git::$INDEX_ALLOCATION/config", "a.py::$DATA"],
    "PA-14": [".gitmodules", "a/.GITMODULES"],
    "PA-15": [".gitattributes", "a/.gitattributes"],
    "PA-16": [".github/workflows/x.yml", ".github/actions/x/action.yml"],
    "PA-17": [".GitHub/Workflows/x.yml", ".GITHUB/workflows/x.yml"],
    "PA-19": ["a\0b", "\0"],
    "PA-20": ["a//b", "a/"],
    "PA-21": ["./a", "a/./b"],
    "PA-22": ["C:/x", "c:x"],
    "PA-23": ["a" * 300, "a/" * 150 + "b"],
    "PA-24": ["vendored/.git/hooks/post-checkout", "a/b/.git/config"],
    "PA-26": ["\uff0e\uff0e/x", "\u2025/x", "\uff0egit/config"],
    "PA-27": ["e\u0301.py", "a/n\u0303.py"],
    "PA-28": ["a\nb", "a\rb", "a\u2028b"],
    "PA-29": ["", " "],
    "PA-40": [".g\u0456thub/workflows/x.yml", ".\u0261it/config", ".rm\u043e/state.json"],
}
PROTECTED = {
    "PA-18": ["CODEOWNERS", "docs/CODEOWNERS", "codeowners"],
    "PA-25": ["conftest.py", "tests/conftest.py", "Conftest.py"],
    "PA-40": ["t\u0435sts/c\u043enftest.py", "u\u03bd.lock", "s\u0456tecustomize.py"],
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    for path in REFUSED[case]:
        refused = validate_path(path)
        assert isinstance(refused, PathRefused), path
        assert refused.reason.isprintable()


@pytest.mark.parametrize("case", PROTECTED)
def test_protected(case: str) -> None:
    for path in PROTECTED[case]:
        assert protected_reason(path) is not None, path


def reply(*calls: Mapping[str, object]) -> Reply:
    written = tuple(ToolCall("edit", json.dumps(call)) for call in calls)
    return read_reply("executor", ModelAnswer(written, "", "stop", 1, 1, MicroDollars(0), 0.0), ())


@pytest.mark.parametrize("case", ["PA-31", "PA-34", "PA-35", "PA-38"])
def test_an_edit_that_cannot_be_said(case: str) -> None:
    attempts: dict[str, list[Mapping[str, object]]] = {
        "PA-31": [{"path": "link", "create": "/etc", "mode": "120000"}],
        "PA-34": [{"path": f"many/{number}.py", "create": ""} for number in range(10_000)],
        "PA-35": [{"path": "large.txt", "create": "x" * 50_000_000}],
        "PA-38": [{"path": "run.sh", "create": "#!/bin/sh\n", "mode": "100755"}],
    }

    said = reply(*attempts[case])

    assert isinstance(said, Malformed)
    assert len(said.reason) < 600


def test_a_file_grows_no_further_than_its_limit() -> None:
    half = "x" * (MAX_FILE_CHARACTERS // 2 + 1)
    assert MAX_FILE_CHARACTERS < MAX_REPLY_CHARACTERS
    grown = edit({}, {"a.txt": half}, Replace("a.txt", "x" * len(half), half * 2))
    assert isinstance(grown, Rejected)
    assert "limit" in grown.reason


PLACES: Mapping[str, list[Edit]] = {
    "PA-30": [Create("linked/x.py", "x"), Rename("a.py", "linked/deep/x.py")],
    "PA-32": [Create("README.MD", "x"), Create("SRC/other.py", "x"), Rename("a.py", "src/\u017ftate.py")],
    "PA-33": [Create("src", "x"), Create("a.py/b.py", "x"), Rename("a.py", "src")],
    "PA-36": [Create("linked", "x"), Rename("a.py", "linked")],
    "PA-37": [Create("vendored", "x"), Create("vendored/x.py", "x")],
    "PA-39": [Create("picture.png", "x")],
}


@pytest.mark.parametrize("case", PLACES)
async def test_no_file_can_stand_there(case: str, workshop: Workshop) -> None:
    """In a real tree, by the same questions that the tool asks."""
    (workshop.path / "linked").symlink_to("/etc")
    files: dict[str, str | bytes] = {
        "a.py": "",
        "README.md": "",
        "src/state.py": "",
        "picture.png": b"\x89PNG\xff\xfe",
    }
    inner = workshop.commit(files)
    workshop.git("update-index", "--add", "--cacheinfo", f"{SUBMODULE},{inner},vendored")
    workshop.git("commit", "--quiet", "--message", "submodule")
    sha = CommitSha(workshop.git("rev-parse", "HEAD"))
    desk = Desk(workshop.git_directory, sha, {})
    taken, others = await desk.taken()
    assert others == {"linked", "vendored"}

    for wanted in PLACES[case]:
        place = new_place(wanted)
        assert place is not None
        assert validate_path(place) == place or case == "PA-39"
        blocked = obstacle(place, taken, others)
        unreadable = place in taken and await desk.read(place) is None
        assert unreadable if case == "PA-39" else blocked, wanted


async def test_what_is_changed_leaves_every_other_entry_as_it_was(workshop: Workshop) -> None:
    (workshop.path / "linked").symlink_to("a.py")
    sha = CommitSha(workshop.commit({"a.py": "one\n", "src/b.py": "two\n"}))
    modes = {entry.path: entry.mode for entry in await list_files(workshop.git_directory, sha)}
    assert modes["linked"] == SYMLINK
    taken, others = await Desk(workshop.git_directory, sha, {"src/b.py": None, "c.py": "three\n"}).taken()
    assert (taken, others) == ({"a.py", "c.py"}, {"linked"})
    assert obstacle("src", taken, others) is None
    assert obstacle("src/new.py", taken, others) is None
    assert obstacle("b/new.py", taken, others) is None


@pytest.mark.parametrize("path", ["тест.py", "src/ελλάς.py", "tests/test_é.py", "日本/語.txt"])
def test_other_scripts_are_no_offence(path: str) -> None:
    assert validate_path(path) == path
    assert protected_reason(path) is None


def test_an_edit_that_can_be_said_is_read() -> None:
    assert reply({"path": "a.py", "create": "x"}) == ToolsCalled((EditFile(Create("a.py", "x")),))
    assert isinstance(edit({}, {"a.py": None}, Create("a.py", "x")), Applied)
    assert new_place(Replace("a.py", "x", "y")) is None
