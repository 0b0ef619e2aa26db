"""Repositories, their branches with what protects them, and who may do what in them."""

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.errors import ApiError, not_found
from bot.localhub.permissions import OnRepository, read
from bot.localhub.shapes.accounts import Shape
from bot.localhub.shapes.commits import commit_item
from bot.localhub.shapes.repositories import (
    collaborator_permission,
    full_repository,
    repository_api,
    repository_page,
)
from bot.localhub.state.accounts import AsUser


async def get_repository(call: Call) -> Reply:
    account = call.identity.account if isinstance(call.identity, AsUser) else None
    return Reply(full_repository(call.world, call.repository, account))


def _protection(call: Call, branch: str) -> Shape:
    required = call.repository.required_checks.get(branch)
    url = f"{repository_api(call.world, call.repository)}/branches/{branch}/protection"
    if required is None:
        off: Shape = {"enforcement_level": "off", "contexts": [], "checks": []}
        return {"enabled": False, "required_status_checks": off}
    checks: Shape = {
        "url": f"{url}/required_status_checks",
        "enforcement_level": "non_admins",
        "contexts": list(required),
        "contexts_url": f"{url}/required_status_checks/contexts",
        "checks": [{"context": context, "app_id": None} for context in required],
        "strict": branch in call.repository.strict_branches,
    }
    return {"url": url, "enabled": True, "required_status_checks": checks}


async def list_branches(call: Call) -> Reply:
    repository = call.repository
    api = repository_api(call.world, repository)
    refs = await repository.git.refs("refs/heads/")
    page, headers = call.page(sorted(refs.items()))
    shapes: list[Shape] = [
        {
            "name": ref.removeprefix("refs/heads/"),
            "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
            "protected": ref.removeprefix("refs/heads/") in repository.required_checks,
        }
        for ref, sha in page
    ]
    return Reply(shapes, headers=headers)


async def get_branch(call: Call) -> Reply:
    repository, name = call.repository, call.text("branch")
    sha = await repository.git.ref(f"refs/heads/{name}")
    if sha is None:
        raise ApiError(404, "Branch not found")
    api = repository_api(call.world, repository)
    shape: Shape = {
        "name": name,
        "commit": commit_item(call.world, repository, await repository.git.commit(sha)),
        "_links": {
            "self": f"{api}/branches/{name}",
            "html": f"{repository_page(call.world, repository)}/tree/{name}",
        },
        "protected": name in repository.required_checks,
        "protection": _protection(call, name),
        "protection_url": f"{api}/branches/{name}/protection",
    }
    return Reply(shape)


async def get_branch_rules(call: Call) -> Reply:
    """What rulesets ask of a branch: the second place, beside branch protection, where required checks stand."""
    required = call.repository.required_checks.get(call.text("branch"))
    if required is None:
        return Reply([])
    parameters: Shape = {
        "required_status_checks": [{"context": context} for context in required],
        "strict_required_status_checks_policy": call.text("branch") in call.repository.strict_branches,
    }
    rule: Shape = {
        "type": "required_status_checks",
        "parameters": parameters,
        "ruleset_source_type": "Repository",
        "ruleset_source": call.repository.full_name,
        "ruleset_id": 1,
    }
    return Reply([rule])


async def get_collaborator_permission(call: Call) -> Reply:
    account = call.world.account(call.text("username"))
    if account is None:
        raise not_found()
    return Reply(collaborator_permission(call.world, call.repository, account))


_COLLABORATORS = OnRepository((("metadata", "read"),), "write")

ROUTES = (
    Route("GET", "/repos/{owner}/{repo}", read("metadata"), get_repository),
    Route("GET", "/repos/{owner}/{repo}/branches", read("contents"), list_branches),
    Route("GET", "/repos/{owner}/{repo}/branches/{branch:path}", read("contents"), get_branch),
    Route("GET", "/repos/{owner}/{repo}/rules/branches/{branch:path}", read("metadata"), get_branch_rules),
    Route(
        "GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", _COLLABORATORS, get_collaborator_permission
    ),
)
