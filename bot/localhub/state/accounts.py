"""Who there is: people, organisations, Apps, their bots, their installations, and the tokens that stand for them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Level = Literal["read", "write", "admin"]
LEVELS: tuple[Level, ...] = ("read", "write", "admin")
"""From weakest to strongest."""

Role = Literal["read", "triage", "write", "maintain", "admin"]
ROLES: tuple[Role, ...] = ("read", "triage", "write", "maintain", "admin")
"""A collaborator's roles, from weakest to strongest."""


@dataclass(slots=True)
class Account:
    """A user, an organisation, or the bot user of an App."""

    id: int
    login: str
    kind: Literal["User", "Organization", "Bot"]
    created_at: datetime
    app_slug: str | None = None
    """Slug of the App whose bot this is."""


@dataclass(slots=True)
class App:
    """A registered GitHub App."""

    id: int
    client_id: str
    slug: str
    name: str
    owner: Account
    bot: Account
    public_key: bytes
    """PEM; only the holder of the private half can sign the App's JWT."""
    permissions: dict[str, Level]
    events: tuple[str, ...]
    webhook_url: str | None
    """None switches deliveries off."""
    webhook_secret: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RegisteredApp:
    """What GitHub's page shows after the registration of an App."""

    id: int
    client_id: str
    slug: str
    private_key_pem: str
    webhook_secret: str


@dataclass(slots=True)
class Installation:
    """An App on an account, with the repositories it was given."""

    id: int
    app: App
    account: Account
    created_at: datetime
    repository_ids: set[int] = field(default_factory=set[int])
    suspended_at: datetime | None = None
    suspended_by: Account | None = None
    permissions: dict[str, Level] = field(default_factory=dict[str, Level])
    """What the account granted; the App may ask for more than it was given."""


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """An hour's access, perhaps narrowed to some repositories and permissions."""

    installation: Installation
    repository_ids: frozenset[int] | None
    """None follows whatever the installation holds."""
    permissions: dict[str, Level]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AsApp:
    """The caller proved by JWT to be an App."""

    app: App


@dataclass(frozen=True, slots=True)
class AsInstallation:
    """The caller holds an installation's token."""

    token: InstallationToken

    @property
    def app(self) -> App:
        return self.token.installation.app


@dataclass(frozen=True, slots=True)
class AsUser:
    """The caller holds a person's token."""

    account: Account


@dataclass(frozen=True, slots=True)
class Anonymous:
    """The caller sent no credentials."""


Identity = AsApp | AsInstallation | AsUser | Anonymous
