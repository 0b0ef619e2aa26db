"""GI: names, objects and settings that make git do something else than it was asked for, against real git."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.git.cache import RepositoryCache
from bot.git.command import GitLimits, Invocation, run_git
from bot.git.errors import BadName, HostileObjects, TooLarge
from bot.git.names import commit_sha, is_commit_sha, ref_name, remote
from bot.git.search import Found, Match, search
from bot.git.tree import SUBMODULE, archive, list_files, read_file
from bot.loop.commit_message import code_message, state_message, trailers_of
from bot.model.ids import CommitSha, RepositoryId
from bot.model.phase import Recording
from bot.model.run import Run
from tests.conformance.git.conftest import server, workshop
from tests.conformance.git.served import TOKEN, GitServer, Workshop
from tests.unit.loop.story import Story, item, sha

__all__ = ["server", "workshop"]

NAMES: dict[str, tuple[Callable[[str], object], list[str]]] = {
    "GI-1": (
        ref_name,
        [
            *("-x", "--upload-pack=touch x", "refs/heads/-x", "refs/heads/a..b", "refs/heads/a@{1}"),
            *(
                "refs/heads/a.lock",
                "refs/heads/.a",
                "refs/heads/a\nb",
                "refs/heads/",
                "main",
                "refs/heads/a:b",
                "+main",
            ),
        ],
    ),
    "GI-2": (
        remote,
        [
            "--upload-pack=touch sprung",
            "-oProxyCommand=touch",
            "https://h/r --upload-pack=x\n",
            "ssh://-oProxyCommand=x/r",
        ],
    ),
    "GI-3": (
        remote,
        [
            *("ext::sh -c 'touch sprung'", "file:///etc", "/etc", "git://h/r", "ssh://h/r", "fd::17", "http://h/r"),
            *("https://user:secret@h/r", "https://token@h/r", "http://127.0.0.1.evil.example/r", "https:///r"),
        ],
    ),
    "GI-13": (commit_sha, ["refs/heads/" + "a" * 40, "A" * 40, "a" * 39, "a" * 41, "HEAD", "a" * 40 + "\n", "--help"]),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_that_git_is_never_given(case: str) -> None:
    accept, names = NAMES[case]
    for name in names:
        with pytest.raises(BadName) as refused:
            accept(name)
        assert "secret" not in str(refused.value)
        assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "url", ["ext::touch {}/sprung", "{}/work", "file://{}/work"], ids=["GI-3-ext", "GI-3-path", "GI-3"]
)
async def test_git_itself_is_forbidden_the_other_transports(url: str, tmp_path: Path, workshop: Workshop) -> None:
    workshop.commit({"a.py": "one\n"})
    asked = ("ls-remote", "--", url.format(tmp_path / "served"))
    output = await run_git(Invocation(asked, protocol="https"))
    assert output.exit_code != 0
    assert "not allowed" in output.stderr
    assert not (tmp_path / "served" / "sprung").exists()


async def bring(cache: RepositoryCache, server: GitServer, want: str) -> Path:
    await cache.fetch(server.url("work"), TOKEN, RepositoryId(1), (want,))
    return cache.location(RepositoryId(1))


async def hooks(tmp_path: Path, workshop: Workshop, server: GitServer) -> None:
    """In the repository, and as a template that every new repository would get."""
    found = workshop.commit({"a.py": "one\n"})
    template = tmp_path / "template" / "hooks"
    template.mkdir(parents=True)
    for directory in (workshop.git_directory / "hooks", template):
        for name in ("reference-transaction", "post-index-change", "pre-commit", "post-checkout"):
            hook = directory / name
            hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
            hook.chmod(0o755)
    workshop.git("config", "init.templateDir", str(template.parent))
    await run_git(Invocation(("update-ref", "refs/heads/x", found), work_directory=workshop.path))
    at = await bring(RepositoryCache(tmp_path / "caches"), server, found)
    assert not (at / "hooks").exists()


async def attributes(tmp_path: Path, workshop: Workshop, server: GitServer) -> None:
    """Every program that attributes can name, set where the server and the cache would find it."""
    asked = "* filter=evil diff=evil merge=evil\nhidden.py export-ignore\nstamp.py export-subst\n"
    files = {".gitattributes": asked, "hidden.py": "kept = 1\n", "stamp.py": "'$Format:%H$'\n"}
    found = CommitSha(workshop.commit({**files}))
    at = await bring(RepositoryCache(tmp_path / "caches"), server, found)
    settings = ("filter.evil.smudge", "filter.evil.clean", "diff.evil.command", "diff.evil.textconv", "diff.external")
    for setting in (*settings, "merge.evil.driver", "core.fsmonitor", "grep.patternType"):
        spring = f"touch {tmp_path}/sprung; cat" if "grep" not in setting else "perl"
        workshop.git("config", setting, spring)
        workshop.git("config", "--file", str(at / "config"), setting, spring)
    for path, content in files.items():
        assert await read_file(at, found, path, 1000) == content.encode()
    tar = await archive(at, found)
    assert b"kept = 1" in tar
    assert b"$Format:%H$" in tar
    assert await search(at, found, "kept") == Found((Match("hidden.py", 1, "kept = 1"),), cut=False)


async def submodules(tmp_path: Path, workshop: Workshop, server: GitServer) -> None:
    """Each way is refused as git fetches it, before anything could follow it."""
    for name in ("../../evil", "..\\evil", "-x"):
        text = f'[submodule "{name}"]\n\tpath = evil\n\turl = --upload-pack=touch {tmp_path}/sprung\n'
        bad = workshop.commit({".gitmodules": text})
        with pytest.raises(HostileObjects):
            await bring(RepositoryCache(tmp_path / f"caches-{len(name)}"), server, bad)
    text = (
        f'[submodule "evil\r"]\n\tpath = "evil\r"\n\turl = https://127.0.0.1:9/x\n\tupdate = !touch {tmp_path}/sprung\n'
    )
    workshop.git("update-index", "--add", "--cacheinfo", f"{SUBMODULE},{sha(7)},evil\r")
    (workshop.path / ".gitmodules").write_text(text)
    workshop.git("update-index", "--add", ".gitmodules")
    workshop.git("commit", "--quiet", "--message", "carriage return")
    found = CommitSha(workshop.git("rev-parse", "HEAD"))
    with pytest.raises(HostileObjects):
        await bring(RepositoryCache(tmp_path / "caches-return"), server, found)
    (entry,) = [each for each in await list_files(workshop.git_directory, found) if each.mode == SUBMODULE]
    assert await read_file(workshop.git_directory, found, entry.path, 1000) is None


async def large_file(tmp_path: Path, workshop: Workshop, server: GitServer) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n"
    found = CommitSha(workshop.commit({".gitattributes": "*.bin filter=lfs -text\n", "x.bin": pointer}))
    at = await bring(RepositoryCache(tmp_path / "caches"), server, found)
    assert await read_file(at, found, "x.bin", 1000) == pointer.encode()
    for setting in ("filter.lfs.smudge", "filter.lfs.process"):
        workshop.git("config", "--file", str(at / "config"), setting, f"touch {tmp_path}/sprung")
    assert pointer.encode() in await archive(at, found)


async def embedded(tmp_path: Path, workshop: Workshop, server: GitServer) -> None:
    inner = workshop.path / "inner"
    files: dict[str, str | bytes] = {
        "inner/HEAD": "ref: refs/heads/main\n",
        "inner/config": f"[core]\n\tbare = true\n\tfsmonitor = touch {tmp_path}/sprung\n",
        "inner/objects/keep": "",
        "inner/refs/keep": "",
    }
    found = CommitSha(workshop.commit(files))
    output = await run_git(Invocation(("status",), work_directory=inner))
    assert output.exit_code != 0
    assert "bare repository" in output.stderr
    at = await bring(RepositoryCache(tmp_path / "caches"), server, found)
    assert {entry.path for entry in await list_files(at, found)} == files.keys()


async def too_large(tmp_path: Path, workshop: Workshop, server: GitServer) -> None:
    """Limits of bytes, of a listing and of history, each far below what a repository could bring."""
    first = workshop.commit({"noise.bin": bytes(n * n % 251 for n in range(400_000)), "a.py": "one\n"})
    found = CommitSha(workshop.commit({f"many/{n}.txt": f"{n}\n" for n in range(300)}))
    with pytest.raises(TooLarge):
        await bring(RepositoryCache(tmp_path / "small", max_bytes=20_000), server, found)
    at = await bring(RepositoryCache(tmp_path / "caches"), server, found)
    counted = await run_git(Invocation(("rev-list", "--count", found), git_directory=at))
    assert counted.stdout == b"1\n"
    listing = Invocation(("ls-tree", "-r", found), git_directory=at, limits=GitLimits(output_bytes=1000))
    with pytest.raises(TooLarge):
        await run_git(listing)
    absent = await run_git(Invocation(("cat-file", "-e", first), git_directory=at))
    assert absent.exit_code != 0


async def ref_like_a_commit(tmp_path: Path, workshop: Workshop, server: GitServer) -> None:
    """A branch whose name is another commit's SHA is the branch where it is asked for, and nowhere else."""
    real = workshop.commit({"a.py": "one\n"})
    other = workshop.commit({"a.py": "two\n"})
    workshop.git("update-ref", f"refs/heads/{real}", other)
    workshop.git("config", "uploadpack.allowAnySHA1InWant", "true")
    cache = RepositoryCache(tmp_path / "caches")
    wants = (real, f"refs/heads/{real}")
    named = await cache.fetch(server.url("work"), TOKEN, RepositoryId(1), wants)
    assert named == {real: real, f"refs/heads/{real}": other}
    assert await read_file(cache.location(RepositoryId(1)), CommitSha(real), "a.py", 100) == b"one\n"
    assert not is_commit_sha(f"refs/heads/{real}")


SCENES = {
    "GI-4": hooks,
    "GI-5": attributes,
    "GI-6": submodules,
    "GI-7": large_file,
    "GI-8": embedded,
    "GI-9": too_large,
    "GI-13": ref_like_a_commit,
}


@pytest.mark.parametrize("case", SCENES)
async def test_nothing_of_a_repository_acts(case: str, tmp_path: Path, workshop: Workshop, server: GitServer) -> None:
    await SCENES[case](tmp_path, workshop, server)
    assert not (tmp_path / "sprung").exists()


WORDS = {
    "GI-10": [
        "Co-authored-by: Root <root@example.test>",
        "Author: Root <root@example.test>",
        "co-authored-by:Root <root@example.test>",
    ],
    "GI-11": [
        *("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[ actions skip ]", "[SKIP CI]", "***NO_CI***"),
        *("[skip [skip ci]ci]", "[ci [no ci]skip]", "[[skip ci]skip ci]", "***NO_[skip ci]CI***", "[skip\u200b ci]"),
        *("skip-checks: true", "skip-checks:true", "Skip-Checks : true"),
    ],
    "GI-12": [
        *("Signed-off-by: Root <root@example.test>", "Reviewed-by:Root", "RMO-Run: 1-1-1\nRMO-Step: 9"),
        *("  RMO-Run : 1-1-1", "RMO-Run:1-1-1", "\u2028RMO-Run: 1-1-1", "Change-Id: I0\r\nAcked-by: Root"),
    ],
}
SKIPS = re.compile(r"\[\s*(skip|no)\s+(ci|actions)\s*\]|\[\s*(ci|actions)\s+skip\s*\]|\*\*\*no_ci\*\*\*", re.IGNORECASE)


def told(words: str, run: Run) -> list[str]:
    """Commit messages that hold the words in their subject and in their body."""
    both = Recording("executor", words, words, f"Text\n\n{words}", {"a.py": "x"}, None, None)
    both = replace(both, action_item="fix_defect")
    return [code_message(run, both, CommitSha(sha(5))), state_message(run, both)]


def trailers_by_git(message: str) -> list[str]:
    """The trailers, as git itself reads them."""
    asked = ["git", "interpret-trailers", "--parse", "--no-divider"]
    return subprocess.run(asked, input=message, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("case", WORDS)
def test_a_models_words_are_prose_in_a_commit(case: str) -> None:
    story = Story()
    story.plan(item("Mend it"))
    story.decide()
    run = story.run
    ours = ["RMO-Run", "RMO-Step", "RMO-State", "RMO-Agent", "RMO-Action", "RMO-Protocol", "RMO-Cost"]
    for words in WORDS[case]:
        for message in told(words, run):
            names = [line.partition(":")[0] for line in trailers_by_git(message)]
            assert names == [name for name in ours if name in names], message
            assert len(names) == 6, message
            found = trailers_of(message)
            assert found is not None
            assert found.run == run.id
            assert not SKIPS.search(message), message
            assert not re.search(
                r"^\s*(skip-checks|co-authored-by)\s*:", message.partition("\n")[2], re.IGNORECASE | re.MULTILINE
            )
            assert message.splitlines()[0].strip()


@pytest.mark.parametrize(
    "words",
    ["fixes #3", "Closes: my-org/x#2", "resolved GH-7", "fix https://example.test/o/r/issues/2", "see my-org/x#2"],
)
def test_a_commit_closes_nothing(words: str) -> None:
    """GitHub obeys closing keywords of commits that reach the default branch."""
    story = Story()
    story.plan(item("Mend it"))
    story.decide()
    closes = r"\b(close[sd]?|fix(e[sd])?|resolve[sd]?)[\s:]+(#|gh-|[\w.-]+/[\w.-]+#|https?:)"
    for message in told(words, story.run):
        assert not re.search(closes, message, re.IGNORECASE), message
        assert not re.search(r"\w#\d|://\S+/issues/\d", message)
