"""Git over smart HTTP: git's own CGI program behind the server's authentication.

https://git-scm.com/docs/git-http-backend. The body is spooled to a file first, because git sends large pushes chunked
while CGI wants to be told a length.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.localhub.auth import actor_of, identify
from bot.localhub.effects.issues import Actor
from bot.localhub.effects.pushes import RefMove, ref_moved
from bot.localhub.errors import ApiError
from bot.localhub.git_process import GIT_ENVIRONMENT, end, git
from bot.localhub.git_store import NO_SHA
from bot.localhub.permissions import grants, sees
from bot.localhub.state.accounts import Anonymous, AsApp, AsInstallation, AsUser, Identity
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World
from bot.localhub.workflow_guard import REFUSAL, WORKFLOWS

UPDATE_HOOK = f"""#!/bin/sh
# Run by git for every ref of a push, before it moves: $1 ref, $2 old, $3 new.
case "$1" in
  refs/pull/*) echo "deny updating a hidden ref" >&2; exit 1 ;;
esac
[ "$LOCALHUB_WORKFLOWS" = allowed ] && exit 0
[ "$3" = {NO_SHA} ] && exit 0
path=$(git log -c --format= --name-only "$3" --not --all -- {WORKFLOWS} | head -n 1)
[ -z "$path" ] && exit 0
echo "{REFUSAL.format(path="$path").replace("`", "'")}" >&2
exit 1
"""


def install_hook(bare: Path) -> None:
    """Put the guard of workflow files into a bare repository."""
    hook = bare / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(UPDATE_HOOK)
    hook.chmod(0o755)


async def serve_git(world: World, request: Request) -> Response:
    """Answer one request of a git client."""
    service = request.query_params.get("service") or request.path_params["rest"]
    writing = service == "git-receive-pack"
    repository = world.repository(str(request.path_params["owner"]), str(request.path_params["repo"]))
    try:
        identity = identify(world, request.headers.get("authorization"))
    except ApiError as error:
        return _refuse(world, request, 401 if error.status == 404 else error.status, error.message)
    if isinstance(identity, Anonymous):
        return _refuse(world, request, 401, "Authentication required")
    if repository is None or isinstance(identity, AsApp) or not sees(world, identity, repository):
        return _refuse(world, request, 404, "Repository not found.")
    if not _may(world, identity, repository, writing):
        who = actor_of(identity)
        message = f"Permission to {repository.full_name}.git denied to {who.login if who else 'nobody'}."
        return _refuse(world, request, 403, message)
    return await _run_backend(world, request, repository, identity, writing)


def _refuse(world: World, request: Request, status: int, message: str) -> Response:
    headers = {"www-authenticate": 'Basic realm="GitHub"'} if status == 401 else {}
    world.journal.record(world.now(), request.method, request.url.path, "", status, "")
    return Response(f"remote: {message}\n", status, headers, media_type="text/plain")


def _may(world: World, identity: Identity, repository: HubRepository, writing: bool) -> bool:
    match identity:
        case AsInstallation(token):
            return grants(token.permissions, "contents", "write" if writing else "read")
        case AsUser(account):
            return world.has_role(repository, account, "write" if writing else "read")
        case AsApp() | Anonymous():
            return False


def _workflows_allowed(identity: Identity) -> bool:
    return not isinstance(identity, AsInstallation) or grants(identity.token.permissions, "workflows", "write")


async def _run_backend(
    world: World, request: Request, repository: HubRepository, identity: Identity, writing: bool
) -> Response:
    actor = actor_of(identity)
    login = "" if actor is None else actor.login
    environment = {
        **GIT_ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(repository.git.path),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REMOTE_USER": login,
        "REMOTE_ADDR": "127.0.0.1",
        "PATH_INFO": f"/{request.path_params['rest']}",
        "QUERY_STRING": request.url.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "LOCALHUB_WORKFLOWS": "allowed" if _workflows_allowed(identity) else "refused",
    }
    if not (writing and request.method == "POST"):
        return await _backend(request, environment)
    async with repository.refs_lock:
        before = await repository.git.refs()
        response = await _backend(request, environment)
        body = b"".join([chunk async for chunk in _chunks(response)])
        after = await repository.git.refs()
    moves = [
        RefMove(ref, before.get(ref, NO_SHA), after.get(ref, NO_SHA))
        for ref in sorted(before.keys() | after.keys())
        if before.get(ref) != after.get(ref)
    ]
    summary = ", ".join(f"{move.ref} {move.before[:12]}..{move.after[:12]}" for move in moves)
    path = f"/{repository.full_name}.git/git-receive-pack"
    status = response.status_code if moves else 422
    world.journal.record(world.now(), "POST", path, login, status, f"pushed {summary}" if moves else "")
    if actor is not None:
        app = identity.app if isinstance(identity, AsInstallation) else None
        for move in moves:
            await ref_moved(world, repository, move, Actor(actor, app))
    return Response(body, response.status_code, media_type=response.media_type)


async def _chunks(response: StreamingResponse) -> AsyncIterator[bytes]:
    async for chunk in response.body_iterator:
        yield bytes(chunk) if not isinstance(chunk, str) else chunk.encode()


async def _backend(request: Request, environment: dict[str, str]) -> StreamingResponse:
    _, where = await git(Path("/"), "--exec-path")
    program = str(Path(where.decode().strip()) / "git-http-backend")
    spool = await asyncio.to_thread(tempfile.TemporaryFile)
    async for chunk in request.stream():
        spool.write(chunk)
    if request.method == "POST":
        environment = {**environment, "CONTENT_LENGTH": str(spool.tell())}
    spool.seek(0)
    process = await asyncio.create_subprocess_exec(
        program, env=environment, stdin=spool, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    spool.close()
    stdout = process.stdout
    if stdout is None:
        raise ConnectionError("git-http-backend was started without a pipe")
    headers: dict[str, str] = {}
    while line := (await stdout.readline()).decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    status = int(headers.pop("status", "200").split(" ", 1)[0])

    async def rest() -> AsyncIterator[bytes]:
        try:
            while chunk := await stdout.read(65_536):
                yield chunk
            await process.wait()
        finally:
            await end(process)

    return StreamingResponse(rest(), status, headers, media_type=headers.get("content-type"))
