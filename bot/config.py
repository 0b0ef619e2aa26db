"""Settings: the only reader of the environment. A setting exists only where an operator can have an opinion.

What `rmo setup` has written lies in the state directory and counts where the environment is silent.
"""

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.model.errors import NeedsHuman

CREDENTIALS: Final = "credentials.env"
"""File of the state directory with the App's settings, one `NAME=value` a line, for its owner's eyes alone."""


def default_home() -> Path:
    """Where state is kept unless told otherwise."""
    return Path.home() / ".local" / "state" / "fractal-rmo"


class Settings(BaseSettings):
    """Everything that can be set, by environment variable (`RMO_` and the name) or by the command line."""

    model_config = SettingsConfigDict(env_prefix="RMO_", extra="ignore", populate_by_name=True)

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """`sqlite:////PATH` or `postgresql://...`; empty: a SQLite file in `home`."""
    home: Path = Field(default_factory=default_home)
    """Directory for the database, clones and installed environments."""
    github_api_url: str = Field(default="https://api.github.com", validation_alias="GITHUB_API_URL")
    app_id: int = 0
    private_key_file: Path | None = None
    webhook_secret: SecretStr = SecretStr("")
    api_token: SecretStr = SecretStr("")
    """What callers of the API have to send; empty: the API is closed."""
    keep_text_days: float = Field(default=90.0, gt=0, le=36_500)
    """For how long the raw texts of failures are kept; the failures themselves stay."""
    model: str = ""
    """`anthropic:NAME`, `openai:NAME` or `script:FILE`."""
    model_price: str = ""
    """`INPUT,OUTPUT` in US dollars a million tokens, for a model without a known price."""
    anthropic_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="ANTHROPIC_API_KEY")
    openai_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="OPENAI_API_KEY")
    anthropic_base_url: str = Field(default="", validation_alias="ANTHROPIC_BASE_URL")
    openai_base_url: str = Field(default="", validation_alias="OPENAI_BASE_URL")
    protocols_repository: str = Field(default="", pattern=r"^([\w.-]+/[\w.-]+)?$")
    """OWNER/NAME of the repository with `actions/` and `protocols/`, on which the App is installed too."""
    runs_per_repository: int = Field(default=2, ge=1)
    queue_per_repository: int = Field(default=20, ge=1)
    """Runs of one repository that are queued or under way; further labelled issues wait on GitHub."""
    daily_cost: float = Field(default=100.0, ge=0)
    """US dollars that all runs together may cost on one day, UTC."""
    daily_cost_of_repository: float = Field(default=50.0, ge=0)
    daily_cost_of_person: float = Field(default=50.0, ge=0)
    daily_cost_of_issue: float = Field(default=20.0, ge=0)
    onboarding: bool = True
    """Whether a repository is asked by a pull request before any of its issues is worked on."""
    host: str = "127.0.0.1"
    port: int = Field(default=8790, ge=0, le=65535)
    worker: str = Field(default="local", validation_alias="EXECUTOR_ID")
    """Stable and unique name of this worker; needed where several share a database."""
    write_pause: float = Field(default=1.0, ge=0)
    """Seconds between two writes to GitHub, as its rules for integrations ask; 0 does without any limit."""
    poll_seconds: float = Field(default=30.0, gt=0)
    """How often the reconciler looks at GitHub."""
    check_minutes: float = Field(default=10.0, gt=0)
    """How long one run of a repository's tests may take on this machine, and one workflow of a local run."""
    sandbox: Literal["auto", "bubblewrap", "docker", "podman", "seatbelt"] = "auto"
    allow_private_hosts: bool = False
    """Whether GitHub and the model may be within a private network; then also without encryption."""
    ca_bundle: Path | None = None
    """PEM certificates that are trusted besides the usual ones."""
    ssl_cert_file: Path | None = Field(default=None, validation_alias="SSL_CERT_FILE")
    """PEM certificates that are trusted in place of the usual ones."""
    https_proxy: SecretStr = Field(default=SecretStr(""), validation_alias="HTTPS_PROXY")
    http_proxy: SecretStr = Field(default=SecretStr(""), validation_alias="HTTP_PROXY")
    all_proxy: SecretStr = Field(default=SecretStr(""), validation_alias="ALL_PROXY")
    no_proxy: str = Field(default="", validation_alias="NO_PROXY")
    """Hosts that are reached without a proxy, with commas between them."""


def load_settings(home: Path | None = None) -> Settings:
    """The settings of the environment, and below them those of the credentials file in the state directory.

    `home`, where given, is that directory. Raises NeedsHuman with the name and value of a setting that can't be used.
    """
    given: dict[str, Any] = {} if home is None else {"home": home}
    try:
        settings = Settings(**given)
        file = settings.home / CREDENTIALS
        given["_env_file"] = file
        return Settings(**given) if file.exists() else settings
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"RMO_{name.upper()}"
        raise NeedsHuman(f"{variable}={str(first['input'])!r} can't be used: {first['msg']}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise NeedsHuman(
            f"the App's credentials can't be read: {error}; read them as the user who owns them"
        ) from error
