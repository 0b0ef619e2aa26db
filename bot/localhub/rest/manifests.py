"""The code of the registration page becomes the App's credentials, once and within an hour.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import secrets
from datetime import timedelta

from bot.localhub.dispatch import Call, Reply, Route
from bot.localhub.errors import not_found
from bot.localhub.permissions import Open
from bot.localhub.shapes.accounts import integration

CODE_LIFE = timedelta(hours=1)


async def convert(call: Call) -> Reply:
    made, at = call.world.manifest_codes.pop(call.text("code"), (None, call.world.now()))
    if made is None or call.world.now() - at > CODE_LIFE:
        raise not_found()
    shape: dict[str, object] = {
        **integration(call.world, call.world.apps[made.id]),
        "client_id": made.client_id,
        "client_secret": secrets.token_hex(20),
        "webhook_secret": made.webhook_secret or None,
        "pem": made.private_key_pem,
    }
    return Reply(shape, 201, effect=f"gave out the credentials of App {made.id}")


ROUTES = (Route("POST", "/app-manifests/{code}/conversions", Open(), convert),)
