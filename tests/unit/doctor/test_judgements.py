"""What the doctor makes of what it sees; each finding that is not fine says how to mend it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ci.exposure import exposure
from bot.doctor.app import judge_clock
from bot.doctor.finding import Finding, in_a_list, raised
from bot.doctor.machine import judge_disk, judge_git
from bot.doctor.permissions import judge_permissions
from bot.doctor.probe import judge
from bot.doctor.repository import judge_checks, judge_config, judge_exposure
from bot.doctor.webhook import judge_events, judge_hook
from bot.github.registration import AppRegistration, DeliveryAttempt, Hook
from bot.jobs.configuration import Configuration
from bot.local.world import APP_PERMISSIONS
from bot.model.check import CheckRun
from bot.model.errors import NeedsHuman
from bot.model.exposure import Exposure
from bot.model.forge import RequiredCheck
from bot.model.ids import CommitSha
from bot.model.repository import RepositoryConfig
from bot.setup.manifest import EVENTS, PERMISSIONS

PAGE = "https://github.com/settings/apps/fractal-rmo"
HOOK = Hook("https://bot.example.org/webhook", verifies_certificates=True)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def state_of(*findings: Finding) -> str:
    """The worst of them; whatever is not fine has to say what to do."""
    for each in findings:
        assert bool(each.mend) == (each.state != "ok"), each
    states = {each.state for each in findings}
    return next(state for state in ("problem", "warning", "ok") if state in states)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("git version 2.39.5", "warning"),
        ("git version 2.42.9", "warning"),
        ("git version 2.43.6", "warning"),
        ("git version 2.43.7", "ok"),
        ("git version 2.47.3", "ok"),
        ("git version 2.50.0", "warning"),
        ("git version 2.50.1 (Apple Git-155)", "ok"),
        ("git version 2.51.0.windows.1", "ok"),
        ("git version 3.0.0", "ok"),
        ("git version 2.38.9", "problem"),
        ("hub", "problem"),
    ],
)
def test_git(said: str, state: str) -> None:
    assert state_of(judge_git(said)) == state


@pytest.mark.parametrize(
    ("ahead", "state"),
    [
        *((seconds, "ok") for seconds in (0, 30, -30)),
        *((seconds, "warning") for seconds in (31, -31, -539)),
        *((seconds, "problem") for seconds in (60, -540, 3_600, -3_600)),
    ],
)
def test_clock(ahead: int, state: str) -> None:
    assert state_of(judge_clock(timedelta(seconds=ahead))) == state


def test_disk() -> None:
    free = [6 * 1024**3, 4 * 1024**3, 1024**2]
    assert [state_of(judge_disk(each, Path("/state"))) for each in free] == ["ok", "warning", "problem"]


def test_the_form_asks_for_what_a_run_needs_and_no_more() -> None:
    assert {name: level for name, level in PERMISSIONS.items() if name != "metadata"} == APP_PERMISSIONS
    assert state_of(*judge_permissions("permissions", PERMISSIONS, PAGE)) == "ok"


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        ({"actions": "write", "security_events": "read"}, "ok", ""),
        ({"contents": "read"}, "problem", "contents: write"),
        ({"issues": None}, "problem", "issues: write"),
        ({"workflows": "write"}, "problem", "workflows: write"),
        ({"administration": "read"}, "problem", "administration: read"),
        ({"secrets": "read"}, "problem", "secrets: read"),
        ({"packages": "read"}, "warning", "packages: read"),
        ({"statuses": "write"}, "warning", "statuses: write"),
        ({"contents": "admin"}, "warning", "contents: admin"),
        ({"contents": "a level of the future"}, "warning", "contents: a level of the future"),
    ],
)
def test_permissions(change: dict[str, str | None], state: str, said: str) -> None:
    granted = {name: level for name, level in {**PERMISSIONS, **change}.items() if level is not None}
    findings = judge_permissions("permissions", granted, PAGE)
    assert state_of(*findings) == state
    assert any(said in each.said for each in findings)


def attempt(status_code: int) -> DeliveryAttempt:
    return DeliveryAttempt("issues", NOON, "words", status_code)


@pytest.mark.parametrize(
    ("hook", "codes", "state", "said"),
    [
        (HOOK, [202, 200], "ok", "arrived"),
        (None, [202], "ok", "arrived"),
        (HOOK, [202, 500], "warning", "1 did not"),
        (HOOK, [], "warning", "nothing"),
        (None, [], "problem", "no webhook"),
        (Hook("", verifies_certificates=True), [202], "problem", "no webhook"),
        (Hook(HOOK.url, verifies_certificates=False), [202], "problem", "certificate"),
        (Hook("https://bot.example.org/", verifies_certificates=True), [202], "problem", "/webhook"),
        *((HOOK, [code, 202], "problem", str(code)) for code in (0, 301, 401, 404, 405, 500, 502, 503)),
    ],
)
def test_webhook(hook: Hook | None, codes: list[int], state: str, said: str) -> None:
    finding = judge_hook(hook, [attempt(code) for code in codes], PAGE)
    assert state_of(finding) == state
    assert said in finding.said


def test_a_failed_delivery_is_mended_where_it_failed() -> None:
    mends = [judge_hook(HOOK, [attempt(code)], PAGE).mend for code in (401, 404, 502, 500, 0)]
    assert len(set(mends)) == 5
    assert "RMO_WEBHOOK_SECRET" in mends[0]


def test_events() -> None:
    registered = AppRegistration(7, "fractal-rmo", PAGE, "o", of_organization=False, permissions={}, events=EVENTS)
    assert state_of(judge_events(registered, PAGE)) == "ok"
    fewer = AppRegistration(7, "x", PAGE, "o", of_organization=False, permissions={}, events=EVENTS[1:])
    assert state_of(judge_events(fewer, PAGE)) == "warning"


def test_configuration() -> None:
    broken = Configuration(RepositoryConfig(), "it is broken", "x: y")
    cases = [Configuration(RepositoryConfig(), text=""), Configuration(RepositoryConfig()), broken]
    assert [state_of(judge_config(each)) for each in cases] == ["ok", "warning", "problem"]


PLAIN = (
    "on: push\npermissions:\n  contents: read\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: "
)


def exposed(text: str) -> Exposure:
    return exposure({".github/workflows/ci.yml": text}, default_branch="main")


def test_exposure() -> None:
    nothing = RepositoryConfig()
    assert state_of(*judge_exposure(exposed(f"{PLAIN}pytest\n"), nothing)) == "ok"
    secret = exposed(f"{PLAIN}deploy\n        env:\n          KEY: ${{{{ secrets.DEPLOY_KEY }}}}\n")
    found = judge_exposure(secret, nothing)
    assert state_of(*found) == "problem"
    assert "accept_ci_secrets: [DEPLOY_KEY]" in found[0].mend
    assert state_of(*judge_exposure(secret, RepositoryConfig(accept_ci_secrets=("DEPLOY_KEY",)))) == "ok"
    own_machine = exposed(PLAIN.replace("ubuntu-latest", "self-hosted") + "pytest\n")
    assert state_of(*judge_exposure(own_machine, RepositoryConfig(accept_ci_secrets=("DEPLOY_KEY",)))) == "problem"
    identity = exposed(PLAIN.replace("contents: read", "id-token: write") + "pytest\n")
    assert "identity token" in judge_exposure(identity, nothing)[0].said
    assert state_of(*judge_exposure(exposed("on: [push"), nothing)) == "problem"
    assert state_of(*judge_exposure(exposed(PLAIN.replace("contents: read", "contents: write")), nothing)) == "warning"


def test_checks() -> None:
    required = (RequiredCheck("test", None),)
    runs = exposed(f"{PLAIN}pytest\n")
    assert state_of(judge_checks(required, Exposure())) == "ok"
    assert state_of(judge_checks((), runs)) == "warning"
    assert "no workflow runs" in judge_checks((), Exposure()).said


def test_probe() -> None:
    begun = CheckRun(1, "test", CommitSha("a" * 40), 3, "queued", None, None, None, "", "")
    assert state_of(judge((begun,), ())) == "ok"
    assert state_of(judge((), ("ci.yml",))) == "warning"
    assert state_of(judge((), ())) == "problem"


def test_an_error_becomes_a_finding_with_its_own_advice() -> None:
    found = raised("model", NeedsHuman("no price is known; state it"))
    assert (found.said, found.mend) == ("no price is known", "state it")
    assert state_of(raised("model", NeedsHuman("no price is known"))) == "problem"
    assert raised("model", NeedsHuman("one; two"), "three").mend == "three"


def test_a_long_list_is_counted() -> None:
    assert in_a_list(["a", "b"]) == "a, b"
    assert in_a_list([str(number) for number in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
