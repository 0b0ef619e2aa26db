"""Users, Apps, installations."""

from urllib.parse import quote

from bot.localhub.shapes.times import stamp, stamp_or_none
from bot.localhub.state.accounts import Account, App, Installation
from bot.localhub.state.world import World, node_id

Shape = dict[str, object]


def simple_user(world: World, account: Account) -> Shape:
    """`simple-user`."""
    api = f"{world.api_url}/users/{quote(account.login)}"
    page = f"apps/{account.app_slug}" if account.app_slug else account.login
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{world.base_url}/_localhub/avatars/{account.id}.svg",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{world.base_url}/{page}",
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def user_or_none(world: World, account: Account | None) -> Shape | None:
    return None if account is None else simple_user(world, account)


def public_user(world: World, account: Account) -> Shape:
    """`public-user`."""
    return {
        **simple_user(world, account),
        "name": account.login,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.created_at),
    }


def integration(world: World, app: App) -> Shape:
    """`integration`: an App as others see it."""
    return {
        "id": app.id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "client_id": app.client_id,
        "owner": simple_user(world, app.owner),
        "name": app.name,
        "description": "",
        "external_url": f"{world.base_url}/apps/{app.slug}",
        "html_url": f"{world.base_url}/apps/{app.slug}",
        "created_at": stamp(app.created_at),
        "updated_at": stamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": list(app.events),
    }


def integration_or_none(world: World, app: App | None) -> Shape | None:
    return None if app is None else integration(world, app)


def installation(world: World, held: Installation) -> Shape:
    """`installation`."""
    return {
        "id": held.id,
        "client_id": held.app.client_id,
        "account": simple_user(world, held.account),
        "repository_selection": "selected",
        "access_tokens_url": f"{world.api_url}/app/installations/{held.id}/access_tokens",
        "repositories_url": f"{world.api_url}/installation/repositories",
        "html_url": f"{world.base_url}/settings/installations/{held.id}",
        "app_id": held.app.id,
        "app_slug": held.app.slug,
        "target_id": held.account.id,
        "target_type": held.account.kind,
        "permissions": dict(held.permissions),
        "events": list(held.app.events),
        "created_at": stamp(held.created_at),
        "updated_at": stamp(held.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user_or_none(world, held.suspended_by),
        "suspended_at": stamp_or_none(held.suspended_at),
    }
