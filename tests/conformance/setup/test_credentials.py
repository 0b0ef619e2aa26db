"""The credentials on disk: whole, for their owner alone, and read below the environment."""

import os
import stat
from pathlib import Path

import pytest

from bot.config import CREDENTIALS, Settings, load_settings
from bot.github.manifest import AppCredentials
from bot.model.errors import NeedsHuman
from bot.setup.credentials import keep, prepare, refuse_second

MADE = AppCredentials(7, "fractal-rmo", "-----BEGIN KEY-----\nabc\n", "it's a $ECRET", "https://github.com/apps/x")
ENTERPRISE = "https://git.example.org/api/v3"


def settings(home: Path) -> Settings:
    return Settings().model_copy(update={"home": home, "github_api_url": ENTERPRISE})


def test_what_is_kept_is_read_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    home = tmp_path / "the bot's state"
    previous = os.umask(0)
    try:
        prepare(settings(home))
        file = keep(MADE, settings(home), webhook=MADE.webhook_secret)
    finally:
        os.umask(previous)

    read = load_settings(home)
    assert read.private_key_file is not None
    assert (read.app_id, read.webhook_secret.get_secret_value()) == (7, MADE.webhook_secret)
    assert read.private_key_file.read_text() == MADE.pem
    assert read.github_api_url == ENTERPRISE
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert sorted(path.name for path in home.iterdir()) == ["app-7.private-key.pem", CREDENTIALS]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (file, read.private_key_file))
    with pytest.raises(NeedsHuman, match="--force"):
        refuse_second(read)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(MADE, settings(tmp_path), webhook="")
    monkeypatch.setenv("RMO_APP_ID", "9")
    monkeypatch.setenv("RMO_HOME", str(tmp_path))
    read = load_settings()
    assert read.app_id == 9
    assert read.webhook_secret.get_secret_value() == ""
    assert read.home == tmp_path
    assert read.private_key_file == tmp_path / "app-7.private-key.pem"


def test_new_credentials_replace_the_old_ones_whole(tmp_path: Path) -> None:
    keep(MADE, settings(tmp_path), webhook="old")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("a stranger's")
    (tmp_path / "app-8.private-key.pem").symlink_to(elsewhere)
    keep(AppCredentials(8, "other", "new key", "", "https://github.com/apps/other"), settings(tmp_path), webhook="")
    read = load_settings(tmp_path)
    assert read.app_id == 8
    assert read.webhook_secret.get_secret_value() == ""
    assert (tmp_path / "app-8.private-key.pem").read_text() == "new key"
    assert not (tmp_path / "app-8.private-key.pem").is_symlink()
    assert elsewhere.read_text() == "a stranger's"


def test_that_they_cannot_be_kept_is_known_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "${HOME}", tmp_path / "new\nline"):
        with pytest.raises(NeedsHuman, match="RMO_HOME"):
            prepare(settings(home))


def test_credentials_that_get_lost_are_named_with_their_app(tmp_path: Path) -> None:
    with pytest.raises(NeedsHuman, match=r"delete it at https://github\.com/apps/x") as lost:
        keep(MADE, settings(tmp_path / "gone"), webhook="")
    assert MADE.pem not in str(lost.value)


@pytest.mark.parametrize("text", ["RMO_APP_ID='many'\n", "\xff\xfe"])
def test_a_broken_file_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / CREDENTIALS).write_bytes(text.encode("latin-1"))
    with pytest.raises(NeedsHuman, match="can't be"):
        load_settings(tmp_path)
