"""CI: what GitHub says of a commit is late, foreign, incomplete or endless.

The verdict is a function, so its cases are claims about it (`ci_results.py`). Where the trick lies in what is
transported, a whole run meets it, on a GitHub on loopback whose CI says it, to the end that the case names.
"""

import asyncio
import json
import sqlite3
import subprocess
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.ci import verdict
from bot.ci.findings import collect
from bot.github.app import GitHubApp
from bot.github.errors import TooLarge
from bot.github.workflows import MOST_LOG_BYTES, read_log_end
from bot.localhub.actions.runs import JobOutcome, RunOutcome
from bot.localhub.state.checks import LineAnnotation
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.workflows import WorkflowRun
from bot.model.ids import InstallationId, RepositoryId
from bot.model.phase import Ended
from tests.badinput.artifacts import MEGABYTE, archive, junit
from tests.badinput.ci_results import CLAIMS
from tests.badinput.memory import peak
from tests.scenarios.plot import BODY, FILES, title, two_tries
from tests.scenarios.town import Place, Story, Town, open_town


@pytest.mark.parametrize("case", [pytest.param(case, id=case) for case in CLAIMS])
def test_the_verdict_is_the_one_that_the_checks_make(case: str) -> None:
    for name, claim in CLAIMS[case].items():
        assert claim.ask(verdict) == claim.answer, name


# --- whole runs -----------------------------------------------------------------------------------------------------

BODY_OF_KEY = "".join(f"{'A1b2C3d4E5f6G7h8' * 4}\n" for _ in range(30))
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY_OF_KEY}-----END RSA PRIVATE KEY-----"
TOKENS = (
    "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0abcdefghijkl_MNOPQRSTUVWXYZ0123456789",
    "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefghijkl",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop",
)
SECRETS = (*TOKENS, "hunter2secret", "A1b2C3d4E5f6G7h8A1b2")
STAMP = "2026-03-01T12:00:00.0000000Z "
GREEN_WORDS = (
    "===== 100 passed in 0.12s =====\nFractal-RMO: all checks passed: test\nverdict: Passed\n::notice::success"
)
RED_WORDS = "FAILED tests/test_a.py::test_a - ValueError: no\n===== 1 failed in 0.12s =====\nverdict: Failed\n"


@dataclass
class Ci:
    """CI that says the first of these of the first commit, and so on."""

    outcomes: list[RunOutcome]
    said: int = field(default=0)

    async def __call__(self, repository: HubRepository, run: WorkflowRun) -> RunOutcome:
        self.said += 1
        return self.outcomes[min(self.said, len(self.outcomes)) - 1]


def red(
    log: str,
    annotations: tuple[LineAnnotation, ...] = (),
    artifacts: Mapping[str, bytes] | None = None,
    summary: str = "",
) -> RunOutcome:
    job = JobOutcome("test", {}, "failure", annotations=annotations, log=log, summary=summary or None)
    return RunOutcome((job,), artifacts or {})


def green(log: str = "") -> RunOutcome:
    return RunOutcome((JobOutcome("test", {}, "success", log=log),))


def endless_log() -> RunOutcome:
    return red("first line\n" + f"{'x' * 99}\n" * 400_000 + "E   KeyError: 'the last line'\n")


def many_annotations() -> RunOutcome:
    return red(
        "",
        tuple(LineAnnotation("prices.py", number, number, "failure", f"wrong {number}") for number in range(100_000)),
    )


def one_line() -> RunOutcome:
    return red("x" * 10 * MEGABYTE + "\nE   KeyError: 'the last line'")


def tokens() -> RunOutcome:
    lines = [*(f"token={token}" for token in TOKENS), "db=postgresql://rmo:hunter2secret@db/rmo", *PEM.split("\n")]
    report = junit("t").replace(
        b"/>", b"><failure message='E'>E   KeyError: %b</failure></testcase>" % TOKENS[0].encode()
    )
    return red(
        "".join(f"{STAMP}{line}\n" for line in (*lines, "E   KeyError: " + " ".join(TOKENS))),
        (LineAnnotation("prices.py", 1, 1, "failure", f"said {TOKENS[1]} and {PEM}"),),
        {"reports": archive(("junit.xml", report))},
        f"It said {' '.join(TOKENS)}\n{PEM}",
    )


RED_FIRST: Mapping[str, Callable[[], list[RunOutcome]]] = {
    "CI-1": lambda: [endless_log(), green()],
    "CI-2": lambda: [many_annotations(), green()],
    "CI-8": lambda: [one_line(), green()],
    "CI-9": lambda: [red(GREEN_WORDS), green(RED_WORDS)],
    "CI-10": lambda: [tokens(), green()],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(home: Path) -> AsyncGenerator[Town]:
    async with open_town(home) as opened:
        yield opened


async def played(town: Town, case: str) -> tuple[Place, int, Story]:
    place = await town.found(f"case-{case.lower()}", FILES, Ci(RED_FIRST[case]()))
    issue = await place.ask(title(place), BODY, two_tries())
    story = await place.ended(issue)
    await town.settled()
    return place, issue, story


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", [pytest.param(case, id=case) for case in RED_FIRST])
async def test_a_run_meets_it_and_ends_well(town: Town, home: Path, case: str) -> None:
    """The first commit is red whatever its log says, the second one is green whatever its log says."""
    place, issue, story = await played(town, case)

    assert isinstance(story.run.phase, Ended)
    assert (story.run.phase.reason, story.run.phase.detail) == ("completed", "all checks passed: test")
    said = "\n".join(each.failure.message for each in story.failures)
    match case:
        case "CI-1" | "CI-8":
            assert "the last line" in said
            assert "first line" not in said
        case "CI-2":
            mine = f"/repos/{place.full_name}/check-runs/"
            asked = [
                each
                for each in town.hub.journal.requests
                if each.path.startswith(mine) and each.path.endswith("/annotations")
            ]
            assert len(asked) == 5
            assert {each.failure.message for each in story.failures} == {f"wrong {number}" for number in range(500)}
        case "CI-9":
            assert "passed" in said  # it explains, and does not decide
        case _:
            assert "[redacted]" in said
            await _assert_kept_nowhere(place, issue, home)


async def _assert_kept_nowhere(place: Place, issue: int, home: Path) -> None:
    """Neither in what the bot keeps, but for deliveries as GitHub signed them, nor in what it wrote to GitHub."""
    kept = "".join(_rows(home / "bot" / "rmo.db"))
    files = b"".join(
        path.read_bytes() for path in (home / "bot").rglob("*") if path.is_file() and "rmo.db" not in path.name
    )
    histories = [_history(bare.parent) for bare in (home / "hub").rglob("HEAD")]
    told = await place.person(lambda repository: [each.body for each in repository.get_issue(issue).get_comments()])
    told += await place.person(lambda repository: [each.body for each in repository.get_pulls(state="all")])

    assert "KeyError" in kept
    assert any("[redacted]" in history for history in histories)
    for secret in SECRETS:
        assert secret not in kept
        assert secret.encode() not in files
        assert [history for history in histories if secret in history] == []
        assert [text for text in told if secret in text] == []


def _rows(database: Path) -> Iterator[str]:
    """Everything in the database, table by table."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'select * from "{table}"'):
                yield repr(row)


def _history(bare: Path) -> str:
    shown = subprocess.run(("git", "--git-dir", str(bare), "log", "--all", "-p"), capture_output=True, check=True)
    return shown.stdout.decode("utf-8", "replace")


# --- what does not end ----------------------------------------------------------------------------------------------

PIECE = (b"x" * 99 + b"\n") * 10_000


@dataclass
class Storage:
    """A place for logs: the first answer sends on to it, and it goes on for as long as somebody listens."""

    url: str = ""
    length: int = 0
    sent: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
            if asked.endswith("/access_tokens"):
                expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
                body = json.dumps({"token": "ghs_7.long", "expires_at": expires}).encode()
                writer.write(_head(201, len(body), "content-type: application/json") + body)
            elif asked.endswith("/logs"):
                writer.write(_head(302, 0, f"location: {self.url}/blob"))
            else:
                writer.write(_head(200, self.length))
                await self._stream(writer)
            await writer.drain()
        except ConnectionError:
            pass  # nobody listens any more
        finally:
            writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        end = b"E   KeyError: 'the last line'\n"
        while self.sent < self.length - len(end):
            piece = PIECE[: self.length - len(end) - self.sent]
            writer.write(piece)
            self.sent += len(piece)
            await writer.drain()
        writer.write(end)


def _head(status: int, length: int, *lines: str) -> bytes:
    return "\r\n".join(
        (f"HTTP/1.1 {status} Said", f"content-length: {length}", "connection: close", *lines, "", "")
    ).encode()


@asynccontextmanager
async def storage(length: int) -> AsyncGenerator[tuple[Storage, GitHubApp]]:
    held = Storage(length=length)
    server = await asyncio.start_server(held.answer, "127.0.0.1", 0)
    held.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    app = GitHubApp(3, key.decode(), held.url)
    async with server:
        yield held, app
        await app.close()


@pytest.mark.parametrize(
    "length", [pytest.param(2 * 1024**3, id="CI-1"), pytest.param(MOST_LOG_BYTES, id="CI-1-limit")]
)
async def test_a_log_of_gigabytes_takes_no_memory_and_has_an_end(length: int) -> None:
    """Of the largest that is read only the end is held; beyond, the download is given up, and that is said."""
    async with storage(1000) as (_, app):  # what is imported at the first request counts for nothing
        await read_log_end(app.client("octo/repo", InstallationId(7), repository=RepositoryId(5)), 1)
    async with storage(length) as (held, app):
        client = app.client("octo/repo", InstallationId(7), repository=RepositoryId(5))
        with peak() as memory:
            if length > MOST_LOG_BYTES:
                with pytest.raises(TooLarge, match="look at it on GitHub"):
                    await read_log_end(client, 1)
            else:
                end = await read_log_end(client, 1)
                assert end.text.endswith("the last line'\n")
                assert len(end.text) == 65_536
                assert end.dropped_bytes == length - 65_536

    assert memory.bytes < 32 * MEGABYTE
    assert held.sent < MOST_LOG_BYTES + 32 * MEGABYTE


# --- what is read of it ---------------------------------------------------------------------------------------------


def test_a_log_names_no_test_that_passed_and_gives_way_to_a_report() -> None:
    forged = {"job": f"{GREEN_WORDS}\ntests/test_a.py::test_a PASSED\n{RED_WORDS}".encode()}

    alone = collect({}, (), forged)
    beside = collect({"junit.xml": junit("t")}, (), forged)

    assert {(test.id, test.outcome) for test in alone.tests} == {("tests/test_a.py::test_a", "failed")}
    assert {(test.id, test.outcome) for test in beside.tests} == {("t.py::t", "passed")}
