"""The ASGI application: GitHub's addresses, each twice (as github.com's API host and as an Enterprise server), git,
pages for people, and the server's own doors under `/_localhub`."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as HttpRoute

from bot.localhub import control, graphql, pages, registration
from bot.localhub.dispatch import Route, dispatch
from bot.localhub.errors import not_found
from bot.localhub.git_http import serve_git
from bot.localhub.rest import (
    apps,
    checks,
    comments,
    contents,
    git_objects,
    issues,
    labels,
    manifests,
    merges,
    pulls,
    refs,
    repositories,
    reviews,
    statuses,
    users,
    workflows,
)
from bot.localhub.state.world import World

ROUTES: tuple[Route, ...] = (
    *apps.ROUTES,
    *manifests.ROUTES,
    *users.ROUTES,
    *repositories.ROUTES,
    *contents.ROUTES,
    *git_objects.ROUTES,
    *refs.ROUTES,
    *comments.ROUTES,
    *labels.ROUTES,
    *issues.ROUTES,
    *reviews.ROUTES,
    *merges.ROUTES,
    *pulls.ROUTES,
    *checks.ROUTES,
    *statuses.ROUTES,
    *workflows.ROUTES,
    *graphql.ROUTES,
    *contents.LAST_ROUTES,
)
NAMED = "/repos/{owner}/{repo}"
BY_ID = tuple(
    replace(route, path=f"/repositories/{{repository_id:int}}{route.path.removeprefix(NAMED)}")
    for route in ROUTES
    if route.path.startswith(NAMED)
)
"""Where GitHub sends on to from a repository's former name."""
PREFIXES = ("", "/api/v3", "/api")
"""`/api` alone is where an Enterprise server has its GraphQL."""

Handler = Callable[[Request], Awaitable[Response]]


def build_app(world: World) -> Starlette:
    """The application over this state."""

    def api(route: Route) -> Handler:
        async def handle(request: Request) -> Response:
            return await dispatch(world, route, request)

        return handle

    async def handle_git(request: Request) -> Response:
        return await serve_git(world, request)

    async def unknown(request: Request, _: Exception) -> Response:
        error = not_found()
        world.journal.record(world.now(), request.method, request.url.path, "", error.status, "")
        return Response(b'{"message":"Not Found","status":"404"}', error.status, media_type="application/json")

    http_routes = [
        HttpRoute(f"{prefix}{route.path}", api(route), methods=[route.method])
        for prefix in PREFIXES
        for route in (*ROUTES, *BY_ID)
        if prefix != "/api" or route.path == "/graphql"
    ]
    git = HttpRoute("/{owner}/{repo}.git/{rest:path}", handle_git, methods=["GET", "POST"])
    return Starlette(
        routes=[*control.routes(world), git, *http_routes, *registration.routes(world), *pages.routes(world)],
        exception_handlers={404: unknown},
    )
