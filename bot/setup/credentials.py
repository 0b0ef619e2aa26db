"""The App's credentials on disk: two files that nobody but their owner can read.

The private key is written first, under the App's own id; the settings that name it follow in one rename, so that at
every moment the old credentials are whole or the new ones are. Nothing of them is ever printed.
"""

import contextlib
import os
import secrets
from pathlib import Path

from bot.config import CREDENTIALS, Settings, load_settings
from bot.github.manifest import AppCredentials
from bot.model.errors import NeedsHuman

_HEADING = "# The App's credentials, written by `rmo setup`. Whoever reads this file can act as the bot.\n"


def refuse_second(settings: Settings) -> None:
    """Raises NeedsHuman where an App is set up already: its credentials would be replaced."""
    if settings.app_id:
        raise NeedsHuman(
            f"App {settings.app_id} is set up already; `rmo doctor` checks it, and --force replaces what is in"
            f" {str(settings.home / CREDENTIALS)!r}"
        )


def prepare(settings: Settings) -> None:
    """Make the state directory and see that it can be written to; raises NeedsHuman where it can't.

    GitHub gives the credentials once: that they can't be kept must be known before.
    """
    home = settings.home
    if "${" in str(home.absolute()) or not str(home.absolute()).isprintable():
        raise NeedsHuman(f"the state directory {str(home)!r} has a name that no settings file can hold; set RMO_HOME")
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(home / f".writable-{secrets.token_hex(8)}", "").unlink()
    except OSError as error:
        raise NeedsHuman(f"the state directory {str(home)!r} can't be written to: {error}; set RMO_HOME") from error


def keep(credentials: AppCredentials, settings: Settings, *, webhook: str) -> Path:
    """Write the credentials, in place of any that are there, and give the file that holds the settings.

    `webhook` is the secret that deliveries are signed with, empty for none. Raises NeedsHuman where they can't be kept,
    with what to do about the App that there is at GitHub now.
    """
    home = settings.home.absolute()
    key, file = home / f"app-{credentials.id}.private-key.pem", home / CREDENTIALS
    values = {"RMO_APP_ID": str(credentials.id), "RMO_PRIVATE_KEY_FILE": str(key)}
    if webhook:
        values["RMO_WEBHOOK_SECRET"] = webhook
    if settings.github_api_url != Settings.model_fields["github_api_url"].default:
        values["GITHUB_API_URL"] = settings.github_api_url
    try:
        _replace(key, credentials.pem)
        _replace(file, _HEADING + "".join(f"{name}={_quoted(value)}\n" for name, value in values.items()))
    except OSError as error:
        raise NeedsHuman(
            f"the credentials of the new App can't be kept: {error}; delete it at {credentials.html_url} and start anew"
        ) from error
    return file


def overruled(settings: Settings, credentials: AppCredentials) -> bool:
    """Whether the environment names another App than the file, and so wins over it."""
    return load_settings(settings.home).app_id != credentials.id


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _replace(path: Path, text: str) -> None:
    """The file holds `text` afterwards, or what it held before."""
    new = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        _write(new, text)
        new.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write(path: Path, text: str) -> Path:
    """A new file, readable by its owner from its first moment on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path
