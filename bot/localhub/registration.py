"""Pages on which a person registers an App from a manifest, and installs it on repositories.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest: a form brings the
manifest here, the person looks at it and agrees, and is sent back with a code that is good for the credentials.
"""

import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.localhub.effects.apps import install, ping, register, slug_of
from bot.localhub.pages import HEADERS
from bot.localhub.state.accounts import App, Level
from bot.localhub.state.world import World


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HookAttributes(_Strict):
    url: str
    active: bool = True


class Manifest(_Strict):
    """What GitHub takes; anything else is a mistake that it would not tell."""

    name: str
    url: str
    hook_attributes: HookAttributes | None = None
    redirect_url: str
    callback_urls: list[str] = []
    setup_url: str | None = None
    description: str = ""
    public: bool = False
    default_events: list[str] = []
    default_permissions: dict[str, Level] = {}
    request_oauth_on_install: bool = False
    setup_on_update: bool = False


class Registration:
    """The pages over one state."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._templates = Environment(
            loader=PackageLoader("bot.localhub", "templates"), autoescape=True, undefined=StrictUndefined
        )

    def _render(self, name: str, status: int = 200, **values: object) -> Response:
        return HTMLResponse(self._templates.get_template(name).render(values), status, HEADERS)

    def _refuse(self, problem: str) -> Response:
        return self._render("manifest_refused.html", 422, problem=problem)

    async def empty(self, request: Request) -> Response:
        return self._refuse("There is no manifest: begin where a program sends one here by a form.")

    async def look(self, request: Request) -> Response:
        """The manifest as a person sees it before agreeing."""
        read = await self._read(request)
        if isinstance(read, Response):
            return read
        manifest, text = read
        state = request.query_params.get("state", "")
        return self._render("manifest.html", manifest=manifest, text=text, state=state)

    async def agree(self, request: Request) -> Response:
        """Make the App and send the person back with the code."""
        read = await self._read(request)
        if isinstance(read, Response):
            return read
        manifest, _ = read
        hook = manifest.hook_attributes
        world = self._world
        secret = secrets.token_hex(20) if hook is not None else ""
        url = hook.url if hook is not None and hook.active else None
        made = register(world, manifest.name, manifest.default_permissions, manifest.default_events, url, secret)
        if url is not None:
            ping(world, world.apps[made.id])
        code = secrets.token_hex(20)
        world.manifest_codes[code] = (made, world.now())
        world.journal.record(world.now(), "POST", request.url.path, "app-owner", 302, f"registered App {made.id}")
        state = (await _sent(request)).get("state", [""])[0]
        query = urlencode({"code": code, **({"state": state} if state else {})})
        separator = "&" if urlsplit(manifest.redirect_url).query else "?"
        return RedirectResponse(f"{manifest.redirect_url}{separator}{query}", 302)

    async def _read(self, request: Request) -> tuple[Manifest, str] | Response:
        text = (await _sent(request)).get("manifest", [""])[0]
        try:
            manifest = Manifest.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            return self._refuse(f"The manifest is wrong at {place!r}: {first['msg']}.")
        if urlsplit(manifest.redirect_url).scheme not in ("http", "https"):
            return self._refuse("The manifest's redirect_url is no address of the web.")
        if any(app.slug == slug_of(manifest.name) for app in self._world.apps.values()):
            return self._refuse(f"The name {manifest.name!r} is taken: choose another.")
        return manifest, text

    def _app(self, request: Request) -> App | None:
        slug = str(request.path_params["slug"])
        return next((each for each in self._world.apps.values() if each.slug == slug), None)

    async def choose(self, request: Request) -> Response:
        """The repositories that the App may be given."""
        app = self._app(request)
        if app is None:
            return self._render("missing.html", 404)
        return self._render("install.html", app=app, repositories=list(self._world.repositories.values()))

    async def give(self, request: Request) -> Response:
        """Install the App on the repositories that were ticked."""
        app, world = self._app(request), self._world
        if app is None:
            return self._render("missing.html", 404)
        wanted = set((await _sent(request)).get("repository", []))
        chosen = [each for each in world.repositories.values() if str(each.id) in wanted]
        for repository in chosen:
            install(world, app, repository)
        names = ", ".join(each.full_name for each in chosen)
        world.journal.record(
            world.now(), "POST", request.url.path, "app-owner", 200, f"installed App {app.id}: {names}"
        )
        return self._render("installed.html", app=app, repositories=chosen)


async def _sent(request: Request) -> dict[str, list[str]]:
    """The fields of a form, as browsers send one without files."""
    return parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)


def routes(world: World) -> list[Route]:
    """Where the pages are; loopback only, so without signing in."""
    pages = Registration(world)
    places = ("/settings/apps/new", "/organizations/{organization}/settings/apps/new")
    return [
        *(Route(place, pages.empty) for place in places),
        *(Route(place, pages.look, methods=["POST"]) for place in places),
        Route("/settings/apps/agreed", pages.agree, methods=["POST"]),
        Route("/apps/{slug}", pages.choose),
        Route("/apps/{slug}/installations/new", pages.choose),
        Route("/apps/{slug}/installations/new", pages.give, methods=["POST"]),
    ]
