"""Checks of one repository: whether the App has it, its configuration, its label, its CI and what that hands out."""

from collections.abc import AsyncIterator
from typing import Final

from bot.catalog.repository_config import CONFIG_PATH
from bot.ci.exposure import unaccepted
from bot.config import Settings
from bot.doctor.app import settings_page
from bot.doctor.finding import Finding, in_a_list, ok, problem, raised, warning
from bot.github.app import GitHubApp
from bot.github.branches import read_branch_head
from bot.github.client import Client
from bot.github.registration import AppRegistration
from bot.github.repositories import find_installation, read_repository
from bot.github.required_checks import required_checks
from bot.github.workflow_files import has_label
from bot.intake.payload import TRIGGER_LABEL
from bot.jobs.configuration import Configuration, read_configuration
from bot.jobs.onboard import read_exposure
from bot.model.errors import RmoError
from bot.model.exposure import Exposed, Exposure
from bot.model.forge import RequiredCheck
from bot.model.repository import Repository, RepositoryConfig

LOOKING: Final = {"contents": "read", "issues": "read", "metadata": "read"}


async def find_repository(
    app: GitHubApp, registered: AppRegistration, full_name: str
) -> tuple[Client, Repository] | Finding:
    """The repository and a client that may look at it, or why there is none."""
    install = f"install it there: {registered.url.rstrip('/')}/installations/new"
    try:
        installation = await find_installation(app.app_client(), full_name)
        if installation is None:
            return problem("installed", f"the App is not installed on {full_name}", install)
        client = app.client(full_name, installation, permissions=LOOKING)
        return client, await read_repository(client)
    except RmoError as error:
        return raised("installed", error)


async def check_repository(
    client: Client, repository: Repository, registered: AppRegistration, settings: Settings
) -> AsyncIterator[Finding | Exposure]:
    """What there is to say about the repository; the exposure of its CI comes last, where nothing of it bars a push."""
    if repository.archived:
        yield problem("installed", f"{repository.full_name} is archived", "unarchive it, or take it from the App")
    elif repository.full_name.lower() != client.full_name.lower():
        yield warning("installed", f"{client.full_name} is called {repository.full_name} now", "use its new name")
    else:
        page = settings_page(registered, settings)
        yield ok("installed", f"{repository.full_name}, branch {repository.default_branch} ({page})")
    config = RepositoryConfig()
    try:
        configuration = await read_configuration(client, repository.default_branch)
        config = configuration.config
        yield judge_config(configuration)
    except RmoError as error:
        yield raised("config", error)
    yield await _label(client)
    try:
        head = await read_branch_head(client, repository.default_branch)
        if head is None:
            yield problem("ci", f"there is no branch {repository.default_branch!r}", "push a first commit")
            return
        exposed = await read_exposure(client, repository, head)
        required = await required_checks(client, repository.default_branch)
    except RmoError as error:
        yield raised("ci", error)
        return
    yield judge_checks(required, exposed)
    for each in judge_exposure(exposed, config):
        yield each
    if not unaccepted(exposed, config.accept_ci_secrets):
        yield exposed


def judge_config(configuration: Configuration) -> Finding:
    """What the repository's configuration says."""
    if configuration.problem:
        mend = "correct it on the default branch; until then no run begins there"
        return problem("config", configuration.problem, mend)
    if configuration.text is None:
        mend = "merge the bot's pull request that brings it; until then the bot does nothing else there"
        return warning("config", f"there is no {CONFIG_PATH} on the default branch", mend)
    return ok("config", f"{CONFIG_PATH} is valid")


async def _label(client: Client) -> Finding:
    try:
        if await has_label(client, TRIGGER_LABEL):
            return ok("label", f"there is a label {TRIGGER_LABEL!r}")
    except RmoError as error:
        return raised("label", error)
    mend = f"make it: gh label create {TRIGGER_LABEL} --repo {client.full_name}"
    return warning("label", f"there is no label {TRIGGER_LABEL!r}, which begins a run", mend)


def judge_checks(required: tuple[RequiredCheck, ...], exposed: Exposure) -> Finding:
    """Whether anything tells the bot that its work is right."""
    if required:
        return ok("ci", f"required: {in_a_list([each.name for each in required])}")
    if exposed.workflows:
        said = f"no check is required; all that run count ({in_a_list(exposed.workflows)})"
        return warning("ci", said, "require the ones that decide, in the branch's rules")
    mend = "let a workflow run on `pull_request`, or have another CI report checks; else every result stays unverified"
    return warning("ci", "no check is required, and no workflow runs for a branch of the bot", mend)


def judge_exposure(exposed: Exposure, config: RepositoryConfig) -> tuple[Finding, ...]:
    """What CI would hand to code that a model wrote, before a person has looked at it."""
    blocking = unaccepted(exposed, config.accept_ci_secrets)
    secrets = sorted({each.detail for each in blocking if each.kind == "secret"})
    refused = [each for each in blocking if each.kind != "secret"]
    findings: list[Finding] = []
    if refused:
        said = f"CI would hand out more than can be accepted: {in_a_list([_in_words(each) for each in refused])}"
        mend = "exclude branches `rmo/**` and the bot as actor from these jobs; no run begins until then"
        findings.append(problem("exposure", said, mend))
    if secrets:
        said = f"CI would hand secrets to branches of the bot: {in_a_list(secrets)}"
        mend = f"exclude `rmo/**` from these workflows, or accept it: `accept_ci_secrets: [{', '.join(secrets)}]`"
        findings.append(problem("exposure", said, f"{mend} in {CONFIG_PATH}"))
    if exposed.warnings and not findings:
        said = f"CI gets by with what GitHub gives it, but: {in_a_list([_in_words(each) for each in exposed.warnings])}"
        findings.append(warning("exposure", said, "state `permissions: contents: read` in these workflows"))
    return tuple(findings) or (ok("exposure", "CI hands nothing to branches of the bot that was not accepted"),)


def _in_words(exposed: Exposed) -> str:
    place = f"{exposed.workflow}:{exposed.job}" if exposed.job else exposed.workflow
    match exposed.kind:
        case "secret":
            what = f"secret {exposed.detail}"
        case "every_secret" | "inherit":
            what = "every secret"
        case "oidc":
            what = "an identity token (id-token: write)"
        case "runner":
            what = f"a machine of your own ({exposed.detail})"
        case "environment":
            what = f"environment {exposed.detail}"
        case "unreadable":
            what = f"can't be read ({exposed.detail})"
        case "write_token":
            what = f"{exposed.detail}: write"
        case "default_token":
            what = exposed.detail
        case "elsewhere":
            what = f"runs {exposed.detail}"
    return f"{place}: {what}"
