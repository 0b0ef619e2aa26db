"""SE: a credential is on its way out, or into something that is kept."""

import asyncio
import contextlib
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.git.cache import authorization
from bot.git.command import Invocation, run_git
from bot.github.app import READING, WORKING, GitHubApp
from bot.github.comments import create_comment, keep_comment
from bot.github.commits import create_tree, read_commit
from bot.github.errors import NotFound, NotPermitted
from bot.github.issues import create_issue
from bot.github.pace import NO_LIMITS
from bot.github.repositories import read_repository
from bot.localhub import LocalHub, serve
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.state.accounts import Level
from bot.model.command import Command, Unqualified
from bot.model.conversation import ModelAnswer, ModelRequest, ToolCall
from bot.model.ids import CommitSha, InstallationId, MicroDollars, RepositoryId
from bot.model.phase import Ended
from bot.models import OpenedModel
from bot.sandbox import qualify
from bot.secrets.answer import without_secrets
from bot.secrets.change import scan_change
from bot.secrets.scan import redact
from tests.badinput.cases import CASES as PLACE
from tests.badinput.test_expressions import read_by
from tests.scenarios.cast import Cast, create, executor
from tests.scenarios.cast import replace as replace_text
from tests.scenarios.plot import FILES, one_try
from tests.scenarios.reading import comments, see
from tests.scenarios.town import API_TOKEN, BOT, SECRET, open_town

DRAWN = "q7Zt4Wc9Lm2Xv8Rb3Kp5"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{DRAWN * 3}\n-----END RSA PRIVATE KEY-----\n"
WRITTEN = {
    "GitHub token": f"ghs_123456_eyJhbGciOiJSUzI1NiIs.eyJpc3MiOiIx.{DRAWN}",
    "Anthropic key": f"sk-ant-api03-{DRAWN}",
    "OpenAI key": f"sk-proj-{DRAWN}",
    "AWS key": "AKIAQ7ZT4WC9LM2XV8RB",
    "Google key": f"AIza{DRAWN}{DRAWN[:15]}",
    "Slack token": f"xoxb-{DRAWN}",
    "private key": PEM,
    "JSON Web Token": f"eyJhbGciOiJSUzI1NiIs.eyJpc3MiOiIx.{DRAWN}",
    "credentials in a URL": f"https://rmo:{DRAWN}@host.example",
    "authorization header": f"Authorization: Basic {DRAWN}",
    "password": f"DB_PASSWORD = '{DRAWN}'",
}


@pytest.mark.parametrize("case", ["SE-1"])
def test_no_credential_is_committed(case: str) -> None:
    assert case
    for kind, text in WRITTEN.items():
        found = scan_change({"src/a.py": f"first = 1\nvalue = '''{text}'''\n"}, ())
        assert {each.kind for each in found} == {kind}
        assert {each.line for each in found} == {2}
        call = ToolCall("edit", json.dumps({"path": "a.py", "create": text}))
        answer, kinds = without_secrets(ModelAnswer((call,), "", "stop", 1, 1, MicroDollars(0), 0.0))
        assert kinds == (kind,)
        assert DRAWN not in answer.calls[0].arguments


@pytest.mark.parametrize("case", ["SE-2"])
async def test_what_cannot_be_recognised_is_out_of_reach(case: str, tmp_path: Path) -> None:
    assert case
    token = WRITTEN["GitHub token"]
    hidden = (f"'{token[:12]}' + '{token[12:16]}'", token[::-1], DRAWN)
    assert [scan_change({"a.py": text}, ()) for text in hidden] == [()] * 3
    # A process of ours holds a token only while it speaks to GitHub, and not in its command line
    said = await run_git(
        Invocation(
            ("-c", "alias.show=!cat /proc/self/environ /proc/self/cmdline", "show"),
            config=authorization("https://ghe.corp.example/", None),
        )
    )
    names = {entry.partition("=")[0] for entry in said.stdout.decode().split("\0") if "=" in entry}
    assert said.exit_code == 0
    assert not {name for name in names if "TOKEN" in name or "KEY" in name or "SECRET" in name or name == "USER"}


LOGGING = """
import logging, sys
from bot.cli.logs import keep_secrets_out_of_logs
keep_secrets_out_of_logs()
import structlog
url = "https://rmo:" + sys.argv[1] + "@host.example/x"
def fail():
    raise ConnectionError(f"no answer from {url}")
structlog.get_logger("bot").warning("tried", url=url, error=ConnectionError(url))
logging.basicConfig(stream=sys.stdout)
logging.getLogger("library").warning("tried %s", url)
try:
    fail()
except ConnectionError:
    structlog.get_logger("bot").exception("failed")
    logging.getLogger("library").exception("failed")
fail()
"""


@pytest.mark.parametrize("case", ["SE-3"])
def test_no_password_is_in_a_log_or_a_traceback(case: str) -> None:
    assert case
    asked = [sys.executable, "-c", LOGGING, DRAWN]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=PLACE.parents[2])

    assert DRAWN not in done.stdout + done.stderr
    assert done.stderr.endswith("ConnectionError: no answer from https://[redacted]@host.example/x\n")
    assert done.stdout.count("https://[redacted]@host.example/x") >= 5
    assert done.stdout.count("Traceback (most recent call last)") == 2


def files_with(directory: Path, secrets: Iterable[str]) -> list[str]:
    """Files below `directory` whose bytes hold one of the secrets."""
    kept = {file: file.read_bytes() for file in directory.rglob("*") if file.is_file()}
    return [f"{file}: {secret}" for secret in secrets for file, held in kept.items() if secret.encode() in held]


@dataclass(frozen=True, slots=True)
class Scene:
    """A GitHub with two repositories of one installation."""

    hub: LocalHub
    app: GitHubApp
    url: str
    installation: InstallationId
    first: RepositoryId
    second: RepositoryId


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    hub = LocalHub(tmp_path / "hub")
    levels: dict[str, Level] = {name: "read" if level == "read" else "write" for name, level in WORKING.items()}
    registered = hub.create_app("rmo", levels, (), None, "secret")
    ids = [await hub.create_repository("octo", name, {"a.txt": "one\n"}) for name in ("a", "b")]
    first, second = (hub.install(registered, each) for each in ids)
    assert first == second
    async with serve(hub) as url:
        app = GitHubApp(registered.id, registered.private_key_pem, url, write_limits=NO_LIMITS, guard=redact)
        try:
            yield Scene(hub, app, url, first, ids[0], ids[1])
        finally:
            await app.close()


@pytest.mark.parametrize("case", ["SE-5"])
async def test_a_token_opens_one_repository_for_an_hour(case: str, scene: Scene, tmp_path: Path) -> None:
    assert case
    token = await scene.app.token("octo/a", scene.installation, repository=scene.first)
    other = await scene.app.token("octo/b", scene.installation, repository=scene.second)
    async with httpx.AsyncClient(base_url=scene.url, headers={"authorization": f"Bearer {token}"}) as client:
        assert (await client.get("/repos/octo/a/contents/a.txt")).status_code == 200
        assert (await client.get("/repos/octo/b/contents/a.txt")).status_code in (403, 404)
        assert (await client.post("/repos/octo/a/issues", json={"title": "x"})).status_code == 403

    asked = scene.app.client("octo/a", scene.installation, repository=scene.first, permissions=READING)
    assert (await read_repository(asked)).id == scene.first
    wandering = scene.app.client("octo/b", scene.installation, repository=scene.first)
    with pytest.raises((NotFound, NotPermitted)):
        await read_repository(wandering)

    minted = list(scene.hub.world.installation_tokens.values())
    assert {each.repository_ids for each in minted} == {frozenset({scene.first}), frozenset({scene.second})}
    assert all(each.expires_at - datetime.now(UTC) <= timedelta(hours=1) for each in minted)
    assert token != other
    assert token not in repr(scene.app) + repr(asked)
    assert files_with(tmp_path, (token, other)) == []


READER = """
import glob, pathlib
for name in ("/proc/self/environ", *glob.glob("/proc/[0-9]*/environ"), *glob.glob("/proc/[0-9]*/cmdline"),
             "/root/.netrc", "/home/*/.netrc", ".git/config", "/proc/mounts"):
    for file in glob.glob(name):
        try:
            print(file, pathlib.Path(file).read_bytes())
        except OSError as error:
            print(file, type(error).__name__)
"""


@pytest.mark.parametrize("case", ["SE-6"])
async def test_code_of_a_repository_finds_nothing_of_ours(case: str) -> None:
    assert case
    canary = f"ghs_{DRAWN}"
    os.environ["RMO_CANARY"] = canary
    try:
        sandbox = await qualify()
        if isinstance(sandbox, Unqualified):
            return  # without a sandbox nothing of a repository is executed
        done = await sandbox.run(Command((sandbox.python, "-c", READER)))
    finally:
        del os.environ["RMO_CANARY"]
    assert done.exit_code == 0
    assert b"/proc/self/environ" in done.stdout
    assert canary.encode() not in done.stdout


async def test_what_is_said_on_github_is_redacted_once_and_then_left_alone(scene: Scene) -> None:
    client = scene.app.client("octo/a", scene.installation, repository=scene.first)
    issue = (await create_issue(client, title=f"Leak {WRITTEN['Slack token']}", body="x", labels=())).number
    said = await create_comment(client, issue, f"See {WRITTEN['credentials in a URL']}")
    assert said.body == "See https://[redacted]@host.example"
    marked = f"<!-- m -->\n{WRITTEN['Anthropic key']}"
    await keep_comment(client, issue, "<!-- m -->", marked)
    kept = await keep_comment(client, issue, "<!-- m -->", marked)
    assert kept.body == "<!-- m -->\n[redacted]"
    writes = [each for each in scene.hub.journal.entries if each.method in ("POST", "PATCH") and "/issues" in each.path]
    assert len(writes) == 3

    # The contents of files are judged where they are committed: redacted they would be other files
    base = await scene.hub.world.repositories[scene.first].git.ref("refs/heads/main")
    assert base is not None
    tree = (await read_commit(client, CommitSha(base))).tree
    leaking = await create_tree(client, tree, {"b.txt": WRITTEN["AWS key"]})
    assert leaking == await create_tree(client, tree, {"b.txt": WRITTEN["AWS key"]})
    assert leaking != await create_tree(client, tree, {"b.txt": "[redacted]"})


def test_no_text_makes_it_slow() -> None:
    key = "('-----BEGIN PRIVATE KEY-----\\n' + 'A' * 64 + '\\n-----END PRIVATE KEY-----')"
    texts = (
        "'eyJaaaaaaaa-' * 100_000",
        "'eyJaaaaaaaa.eyJ.' * 80_000",
        "'ghs_aaa.' * 120_000",
        "'sk-a' * 300_000",
        "'token=' * 200_000",
        "'token = ' + repr('aB3' * 400_000)",
        "('token' * 15 + '=' + repr('q7Zt4Wc9Lm2Xv8Rb3Kp5') + chr(10)) * 10_000",
        "'authorization: basic ' * 60_000",
        f"({key} + 'eyJaaaaaaaaaa.aaaaaaaaaaa.aaaaaaaaaaaaaa') * 8_000",
        f"'a://b:' * 5 + {key} * 5_000 + '@'",
        "('-----BEGIN PRIVATE KEY-----' + chr(10) + 'Aa: b' * 20 + chr(10)) * 10_000",
        "'-----END PRIVATE KEY-----' * 40_000",
        "'A' * 1_200_000 + '-----END PRIVATE KEY-----'",
    )
    done = read_by("''", *(f"redact({text})" for text in texts))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "done"), (done.stdout, done.stderr)


CANARIES = {name: f"ghp_{name}q7Zt4Wc9Lm2Xv8Rb3Kp5" for name in ("environment", "title", "body", "file", "model")}


def playing(prompts: list[str]) -> Callable[[Cast], OpenedModel]:
    """The cast as it plays, with every prompt written down."""

    def model(cast: Cast) -> OpenedModel:
        async def answer(request: ModelRequest) -> ModelAnswer:
            prompts.append(repr(request))
            return await cast.model.answer(request)

        return replace(cast.model, answer=answer)

    return model


@dataclass(frozen=True, slots=True)
class Told:
    """What one run with a secret in every place from which one could come has left behind."""

    places: Mapping[str, str]
    secrets: tuple[str, ...]
    kept: Path
    """All that the bot keeps."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    directory, log = tmp_path_factory.mktemp("canaries"), io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    os.environ["RMO_CANARY"] = CANARIES["environment"]
    try:
        with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
            places, secrets = asyncio.run(tell(directory))
    finally:
        del os.environ["RMO_CANARY"]
        logging.getLogger().removeHandler(handler)
    return Told({**places, "log": log.getvalue()}, secrets, directory / "bot")


async def tell(directory: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    prompts: list[str] = []
    async with open_town(directory, model=playing(prompts)) as town:
        files = {**FILES, "config.py": f"TOKEN = '{CANARIES['file']}'\n"}
        place = await town.found("canaries", files, scripted_runner(["success"]))
        leak = executor(create("leak.py", f"KEY = '{CANARIES['model']}'\n"))
        again = executor({"tool": "read", "path": "config.py"}, replace_text("prices.py", "prices[1:]", "prices"))
        town.cast.learn("Mend [redacted]", [*one_try()[:2], leak, again])
        name, body = f"Mend {CANARIES['title']}", f"`total([1, 2])` gives 2. Use {CANARIES['body']}."
        number = await place.person(lambda repository: repository.create_issue(title=name, body=body).number)
        await place.label(number)
        story = await place.ended(number)
        await town.settled()
        assert isinstance(story.run.phase, Ended)
        assert story.run.phase.reason == "completed", story.run.phase
        seen = await place.person(lambda repository: see(repository, number))
        said = await place.person(lambda repository: comments(repository, number, BOT))
        async with httpx.AsyncClient(base_url=town.web, headers={"authorization": f"Bearer {API_TOKEN}"}) as api:
            answers = [await api.get(path) for path in ("/api/v1/failures", "/api/v1/failures/top", "/api/v1/patterns")]
        assert [each.status_code for each in answers] == [200] * 3
        assert "the answer holds what looks like a credential" in repr(story.entries)
        places = {
            "prompts": repr(prompts),
            "GitHub": repr(seen) + repr(said),
            "GitHub's journal": repr(place.written_by_bot()),
            "API": repr([each.text for each in answers]),
        }
        key = tuple(town.app.private_key_pem.splitlines()[1:-1])
        return places, (*CANARIES.values(), *town.hub.world.installation_tokens, *key, SECRET, API_TOKEN)


@pytest.mark.parametrize("case", ["SE-4"])
def test_canaries_are_nowhere(case: str, told: Told) -> None:
    assert case
    assert [f"{where}: {each}" for where, text in told.places.items() for each in told.secrets if each in text] == []
    assert all(told.places[where] for where in ("prompts", "GitHub", "GitHub's journal", "API"))
    # What a repository holds already is in its clone
    kept = [each for each in told.secrets if each != CANARIES["file"]]
    assert files_with(told.kept, kept) == []
    assert files_with(told.kept, ("[redacted]",)) != []


@pytest.mark.parametrize("case", ["SE-7"])
def test_a_secret_of_the_issue_is_left_out_and_not_repeated(case: str, told: Told) -> None:
    assert case
    assert "gives 2. Use [redacted]." in told.places["prompts"]
    for canary in (CANARIES["title"], CANARIES["body"]):
        assert canary not in told.places["GitHub"] + told.places["prompts"]
