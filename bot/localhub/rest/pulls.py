"""Pull requests: opening, changing, reading and merging them."""

from pydantic import BaseModel

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.effects import issues as issue_effects
from bot.localhub.effects import pulls as effects
from bot.localhub.effects.pushes import RefMove, ref_moved
from bot.localhub.errors import ApiError, invalid, not_found
from bot.localhub.git_history import changed_files, commits_between, merge_base
from bot.localhub.permissions import read, require_role, write
from bot.localhub.rest.issues import actor, check_body
from bot.localhub.shapes.commits import commit_item, diff_entry
from bot.localhub.shapes.pulls import pull_request, pull_simple
from bot.localhub.state.issues import Issue, IssueState, Pull


class NewPull(BaseModel):
    title: str
    head: str
    base: str
    body: str | None = None
    draft: bool = False
    maintainer_can_modify: bool = True


class PullChange(BaseModel):
    title: str | None = None
    body: str | None = None
    state: IssueState | None = None
    base: str | None = None


class Merge(BaseModel):
    commit_title: str | None = None
    commit_message: str | None = None
    sha: str | None = None
    merge_method: effects.MergeMethod = "merge"


def named_pull(call: Call) -> tuple[Issue, Pull]:
    """The pull request that the path names; raises 404, also for a plain issue."""
    issue = call.repository.issues.get(call.number("number"))
    if issue is None or issue.pull is None:
        raise not_found()
    return issue, issue.pull


def _branch(call: Call, name: str) -> str:
    """A branch's name out of `branch` or `owner:branch`; another owner's is a fork, which this server has none of."""
    owner, separator, branch = name.rpartition(":")
    if separator and owner.lower() != call.repository.owner.login.lower():
        raise invalid("PullRequest", "head", "invalid")
    return branch


async def list_pulls(call: Call) -> Reply:
    state = call.query("state", "open")
    head, base = call.query("head"), call.query("base")
    wanted_head = f"{call.repository.owner.login}:".lower()
    found: list[tuple[Issue, Pull]] = []
    for issue in call.repository.pulls:
        if issue.pull is None or state not in ("all", issue.state):
            continue
        label = f"{wanted_head}{issue.pull.head_ref}"
        if (not head or head in (issue.pull.head_ref, label) or head.lower() == label.lower()) and (
            not base or base == issue.pull.base_ref
        ):
            found.append((issue, issue.pull))
    if call.query("direction") == "asc":
        found.reverse()
    page, headers = call.page(found)
    return Reply([pull_simple(call.world, call.repository, issue, pull) for issue, pull in page], headers=headers)


async def create_pull(call: Call) -> Reply:
    wish, repository, git = call.parse(NewPull), call.repository, call.repository.git
    check_body("PullRequest", wish.body)
    head, base = _branch(call, wish.head), wish.base
    head_sha, base_sha = await git.ref(f"refs/heads/{head}"), await git.ref(f"refs/heads/{base}")
    if head_sha is None:
        raise invalid("PullRequest", "head", "invalid")
    if base_sha is None:
        raise invalid("PullRequest", "base", "invalid")
    for issue in repository.pulls:
        pull = issue.pull
        if pull is not None and issue.state == "open" and (pull.head_ref, pull.base_ref) == (head, base):
            message = f"A pull request already exists for {repository.owner.login}:{head}."
            raise invalid("PullRequest", "base", "custom", message)
    if not await commits_between(git, base_sha, head_sha):
        raise invalid("PullRequest", "base", "custom", f"No commits between {base} and {head}")
    opening = effects.Opening(wish.title, wish.body, head, base, wish.draft)
    issue = await effects.open_pull(call.world, repository, actor(call), opening)
    shape = await _shape(call, issue)
    kind = "draft pull request" if wish.draft else "pull request"
    return Reply(shape, 201, {"location": str(shape["url"])}, f"opened {kind} #{issue.number} from {head}")


async def _shape(call: Call, issue: Issue) -> dict[str, object]:
    if issue.pull is None:
        raise not_found()
    return await pull_request(call.world, call.repository, issue, issue.pull)


async def get_pull(call: Call) -> Reply:
    issue, pull = named_pull(call)
    if "application/vnd.github.diff" in call.request.headers.get("accept", ""):
        ancestor = await merge_base(call.repository.git, pull.base_sha, pull.head_sha) or pull.base_sha
        diff = await call.repository.git.git("diff", ancestor, pull.head_sha)
        return Reply(content=diff, headers={"content-type": "application/vnd.github.diff; charset=utf-8"})
    return Reply(await _shape(call, issue))


async def update_pull(call: Call) -> Reply:
    wish, (issue, pull) = call.parse(PullChange), named_pull(call)
    world, repository = call.world, call.repository
    if issue.user is not call.actor:
        require_role(world, call.identity, repository, "write")
    check_body("PullRequest", wish.body)
    body = "" if "body" in wish.model_fields_set and wish.body is None else wish.body
    await issue_effects.edit(world, repository, issue, actor(call), wish.title, body)
    if wish.base is not None and wish.base != pull.base_ref:
        base_sha = await repository.git.ref(f"refs/heads/{wish.base}")
        if base_sha is None:
            raise invalid("PullRequest", "base", "invalid")
        pull.base_ref, pull.base_sha = wish.base, base_sha
        await effects.refresh_refs(world, repository, issue)
    if wish.state == "open" and issue.state == "closed":
        await effects.reopen(world, repository, issue, pull, actor(call))
    elif wish.state == "closed":
        await issue_effects.set_state(world, repository, issue, actor(call), "closed", None)
    changed = ", ".join(sorted(wish.model_fields_set))
    return Reply(await _shape(call, issue), effect=f"changed {changed} of pull request #{issue.number}")


async def list_files(call: Call) -> Reply:
    _, pull = named_pull(call)
    git = call.repository.git
    ancestor = await merge_base(git, pull.base_sha, pull.head_sha) or pull.base_sha
    page, headers = call.page(await changed_files(git, ancestor, pull.head_sha))
    return Reply([diff_entry(call.world, call.repository, pull.head_sha, each) for each in page], headers=headers)


async def list_commits(call: Call) -> Reply:
    _, pull = named_pull(call)
    git = call.repository.git
    page, headers = call.page(list(reversed(await commits_between(git, pull.base_sha, pull.head_sha))))
    shapes = [commit_item(call.world, call.repository, await git.commit(each)) for each in page]
    return Reply(shapes, headers=headers)


async def is_merged(call: Call) -> Reply:
    if named_pull(call)[1].merged_at is None:
        raise not_found()
    return Reply(status=204)


async def merge_pull(call: Call) -> Reply:
    issue, pull = named_pull(call)
    wish = call.parse(Merge)
    repository = call.repository
    async with repository.refs_lock:
        before = await repository.git.ref(f"refs/heads/{pull.base_ref}")
        if before is None:
            raise ApiError(405, "Pull Request is not mergeable")
        order = effects.MergeWish(wish.merge_method, wish.commit_title, wish.commit_message, wish.sha)
        sha = await effects.merge(call.world, repository, issue, pull, order, actor(call))
    await ref_moved(call.world, repository, RefMove(f"refs/heads/{pull.base_ref}", before, sha), actor(call))
    shape: dict[str, object] = {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}
    return Reply(shape, effect=f"merged pull request #{issue.number} as {sha[:12]}")


_READ = read("pull_requests")
_PULL = "/repos/{owner}/{repo}/pulls/{number:int}"
_MERGE = write("contents")

ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/pulls", _READ, list_pulls),
    Route("POST", "/repos/{owner}/{repo}/pulls", write("pull_requests"), create_pull),
    Route("GET", _PULL, _READ, get_pull),
    Route("PATCH", _PULL, write("pull_requests", role="read"), update_pull),
    Route("GET", f"{_PULL}/files", _READ, list_files),
    Route("GET", f"{_PULL}/commits", _READ, list_commits),
    Route("GET", f"{_PULL}/merge", _READ, is_merged),
    Route("PUT", f"{_PULL}/merge", _MERGE, merge_pull),
)
