"""Users, and how much of the rate limit is left."""

from bot.localhub.dispatch import RATE_LIMIT, Call, Reply, Route, rate_headers
from bot.localhub.errors import ApiError, not_found
from bot.localhub.permissions import Open, SignedIn
from bot.localhub.shapes.accounts import public_user
from bot.localhub.state.accounts import AsUser


async def get_authenticated(call: Call) -> Reply:
    if not isinstance(call.identity, AsUser):
        raise ApiError(403, "Resource not accessible by integration")
    account = call.identity.account
    private: dict[str, object] = {
        "private_gists": 0,
        "total_private_repos": 0,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
    }
    return Reply({**public_user(call.world, account), **private})


async def get_user(call: Call) -> Reply:
    account = call.world.account(call.text("username"))
    if account is None:
        raise not_found()
    return Reply(public_user(call.world, account))


async def get_rate_limit(call: Call) -> Reply:
    headers = rate_headers(call.world, call.actor.login)
    core: dict[str, object] = {
        name: int(headers[f"x-ratelimit-{name}"]) for name in ("limit", "used", "remaining", "reset")
    }
    search: dict[str, object] = {**core, "limit": 30, "used": 0, "remaining": 30}
    graphql: dict[str, object] = {**core, "limit": RATE_LIMIT, "used": 0, "remaining": RATE_LIMIT}
    return Reply({"resources": {"core": core, "search": search, "graphql": graphql}, "rate": core})


ROUTES = (
    Route("GET", "/user", SignedIn(), get_authenticated),
    Route("GET", "/users/{username}", Open(), get_user),
    Route("GET", "/rate_limit", SignedIn(), get_rate_limit),
)
