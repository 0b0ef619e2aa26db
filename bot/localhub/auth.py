"""Who is calling: an App by its JWT, an installation or a person by token.

App JWT: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
RS256, `iss` the App's id or client id, `exp` at most ten minutes ahead.
"""

import base64
import binascii
import secrets
from datetime import UTC, datetime, timedelta

import jwt
from jwt.types import Options

from bot.localhub.errors import ApiError
from bot.localhub.state.accounts import (
    Account,
    Anonymous,
    App,
    AsApp,
    AsInstallation,
    AsUser,
    Identity,
    Installation,
    InstallationToken,
    Level,
)
from bot.localhub.state.world import World

LONGEST_JWT = timedelta(minutes=10)
CLOCK_TOLERANCE = timedelta(seconds=60)
TOKEN_LIFE = timedelta(hours=1)
_WITHOUT_TIMES: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
"""Times are checked by this server's own clock."""


def identify(world: World, authorization: str | None) -> Identity:
    """Who sent this Authorization header; raises ApiError 401 where it proves nothing."""
    if not authorization:
        return Anonymous()
    scheme, _, value = authorization.partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            credential = value.strip()
        case "basic":
            credential = _basic_password(value)
        case _:
            raise ApiError(401, "Bad credentials")
    return _identify_credential(world, credential)


def _basic_password(value: str) -> str:
    """The token out of `user:token`; git and PyGithub send it as either half."""
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ApiError(401, "Bad credentials") from error
    return user if password in ("", "x-oauth-basic") else password


def _identify_credential(world: World, credential: str) -> Identity:
    person = world.user_tokens.get(credential)
    if person is not None:
        return AsUser(person)
    token = world.installation_tokens.get(credential)
    if token is not None:
        if token.expires_at <= world.now() or token.installation.id not in world.installations:
            raise ApiError(401, "Bad credentials")
        if token.installation.suspended_at is not None:
            raise ApiError(403, "This installation has been suspended")
        return AsInstallation(token)
    if credential.count(".") == 2 and not credential.startswith("ghs_"):
        return AsApp(_app_of_jwt(world, credential))
    raise ApiError(401, "Bad credentials")


def _app_of_jwt(world: World, credential: str) -> App:
    undecodable = ApiError(401, "A JSON web token could not be decoded")
    try:
        claims = jwt.decode(credential, options={**_WITHOUT_TIMES, "verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise undecodable from error
    issuer = str(claims.get("iss", ""))
    app = next((each for each in world.apps.values() if issuer in (str(each.id), each.client_id)), None)
    if app is None:
        raise ApiError(404, "Integration not found")
    try:
        claims = jwt.decode(credential, app.public_key, algorithms=["RS256"], options=_WITHOUT_TIMES)
    except jwt.InvalidTokenError as error:
        raise undecodable from error
    _check_times(world.now(), claims.get("iat"), claims.get("exp"))
    return app


def _check_times(now: datetime, issued: object, expires: object) -> None:
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise ApiError(401, "Missing 'issued at' or 'expiration time' claim in JSON web token")
    if datetime.fromtimestamp(issued, UTC) > now + CLOCK_TOLERANCE:
        raise ApiError(
            401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        )
    if datetime.fromtimestamp(expires, UTC) <= now:
        raise ApiError(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
    if datetime.fromtimestamp(expires, UTC) > now + LONGEST_JWT + CLOCK_TOLERANCE:
        raise ApiError(401, "'Expiration time' claim ('exp') is too far in the future")


def issue_installation_token(
    world: World, installation: Installation, repository_ids: frozenset[int] | None, permissions: dict[str, Level]
) -> tuple[str, InstallationToken]:
    """A token in GitHub's long format of 2026: no client may count on its length or its characters."""
    middle = secrets.token_urlsafe(90)
    text = f"ghs_{installation.app.id}_{secrets.token_urlsafe(24)}.{middle}.{secrets.token_urlsafe(64)}"
    token = InstallationToken(installation, repository_ids, permissions, world.now() + TOKEN_LIFE)
    world.installation_tokens[text] = token
    return text, token


def issue_user_token(world: World, account: Account) -> str:
    """A personal token that does not expire."""
    token = f"ghp_{secrets.token_hex(18)}"
    world.user_tokens[token] = account
    return token


def actor_of(identity: Identity) -> Account | None:
    """The account that GitHub names as the author of what this caller does."""
    match identity:
        case AsUser(account):
            return account
        case AsInstallation():
            return identity.app.bot
        case AsApp(app):
            return app.bot
        case Anonymous():
            return None
