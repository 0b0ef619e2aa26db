"""`rmo doctor` from start to end: one check after the other, each with its own finding whatever becomes of the rest."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.config import Settings
from bot.doctor.app import check_app, check_clock, check_files, find_registration, way_to_github
from bot.doctor.finding import Finding, problem, raised
from bot.doctor.machine import check_database, check_disk, check_git, check_model, check_sandbox, check_user
from bot.doctor.probe import Waiting, probe_ci
from bot.doctor.repository import check_repository, find_repository
from bot.github.app import GitHubApp
from bot.github.pace import GITHUB_LIMITS, NO_LIMITS
from bot.github.registration import AppRegistration
from bot.model.errors import NeedsHuman, RmoError
from bot.model.exposure import Exposure
from bot.network.github_transport import GitHubTransport
from bot.secrets.scan import redact
from bot.serving import read_private_key

_NAME = re.compile(r"[A-Za-z0-9][\w-]*/(?!\.{1,2}$)[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """What the doctor is asked."""

    repositories: Sequence[str] = ()
    """To look at besides, as OWNER/NAME."""
    probe: Waiting | None = None
    """Whether and how patiently to try in them if CI runs on a push."""


async def examine(
    settings: Settings, question: Question, client: Mapping[str, str], doing: Callable[[str], None]
) -> AsyncIterator[Finding]:
    """Every finding as it is made; `doing` is told what is looked at.

    `client` is the environment that leads a container engine's client to its engine. Raises NeedsHuman for a repository
    that has no name.
    """
    for name in question.repositories:
        if _NAME.fullmatch(name) is None:
            raise NeedsHuman(f"{name!r} names no repository; write it as OWNER/NAME")
    async for finding in _examine_machine(settings, client, doing):
        yield finding
    async for finding in examine_app(settings, question, doing):
        yield finding


async def examine_app(settings: Settings, question: Question, doing: Callable[[str], None]) -> AsyncIterator[Finding]:
    """What `examine` finds at GitHub."""
    doing("the App")
    try:
        key = read_private_key(settings)
    except RmoError as error:
        mend = "run `rmo setup`, or set RMO_APP_ID and RMO_PRIVATE_KEY_FILE"
        yield raised("credentials", error, mend)
        for name in question.repositories:
            yield replace(problem("installed", "not looked at without an App", "see to the App first"), repository=name)
        return
    yield await asyncio.to_thread(check_files, settings)
    pause = timedelta(seconds=settings.write_pause)
    limits = replace(GITHUB_LIMITS, pause=pause) if pause else NO_LIMITS
    try:
        way = way_to_github(settings)
    except RmoError:
        return  # told with the clock
    app = GitHubApp(
        settings.app_id,
        key,
        settings.github_api_url,
        write_limits=limits,
        connect=lambda: GitHubTransport(way),
        guard=redact,
    )
    try:
        registered = await find_registration(app, settings)
        if isinstance(registered, Finding):
            yield registered
            return
        for finding in await check_app(app, registered, settings):
            yield finding
        for name in question.repositories:
            doing(name)
            async for finding in _examine_repository(app, registered, settings, name, question.probe):
                yield replace(finding, repository=name)
    finally:
        await app.close()


async def _examine_machine(
    settings: Settings, client: Mapping[str, str], doing: Callable[[str], None]
) -> AsyncIterator[Finding]:
    doing("this machine")
    yield check_user()
    yield await check_git()
    yield await check_sandbox(settings, client)
    yield check_disk(settings.home)
    yield await asyncio.to_thread(check_database, settings)
    yield await asyncio.to_thread(check_model, settings)
    doing("the clock")
    yield await check_clock(settings)


async def _examine_repository(
    app: GitHubApp, registered: AppRegistration, settings: Settings, name: str, probe: Waiting | None
) -> AsyncIterator[Finding]:
    found = await find_repository(app, registered, name)
    if isinstance(found, Finding):
        yield found
        return
    looking, repository = found
    exposed: Exposure | None = None
    async for each in check_repository(looking, repository, registered, settings):
        if isinstance(each, Exposure):
            exposed = each
        else:
            yield each
    if probe is None:
        return
    if exposed is None:
        mend = "see to the findings about CI first: a push might deploy"
        yield problem("probe", "not tried", mend)
        return
    working = app.client(repository.full_name, repository.installation, repository=repository.id)
    for each in await probe_ci(working, repository.default_branch, exposed.workflows, secrets.token_hex(4), probe):
        yield each
