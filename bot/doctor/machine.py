"""Checks of this machine: git, the sandbox, the disk, who we are, the database, the model."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.catalog import find_data
from bot.compose import database_url_of
from bot.config import Settings
from bot.doctor.finding import Finding, ok, problem, raised, warning
from bot.git.command import Invocation, run_git
from bot.model.command import Unqualified
from bot.model.errors import RmoError
from bot.models import open_configured_model
from bot.sandbox import qualify
from bot.store.database import Database, parse_url
from bot.store.migrate import missing

OLDEST_GIT: Final = (2, 39)
FIXED: Final = {
    (2, 43): 7,
    (2, 44): 4,
    (2, 45): 4,
    (2, 46): 4,
    (2, 47): 3,
    (2, 48): 2,
    (2, 49): 1,
    (2, 50): 1,
}
"""Line of git -> first release with the fix of CVE-2025-48384 (release notes of git 2.43.7 to 2.50.1)."""
LITTLE: Final = 5 * 1024**3
"""Bytes below which a few clones and environments may fill the disk."""
TOO_LITTLE: Final = 1024**3


async def check_git() -> Finding:
    """Whether git is there, and of which version."""
    try:
        output = await run_git(Invocation(("version",)))
    except RmoError as error:
        return raised("git", error)
    return judge_git(output.stdout.decode("utf-8", "replace").strip())


def judge_git(said: str) -> Finding:
    """What `git version` tells."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    if found is None:
        return problem("git", f"{said!r} tells no version", "install git 2.50.1 or newer")
    line, patch = (int(found[1]), int(found[2])), int(found[3] or 0)
    if line < OLDEST_GIT:
        return problem("git", f"{found[0]} is too old", "install git 2.50.1 or newer")
    if line < min(FIXED) or patch < FIXED.get(line, 0):
        return warning(
            "git",
            f"{found[0]} may lack the fix of CVE-2025-48384",
            "install 2.50.1 or newer, or see that your distribution has put the fix in (Debian 12: 2.39.5-0+deb12u3)",
        )
    return ok("git", found[0])


async def check_sandbox(settings: Settings, client: Mapping[str, str]) -> Finding:
    """Whether a sandbox withstands its self-test on this machine, now."""
    found = await qualify(settings.sandbox, client=client)
    if isinstance(found, Unqualified):
        return problem("sandbox", f"nothing of a repository is executed here: {found.reason}", found.mend)
    return ok("sandbox", f"{found.backend.backend} withstood {len(found.backend.probes)} attacks")


def check_user() -> Finding:
    """Who we are on this machine."""
    if os.geteuid() == 0:
        return warning("user", "this is root", "run the bot as a user of its own, without any rights but its directory")
    return ok("user", f"an ordinary user ({os.geteuid()})")


def check_disk(home: Path) -> Finding:
    """How much room the state directory has."""
    place = home.absolute()
    while not place.exists():
        place = place.parent
    return judge_disk(shutil.disk_usage(place).free, home)


def judge_disk(free: int, home: Path) -> Finding:
    """What so many free bytes mean."""
    said = f"{free / 1024**3:.1f} GiB are free for {str(home)!r}"
    mend = "make room, or set RMO_HOME to a directory on another disk"
    if free < TOO_LITTLE:
        return problem("disk", said, mend)
    return warning("disk", said, mend) if free < LITTLE else ok("disk", said)


def check_database(settings: Settings) -> Finding:
    """Whether the database answers and which migrations wait; none is made and nothing is changed."""
    file = settings.home / "rmo.db"
    if not settings.database_url and not file.exists():
        return ok("database", f"{str(file)!r} will be made at the first start")
    try:
        url = parse_url(database_url_of(settings))
        if url.drivername == "sqlite" and url.database and not Path(url.database).exists():
            return ok("database", f"{url.database!r} will be made at the first start")
        database = Database(database_url_of(settings))
        try:
            waiting = missing(database, find_data("migrations"))
        finally:
            database.close()
    except RmoError as error:
        return raised("database", error)
    where = url.render_as_string(hide_password=True)
    if waiting:
        mend = "start the newest `rmo serve`, which brings it up to date; back it up before"
        return warning("database", f"{where} lacks {len(waiting)} migrations", mend)
    return ok("database", f"{where} is up to date")


def check_model(settings: Settings) -> Finding:
    """Whether the model has a key and a price. It is asked nothing, as that would cost."""
    if not settings.model:
        return problem("model", "no model is set", "set RMO_MODEL to anthropic:NAME or openai:NAME, with its key")
    try:
        opened = open_configured_model(settings)
    except RmoError as error:
        return raised("model", error)
    given, taken = opened.price.input_per_million / 1_000_000, opened.price.output_per_million / 1_000_000
    return ok("model", f"{opened.spec}, ${given:.2f} and ${taken:.2f} a million input and output tokens")
