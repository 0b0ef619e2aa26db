"""Files and directories at a ref, commits, and comparisons."""

import base64
from urllib.parse import quote

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.errors import ApiError, not_found
from bot.localhub.git_history import changed_files, commits_between, log, merge_base
from bot.localhub.git_trees import EMPTY_TREE, TreeEntry
from bot.localhub.permissions import read
from bot.localhub.shapes.accounts import Shape
from bot.localhub.shapes.commits import commit_item, commit_with_files, diff_entry
from bot.localhub.shapes.repositories import repository_api, repository_page

RAW = "application/vnd.github.raw"
DIFF = "application/vnd.github.diff"


async def _commit_sha(call: Call, name: str) -> str:
    sha = await call.repository.git.resolve(name.removeprefix("refs/"))
    if sha is None:
        raise ApiError(404, f"No commit found for the ref {name}")
    return sha


def _entry_shape(call: Call, ref: str, path: str, entry: TreeEntry) -> Shape:
    repository = call.repository
    api, page = repository_api(call.world, repository), repository_page(call.world, repository)
    directory = entry.kind == "tree"
    kind = {"tree": "dir", "commit": "submodule"}.get(entry.kind, "symlink" if entry.mode == "120000" else "file")
    place, at = quote(path), quote(ref)
    url = f"{api}/contents/{place}?ref={at}"
    git_url = f"{api}/git/{'trees' if directory else 'blobs'}/{entry.sha}"
    html_url = f"{page}/{'tree' if directory else 'blob'}/{at}/{place}"
    return {
        "type": kind,
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": url,
        "git_url": git_url,
        "html_url": html_url,
        "download_url": None if directory else f"{page}/raw/{at}/{place}",
        "_links": {"self": url, "git": git_url, "html": html_url},
    }


async def get_contents(call: Call) -> Reply:
    git = call.repository.git
    path = call.text("path").strip("/") if "path" in call.request.path_params else ""
    ref = call.query("ref") or call.repository.default_branch
    sha = await _commit_sha(call, ref)
    entry = await git.entry(sha, path)
    if entry is None:
        raise not_found()
    if entry.kind == "tree":
        children = await git.tree(entry.sha, recursive=False)
        prefix = f"{path}/" if path else ""
        return Reply([_entry_shape(call, ref, f"{prefix}{each.path}", each) for each in children])
    content = await git.read(entry.sha, "blob") if entry.kind == "blob" else b""
    if RAW in call.request.headers.get("accept", ""):
        return Reply(content=content, headers={"content-type": "application/vnd.github.raw; charset=utf-8"})
    shape = _entry_shape(call, ref, path, entry)
    if shape["type"] == "symlink":
        return Reply({**shape, "target": content.decode(errors="replace")})
    return Reply({**shape, "encoding": "base64", "content": base64.encodebytes(content).decode()})


async def list_commits(call: Call) -> Reply:
    git = call.repository.git
    sha = await _commit_sha(call, call.query("sha") or call.repository.default_branch)
    dates = [f"--{name}={value}" for name in ("since", "until") if (value := call.query(name))]
    page, headers = call.page(await log(git, *dates, sha, path=call.query("path") or None))
    return Reply([commit_item(call.world, call.repository, await git.commit(each)) for each in page], headers=headers)


async def get_commit(call: Call) -> Reply:
    git = call.repository.git
    name = call.text("ref")
    sha = await git.resolve(name.removeprefix("refs/"))
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {name}")
    commit = await git.commit(sha)
    files = await changed_files(git, commit.parents[0] if commit.parents else EMPTY_TREE, sha)
    return Reply(commit_with_files(call.world, call.repository, commit, files))


async def compare(call: Call) -> Reply:
    """`base...head`: what is on head since the two went apart."""
    world, repository, git = call.world, call.repository, call.repository.git
    base_name, separator, head_name = call.text("basehead").partition("...")
    if not separator:
        raise not_found()
    prefix = f"{repository.owner.login}:"
    base = await _commit_sha(call, base_name.removeprefix(prefix))
    head = await _commit_sha(call, head_name.removeprefix(prefix))
    ancestor = await merge_base(git, base, head)
    if ancestor is None:
        raise ApiError(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = await commits_between(git, base, head), await commits_between(git, head, base)
    status = {
        (False, False): "identical",
        (True, False): "ahead",
        (False, True): "behind",
        (True, True): "diverged",
    }[bool(ahead), bool(behind)]
    files = await changed_files(git, ancestor, head)
    api, page = repository_api(world, repository), repository_page(world, repository)
    span = quote(f"{base_name}...{head_name}", safe="/:")
    link = f"{page}/compare/{span}"
    commits, headers = call.page(list(reversed(ahead)))
    shape: Shape = {
        "url": f"{api}/compare/{span}",
        "html_url": link,
        "permalink_url": f"{page}/compare/{base}...{head}",
        "diff_url": f"{link}.diff",
        "patch_url": f"{link}.patch",
        "base_commit": commit_item(world, repository, await git.commit(base)),
        "merge_base_commit": commit_item(world, repository, await git.commit(ancestor)),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commit_item(world, repository, await git.commit(each)) for each in commits],
        "files": [diff_entry(world, repository, head, each) for each in files],
    }
    if DIFF in call.request.headers.get("accept", ""):
        diff = await git.git("diff", ancestor, head)
        return Reply(content=diff, headers={"content-type": f"{DIFF}; charset=utf-8"})
    return Reply(shape, headers=headers)


ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/contents", read("contents"), get_contents),
    Route("GET", "/repos/{owner}/{repo}/contents/{path:path}", read("contents"), get_contents),
    Route("GET", "/repos/{owner}/{repo}/compare/{basehead:path}", read("contents"), compare),
    Route("GET", "/repos/{owner}/{repo}/commits", read("contents"), list_commits),
)
LAST_ROUTES = (Route("GET", "/repos/{owner}/{repo}/commits/{ref:path}", read("contents"), get_commit),)
"""Matched after every other route: the ref of a commit may hold slashes."""
