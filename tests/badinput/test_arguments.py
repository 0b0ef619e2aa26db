"""What a user can give `rmo` that is wrong before any work starts: one line, a next step, exit code 2, nothing done."""

from pathlib import Path

import pytest

from tests.badinput.command import Said, git, make_repository, rmo

ISSUE = "# Title\n\nBody\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository", {"a.py": "x = 1\n"})


@pytest.fixture
def issue(tmp_path: Path) -> Path:
    path = tmp_path / "issue.md"
    path.write_text(ISSUE)
    return path


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.jsonl"
    path.write_text("")
    return path


def one_line(said: Said, *words: str) -> None:
    assert said.code == 2, said
    assert "Traceback" not in said.err + said.out
    (line,) = said.err.strip().splitlines()
    assert line.startswith("rmo: ")
    for word in words:
        assert word in line


def untouched(repository: Path) -> None:
    assert git(repository, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert git(repository, "status", "--porcelain") == ""


def run(repository: Path, issue: Path, model: str, home: Path, **environment: str) -> Said:
    return rmo("run", "--repo", repository, "--issue", issue, "--model", model, home=home, **environment)


def test_a_directory_that_is_no_repository(tmp_path: Path, issue: Path, script: Path) -> None:
    (tmp_path / "plain").mkdir()
    one_line(run(tmp_path / "plain", issue, f"script:{script}", tmp_path), "plain", "git")


def test_a_repository_without_a_commit(tmp_path: Path, issue: Path, script: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    one_line(run(empty, issue, f"script:{script}", tmp_path), "no commit", "commit something first")


def test_a_directory_that_is_not_there(tmp_path: Path, issue: Path, script: Path) -> None:
    one_line(run(tmp_path / "nowhere", issue, f"script:{script}", tmp_path), "nowhere")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "can't be read"),
        (b"", "no heading"),
        (b"   \n\n", "no heading"),
        (b"x" * (9 * 1024 * 1024), "larger than"),
    ],
    ids=["missing", "empty", "blank", "too large"],
)
def test_an_issue_file_that_says_nothing(
    repository: Path, tmp_path: Path, script: Path, content: bytes | None, word: str
) -> None:
    path = tmp_path / "other.md"
    if content is not None:
        path.write_bytes(content)
    one_line(run(repository, path, f"script:{script}", tmp_path), "other.md", word)
    untouched(repository)


@pytest.mark.parametrize(
    ("model", "environment", "words"),
    [
        ("gpt", {}, ("'gpt'", "anthropic:NAME")),
        ("mistral:large", {}, ("'mistral'", "anthropic:NAME")),
        ("anthropic:claude-sonnet-4-5", {}, ("ANTHROPIC_API_KEY",)),
        ("openai:gpt-5", {}, ("OPENAI_API_KEY",)),
        ("openai:no-such-model", {"OPENAI_API_KEY": "k"}, ("no-such-model", "price")),
        ("openai:x", {"OPENAI_API_KEY": "k", "RMO_MODEL_PRICE": "cheap"}, ("'cheap'", "INPUT,OUTPUT")),
        ("script:/nowhere/script.jsonl", {}, ("/nowhere/script.jsonl", "does not exist")),
    ],
)
def test_a_model_that_cannot_be_asked(
    repository: Path, issue: Path, tmp_path: Path, model: str, environment: dict[str, str], words: tuple[str, ...]
) -> None:
    one_line(run(repository, issue, model, tmp_path, **environment), *words)
    untouched(repository)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json\n", ("line 1", "JSON")),
        ('{"agent": "thinker", "reply": {}}\n[]\n', ("line 2",)),
        ('{"agent": "judge", "reply": {}}\n', ("line 1", "judge")),
        ('{"agent": "thinker"}\n', ("line 1", "reply")),
    ],
    ids=["no JSON", "no object", "unknown agent", "no reply"],
)
def test_a_script_that_cannot_be_played(
    repository: Path, issue: Path, script: Path, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    script.write_text(text)
    one_line(run(repository, issue, f"script:{script}", tmp_path), *words)
    untouched(repository)


def test_no_model_at_all(repository: Path, issue: Path, tmp_path: Path) -> None:
    one_line(rmo("run", "--repo", repository, "--issue", issue, home=tmp_path), "--model")


def test_a_report_that_cannot_be_written(repository: Path, issue: Path, script: Path, tmp_path: Path) -> None:
    said = rmo(
        *("run", "--repo", repository, "--issue", issue, "--model", f"script:{script}"),
        *("--json", tmp_path / "missing" / "report.json"),
        home=tmp_path,
    )
    one_line(said, "missing")


def test_a_detached_head(repository: Path, issue: Path, script: Path, tmp_path: Path) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    one_line(run(repository, issue, f"script:{script}", tmp_path), "no branch")


def test_an_option_that_does_not_exist(tmp_path: Path) -> None:
    said = rmo("run", "--no-such-option", home=tmp_path)
    assert said.code == 2
    assert "Traceback" not in said.err


def test_serve_says_what_it_lacks(tmp_path: Path) -> None:
    one_line(rmo("serve", home=tmp_path, RMO_MODEL="script:x"), "RMO_APP_ID")
    one_line(rmo("serve", "--poll", "--web-only", home=tmp_path), "exclude each other")


def test_a_database_from_a_newer_version(tmp_path: Path) -> None:
    import sqlite3

    database = tmp_path / "rmo.db"
    key = tmp_path / "key.pem"
    key.write_text("a key")
    with sqlite3.connect(database) as connection:
        connection.execute("create table alembic_version (version_num varchar(32) primary key)")
        connection.execute("insert into alembic_version values ('9999')")
    connection.close()
    said = rmo(
        *("serve", "--poll"),
        home=tmp_path,
        DATABASE_URL=f"sqlite:///{database}",
        RMO_APP_ID="1",
        RMO_PRIVATE_KEY_FILE=str(key),
        RMO_MODEL=f"script:{key.with_name('empty.jsonl')}" if key.with_name("empty.jsonl").write_text("") == 0 else "",
    )
    one_line(said, "'9999'", "newer version")


def test_schema_names_the_agents(tmp_path: Path) -> None:
    one_line(rmo("schema", "judge", home=tmp_path), "thinker, processor or executor")
    said = rmo("schema", "executor", home=tmp_path)
    assert said.code == 0
    assert '"calls"' in said.out
