"""Pages for people: what the links in comments, checks and pull requests lead to.

Plain HTML without scripts, readable in light and dark, by keyboard and by screen reader. Every text in it may come
from anyone, so the templates escape all of it, and Markdown is rendered without anything that could act.
"""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.localhub import markdown
from bot.localhub.git_history import ChangedFile, changed_files, commits_between, merge_base
from bot.localhub.git_store import StoredCommit
from bot.localhub.git_trees import EMPTY_TREE
from bot.localhub.state.issues import Issue
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World
from bot.localhub.verdicts import latest_checks, latest_statuses

SHOWN_PATCH_CHARACTERS = 60_000
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A changed file with its diff as (kind of line, text)."""

    path: str
    status: str
    additions: int
    deletions: int
    lines: tuple[tuple[str, str], ...]


def shown(changed: ChangedFile) -> ShownFile:
    """A changed file for the template."""
    patch = (changed.patch or "")[:SHOWN_PATCH_CHARACTERS]
    kinds = {"+": "added", "-": "removed", "@": "place"}
    lines = tuple((kinds.get(line[:1], "same"), line) for line in patch.splitlines())
    return ShownFile(changed.path, changed.status, changed.additions, changed.deletions, lines)


class Pages:
    """The pages over one state."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._templates = Environment(
            loader=PackageLoader("bot.localhub", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["markdown"] = markdown.render

    def _render(self, name: str, status: int = 200, **values: object) -> Response:
        return HTMLResponse(self._templates.get_template(name).render(values), status, HEADERS)

    def _missing(self) -> Response:
        return self._render("missing.html", 404)

    def _repository(self, request: Request) -> HubRepository | None:
        return self._world.repository(str(request.path_params["owner"]), str(request.path_params["repo"]))

    async def home(self, request: Request) -> Response:
        return self._render("home.html", repositories=list(self._world.repositories.values()))

    async def repository_page(self, request: Request) -> Response:
        repository = self._repository(request)
        if repository is None:
            return self._missing()
        branches = await repository.git.refs("refs/heads/")
        names = [name.removeprefix("refs/heads/") for name in branches]
        return self._render("repository.html", repository=repository, branches=names, issues=_newest(repository))

    async def conversation(self, request: Request) -> Response:
        repository = self._repository(request)
        issue = None if repository is None else repository.issues.get(int(request.path_params["number"]))
        if repository is None or issue is None:
            return self._missing()
        pull = issue.pull
        if pull is None:
            return self._render("issue.html", repository=repository, issue=issue)
        git = repository.git
        ancestor = await merge_base(git, pull.base_sha, pull.head_sha) or pull.base_sha
        files = [shown(each) for each in await changed_files(git, ancestor, pull.head_sha)]
        commits = [await git.commit(each) for each in (await commits_between(git, pull.base_sha, pull.head_sha))[:100]]
        return self._render(
            "pull.html",
            repository=repository,
            issue=issue,
            pull=pull,
            files=files,
            commits=commits,
            checks=latest_checks(repository, pull.head_sha),
            statuses=latest_statuses(repository, pull.head_sha),
        )

    async def commit_page(self, request: Request) -> Response:
        repository = self._repository(request)
        sha = None if repository is None else await repository.git.resolve(str(request.path_params["sha"]))
        if repository is None or sha is None:
            return self._missing()
        commit: StoredCommit = await repository.git.commit(sha)
        older = commit.parents[0] if commit.parents else EMPTY_TREE
        files = [shown(each) for each in await changed_files(repository.git, older, sha)]
        checks, statuses = latest_checks(repository, sha), latest_statuses(repository, sha)
        return self._render(
            "commit.html", repository=repository, commit=commit, files=files, checks=checks, statuses=statuses
        )

    async def check_page(self, request: Request) -> Response:
        repository = self._repository(request)
        check = None if repository is None else repository.checks.get(int(request.path_params["check"]))
        if repository is None or check is None:
            return self._missing()
        jobs = [job for run in repository.runs.values() for job in run.jobs if job.check is check]
        return self._render("check.html", repository=repository, check=check, log=jobs[0].log if jobs else "")

    async def run_page(self, request: Request) -> Response:
        repository = self._repository(request)
        run = None if repository is None else repository.runs.get(int(request.path_params["run"]))
        if repository is None or run is None:
            return self._missing()
        return self._render("run.html", repository=repository, run=run)


def routes(world: World) -> list[Route]:
    """Where the pages are; loopback only, so without signing in."""
    pages = Pages(world)
    return [
        Route("/", pages.home),
        Route("/{owner}/{repo}", pages.repository_page),
        Route("/{owner}/{repo}/issues/{number:int}", pages.conversation),
        Route("/{owner}/{repo}/pull/{number:int}", pages.conversation),
        Route("/{owner}/{repo}/commit/{sha}", pages.commit_page),
        Route("/{owner}/{repo}/runs/{check:int}", pages.check_page),
        Route("/{owner}/{repo}/actions/runs/{run:int}/job/{check:int}", pages.check_page),
        Route("/{owner}/{repo}/actions/runs/{run:int}", pages.run_page),
    ]


def _newest(repository: HubRepository) -> list[Issue]:
    return [issue for _, issue in sorted(repository.issues.items(), reverse=True)]
