"""`rmo setup` from start to end: what is checked before, the registration itself, and what comes next."""

import asyncio
import webbrowser
from collections.abc import Awaitable, Callable

from bot.compose import git_url_of
from bot.config import CREDENTIALS, Settings
from bot.github.manifest import AppCredentials, convert_manifest
from bot.network.github_transport import GitHubTransport
from bot.setup.credentials import keep, overruled, prepare
from bot.setup.flow import install_link, register
from bot.setup.manifest import Registration, wanted
from bot.ways import way_to

Show = Callable[[str], Awaitable[None]]
"""Is given the address of the page to open."""


def registration_of(settings: Settings, name: str, organization: str, webhook_url: str) -> Registration:
    """The App that is wanted at the GitHub of the settings; without `webhook_url` it has no webhook.

    Raises NeedsHuman for what GitHub would not take.
    """
    return wanted(name, organization, webhook_url, git_url_of(settings.github_api_url))


async def set_up(settings: Settings, registration: Registration, show: Show, port: int) -> list[str]:
    """Have a person register the App and keep its credentials; gives what to tell them, line by line.

    Raises NeedsHuman where it could not be done, and what to do then.
    """
    await asyncio.to_thread(prepare, settings)
    way = way_to(settings, settings.github_api_url, "GITHUB_API_URL")

    async def convert(code: str) -> AppCredentials:
        return await convert_manifest(code, settings.github_api_url, transport=GitHubTransport(way))

    def write(made: AppCredentials) -> None:
        keep(made, settings, webhook=made.webhook_secret if registration.webhook_url else "")

    made = await register(registration, convert, write, show, port=port)
    serve = "rmo serve" if registration.webhook_url else "rmo serve --poll"
    lines = [
        f"The App {made.slug} is registered: {made.html_url}",
        f"Its credentials are in {settings.home / CREDENTIALS}, for your eyes alone.",
        f"Next, install it on a repository: {install_link(made)}",
        f"Then look with `rmo doctor --repo OWNER/NAME` whether all is well, and start `{serve}`.",
    ]
    if await asyncio.to_thread(overruled, settings, made):
        lines.append("But RMO_APP_ID of the environment names another App and wins over the file: unset it.")
    return lines


def open_browser(address: str) -> bool:
    """Open the person's browser; false where there is none but one that would take over the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return type(browser) is not webbrowser.GenericBrowser and browser.open(address)
