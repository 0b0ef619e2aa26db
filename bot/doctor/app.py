"""Checks of the App at its GitHub: who it is, what it may do, where it is installed, what it is told, and the time."""

import stat
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from bot.compose import git_url_of
from bot.config import CREDENTIALS, Settings
from bot.doctor.finding import Finding, in_a_list, ok, problem, raised, warning
from bot.doctor.permissions import judge_permissions, lacking
from bot.doctor.webhook import judge_events, judge_hook
from bot.github.app import GitHubApp
from bot.github.registration import AppRegistration, list_attempts, read_clock, read_hook, read_registration
from bot.github.repositories import list_installations
from bot.model.errors import NeedsHuman, RmoError
from bot.model.forge import Installation
from bot.network.github_transport import GitHubTransport
from bot.network.network import Network
from bot.ways import way_to

AHEAD: Final = timedelta(seconds=60)
"""Our signed requests are dated that much back; a clock further ahead makes GitHub refuse them."""
BEHIND: Final = timedelta(minutes=9)
"""For so long are they good."""
NOTICEABLE: Final = timedelta(seconds=30)


def check_files(settings: Settings) -> Finding:
    """Whether others on this machine can read the App's key or the file that names it."""
    named = [settings.private_key_file] if settings.private_key_file is not None else []
    open_to_others = [
        str(path)
        for path in (*named, settings.home / CREDENTIALS)
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_to_others:
        said = f"others on this machine may read {in_a_list(open_to_others)}"
        return warning("credentials", said, f"chmod 600 {' '.join(open_to_others)}")
    return ok("credentials", f"App {settings.app_id}, its key is readable by its owner alone")


def way_to_github(settings: Settings) -> Network:
    """How GitHub is reached; raises NeedsHuman where the settings name no way."""
    return way_to(settings, settings.github_api_url, "GITHUB_API_URL")


async def check_clock(settings: Settings) -> Finding:
    """How far our clock is from GitHub's."""
    before = datetime.now(UTC)
    try:
        theirs = await read_clock(settings.github_api_url, transport=GitHubTransport(way_to_github(settings)))
    except NeedsHuman as error:
        return raised("github", error)
    except RmoError as error:
        mend = "see to the network: GITHUB_API_URL, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, RMO_CA_BUNDLE"
        return raised("github", error, mend)
    now = datetime.now(UTC)
    return judge_clock(before + (now - before) / 2 - theirs)


def judge_clock(ahead: timedelta) -> Finding:
    """What it means that our clock is so much ahead of GitHub's, or behind where it is negative."""
    said = (
        f"this clock is {abs(ahead.total_seconds()):.0f} s {'ahead of' if ahead > timedelta() else 'behind'} GitHub's"
    )
    mend = "have the clock set by NTP (`timedatectl set-ntp true`)"
    if ahead >= AHEAD or -ahead >= BEHIND:
        return problem("clock", f"{said}: GitHub refuses what it signs", mend)
    return warning("clock", said, mend) if abs(ahead) > NOTICEABLE else ok("clock", said)


async def find_registration(app: GitHubApp, settings: Settings) -> AppRegistration | Finding:
    """The App, or why GitHub does not take its key."""
    try:
        return await read_registration(app.app_client())
    except RmoError as error:
        mend = (
            f"see that App {settings.app_id} exists at {git_url_of(settings.github_api_url)} and that"
            " RMO_PRIVATE_KEY_FILE is one of its keys, or run `rmo setup --force`"
        )
        return raised("app", error, mend)


def settings_page(registered: AppRegistration, settings: Settings) -> str:
    """Where a person changes the App."""
    owner = f"/organizations/{quote(registered.owner)}" if registered.of_organization else ""
    return f"{git_url_of(settings.github_api_url)}{owner}/settings/apps/{quote(registered.slug)}"


async def check_app(app: GitHubApp, registered: AppRegistration, settings: Settings) -> tuple[Finding, ...]:
    """What the App asks for, what it was granted, and whether deliveries reach us."""
    page = settings_page(registered, settings)
    findings = [ok("app", f"{registered.slug}, of {registered.owner or 'an account that GitHub does not name'}")]
    findings += judge_permissions("permissions", registered.permissions, f"{page}/permissions")
    try:
        findings += _judge_installations(await list_installations(app.app_client()), registered)
    except RmoError as error:
        findings.append(raised("installations", error))
    if not settings.webhook_secret.get_secret_value():
        said = "no RMO_WEBHOOK_SECRET is set: the bot asks by itself (`rmo serve --poll`)"
        return (*findings, ok("webhook", said))
    try:
        client = app.app_client()
        hook = judge_hook(await read_hook(client), await list_attempts(client), page)
    except RmoError as error:
        hook = raised("webhook", error)
    return (*findings, judge_events(registered, f"{page}/permissions"), hook)


def _judge_installations(installations: tuple[Installation, ...], registered: AppRegistration) -> list[Finding]:
    if not installations:
        mend = f"install it on a repository: {registered.url.rstrip('/')}/installations/new"
        return [warning("installations", "the App is installed nowhere", mend)]
    findings: list[Finding] = []
    suspended = [each.account for each in installations if each.suspended]
    if suspended:
        mend = "ask their owners to unsuspend it; nothing is done there until then"
        findings.append(warning("installations", f"suspended by {in_a_list(suspended)}", mend))
    for each in installations:
        missing = lacking(each.permissions)
        if missing and not each.suspended:
            mend = "its owner has to accept the App's new permissions, in the mail that GitHub sent"
            findings.append(problem("installations", f"{each.account} has not granted {', '.join(missing)}", mend))
    return findings or [ok("installations", f"on {in_a_list([each.account for each in installations])}")]
