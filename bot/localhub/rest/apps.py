"""The App, its installations, their tokens, and its webhook deliveries."""

from pydantic import BaseModel

from bot.localhub.auth import issue_installation_token
from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects.webhooks import redeliver
from bot.localhub.errors import ApiError, not_found
from bot.localhub.permissions import AppOnly, InstallationOnly, grants
from bot.localhub.shapes.accounts import installation as installation_shape
from bot.localhub.shapes.accounts import integration, simple_user
from bot.localhub.shapes.deliveries import delivery, delivery_item
from bot.localhub.shapes.repositories import full_repository
from bot.localhub.shapes.times import stamp
from bot.localhub.state.accounts import App, AsInstallation, Installation, Level
from bot.localhub.state.deliveries import HookDelivery


class TokenWish(BaseModel):
    """Body of POST access_tokens: what the token is narrowed to."""

    repositories: list[str] | None = None
    repository_ids: list[int] | None = None
    permissions: dict[str, Level] | None = None


def _app(call: Call) -> App:
    if call.app is None:
        raise ApiError(401, "A JSON web token could not be decoded")
    return call.app


STARS = "********"
"""What GitHub shows in the place of a secret."""


async def get_app(call: Call) -> Reply:
    app = _app(call)
    count = sum(each.app is app for each in call.world.installations.values())
    return Reply({**integration(call.world, app), "installations_count": count})


async def get_repository_installation(call: Call) -> Reply:
    found = None if call.found is None else call.world.installation_for(_app(call), call.found)
    if found is None:
        raise not_found()
    return Reply(installation_shape(call.world, found))


async def list_installations(call: Call) -> Reply:
    held = [each for each in call.world.installations.values() if each.app is _app(call)]
    page, headers = call.page(held)
    return Reply([_listed(call, each) for each in page], headers=headers)


def _listed(call: Call, held: Installation) -> dict[str, object]:
    """GitHub's description of this listing alone asks that the account be a user and an enterprise at once."""
    shape = installation_shape(call.world, held)
    created = stamp(held.account.created_at)
    both = {"name": held.account.login, "slug": held.account.login, "created_at": created, "updated_at": created}
    return {**shape, "account": {**simple_user(call.world, held.account), **both}}


def _installation(call: Call) -> Installation:
    held = call.world.installations.get(call.number("installation_id"))
    if held is None or held.app is not _app(call):
        raise not_found()
    return held


async def get_installation(call: Call) -> Reply:
    return Reply(installation_shape(call.world, _installation(call)))


async def create_token(call: Call) -> Reply:
    installation = _installation(call)
    if installation.suspended_at is not None:
        raise ApiError(403, "This installation has been suspended")
    wish = call.parse(TokenWish)
    repository_ids = _chosen_repositories(call, installation, wish)
    granted = installation.permissions
    permissions = dict(granted) if wish.permissions is None else wish.permissions
    if any(not grants(granted, name, level) for name, level in permissions.items()):
        raise ApiError(422, "The permissions requested are not granted to this installation.")
    permissions.setdefault("metadata", "read")
    text, token = issue_installation_token(call.world, installation, repository_ids, permissions)
    shape: dict[str, object] = {
        "token": text,
        "expires_at": stamp(token.expires_at),
        "permissions": dict(permissions),
        "repository_selection": "selected",
    }
    if repository_ids is not None:
        chosen = [call.world.repositories[each] for each in sorted(repository_ids)]
        shape["repositories"] = [full_repository(call.world, each, None) for each in chosen]
    scope = "all its repositories" if repository_ids is None else f"repositories {sorted(repository_ids)}"
    return Reply(shape, 201, effect=f"minted a token of installation {installation.id} for {scope}")


def _chosen_repositories(call: Call, installation: Installation, wish: TokenWish) -> frozenset[int] | None:
    if wish.repositories is None and wish.repository_ids is None:
        return None
    held = [call.world.repositories[each] for each in installation.repository_ids]
    by_name = {each.name.lower(): each.id for each in held}
    chosen = {by_name.get(name.lower()) for name in wish.repositories or ()}
    chosen |= {each if each in installation.repository_ids else None for each in wish.repository_ids or ()}
    if None in chosen:
        raise ApiError(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    return frozenset(each for each in chosen if each is not None)


async def list_installation_repositories(call: Call) -> Reply:
    if not isinstance(call.identity, AsInstallation):
        raise not_found()
    token = call.identity.token
    held = sorted(
        each
        for each in token.installation.repository_ids
        if token.repository_ids is None or each in token.repository_ids
    )
    page, headers = call.page(held)
    shapes = [full_repository(call.world, call.world.repositories[each], None) for each in page]
    return Reply(
        {"total_count": len(held), "repository_selection": "selected", "repositories": shapes}, headers=headers
    )


async def get_hook_config(call: Call) -> Reply:
    url = _app(call).webhook_url or ""
    return Reply({"url": url, "content_type": "json", "insecure_ssl": "0", "secret": STARS})


def _deliveries(call: Call) -> list[HookDelivery]:
    app = _app(call)
    return [each for each in reversed(call.world.deliveries) if each.app is app]


async def list_deliveries(call: Call) -> Reply:
    """Newest first; `cursor` is the id of the delivery to go on from."""
    held = _deliveries(call)
    cursor = call.query("cursor")
    if cursor.isdecimal():
        held = [each for each in held if each.id <= int(cursor)]
    match call.query("status"):
        case "success":
            held = [each for each in held if 200 <= each.status_code < 400]
        case "failure":
            held = [each for each in held if not 200 <= each.status_code < 400 and each.status != "pending"]
        case _:
            pass
    size = min(int(call.query("per_page", "30")), 100)
    headers: dict[str, str] = {}
    if len(held) > size:
        following = call.request.url.include_query_params(cursor=held[size].id)
        headers["link"] = f'<{following}>; rel="next"'
    return Reply([delivery_item(each) for each in held[:size]], headers=headers)


def _delivery(call: Call) -> HookDelivery:
    found = next((each for each in _deliveries(call) if each.id == call.number("delivery_id")), None)
    if found is None:
        raise not_found()
    return found


async def get_delivery(call: Call) -> Reply:
    return Reply(delivery(_delivery(call)))


async def redeliver_delivery(call: Call) -> Reply:
    again = redeliver(call.world, _delivery(call))
    return Reply({}, 202, effect=f"redelivered {again.event} {again.guid}")


ROUTES = (
    Route("GET", "/app", AppOnly(), get_app),
    Route("GET", "/app/installations", AppOnly(), list_installations),
    Route("GET", "/app/installations/{installation_id:int}", AppOnly(), get_installation),
    Route("POST", "/app/installations/{installation_id:int}/access_tokens", AppOnly(), create_token),
    Route("GET", "/app/hook/config", AppOnly(), get_hook_config),
    Route("GET", "/app/hook/deliveries", AppOnly(), list_deliveries),
    Route("GET", "/app/hook/deliveries/{delivery_id:int}", AppOnly(), get_delivery),
    Route("POST", "/app/hook/deliveries/{delivery_id:int}/attempts", AppOnly(), redeliver_delivery),
    Route("GET", "/installation/repositories", InstallationOnly(), list_installation_repositories),
    Route("GET", "/repos/{owner}/{repo}/installation", AppOnly(), get_repository_installation),
)
