"""Repositories, their branches and labels, and permissions on them."""

from urllib.parse import quote

from bot.localhub.shapes.accounts import Shape, simple_user
from bot.localhub.shapes.times import stamp
from bot.localhub.state.accounts import ROLES, Account, Role
from bot.localhub.state.issues import Label
from bot.localhub.state.repository import HubRepository
from bot.localhub.state.world import World, node_id

_TEMPLATES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def repository_api(world: World, repository: HubRepository) -> str:
    """URL of a repository in the API."""
    return f"{world.api_url}/repos/{repository.full_name}"


def repository_page(world: World, repository: HubRepository) -> str:
    """URL of a repository for people."""
    return f"{world.base_url}/{repository.full_name}"


def minimal_repository(world: World, repository: HubRepository) -> Shape:
    """`minimal-repository`."""
    api = repository_api(world, repository)
    return {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": simple_user(world, repository.owner),
        "private": repository.private,
        "html_url": repository_page(world, repository),
        "description": repository.description,
        "fork": False,
        "url": api,
        **{name: f"{api}{template}" for name, template in _TEMPLATES.items()},
    }


def full_repository(world: World, repository: HubRepository, account: Account | None) -> Shape:
    """`full-repository` (which is also a complete `repository`), as `account` sees it."""
    page = repository_page(world, repository)
    open_issues = sum(issue.state == "open" for issue in repository.issues.values())
    return {
        **minimal_repository(world, repository),
        "git_url": f"{page}.git",
        "ssh_url": f"{page}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "forks": 0,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "network_count": 0,
        "subscribers_count": 0,
        "size": 0,
        "default_branch": repository.default_branch,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
        "has_discussions": False,
        "archived": repository.archived,
        "disabled": False,
        "visibility": "private" if repository.private else "public",
        "license": None,
        "allow_rebase_merge": False,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_auto_merge": False,
        "allow_update_branch": False,
        "allow_forking": False,
        "delete_branch_on_merge": False,
        "web_commit_signoff_required": False,
        "permissions": role_flags(None if account is None else world.role(repository, account)),
        "pushed_at": stamp(repository.pushed_at),
        "created_at": stamp(repository.created_at),
        "updated_at": stamp(repository.updated_at),
    }


def short_repository(world: World, repository: HubRepository) -> Shape:
    """A repository as the webhooks of installations list it."""
    shape = minimal_repository(world, repository)
    return {name: shape[name] for name in ("id", "node_id", "name", "full_name", "private")}


def role_flags(role: Role | None) -> Shape:
    """What a role includes, as five booleans."""
    rank = -1 if role is None else ROLES.index(role)
    return {
        "admin": rank >= ROLES.index("admin"),
        "maintain": rank >= ROLES.index("maintain"),
        "push": rank >= ROLES.index("write"),
        "triage": rank >= ROLES.index("triage"),
        "pull": rank >= ROLES.index("read"),
    }


def collaborator_permission(world: World, repository: HubRepository, account: Account) -> Shape:
    """`repository-collaborator-permission`; the old field knows no triage and no maintain."""
    role = world.role(repository, account)
    legacy = {"triage": "read", "maintain": "write"}.get(role or "none", role or "none")
    user = {**simple_user(world, account), "permissions": role_flags(role), "role_name": role or "none"}
    return {"permission": legacy, "role_name": role or "none", "user": user}


def label(world: World, repository: HubRepository, held: Label) -> Shape:
    """`label`."""
    return {
        "id": held.id,
        "node_id": node_id("LA", held.id),
        "url": f"{repository_api(world, repository)}/labels/{quote(held.name)}",
        "name": held.name,
        "color": held.color,
        "default": False,
        "description": held.description,
    }
