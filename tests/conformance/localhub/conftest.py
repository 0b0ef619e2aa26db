"""A loopback GitHub with one repository, one App with its bot, a maintainer and an outsider; all over real HTTP.

The contract gate stands around the server: whatever it answers to whichever client, and every webhook that it sends,
has to agree with GitHub's own description.
"""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.localhub import LocalHub, serve
from tests.conformance.localhub.receiver import Receiver, receiving
from tests.conformance.localhub.town import FILES, PERMISSIONS, SECRET, Town, app_key, everything
from tests.contract.gate import ContractGate
from tests.contract.webhooks import faults_of


def _refusal(violation: str) -> bool:
    """GitHub refuses malformed bodies with 422 wherever it takes any, also where its description leaves that out."""
    return violation.startswith("answer 422") and "GitHub gives" in violation


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
async def town(tmp_path: Path, receiver: Receiver) -> AsyncGenerator[Town]:
    hub = LocalHub(tmp_path / "hub")
    gate = ContractGate()
    hub.app = gate.middleware(hub.app)  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]  # the gate spells ASGI's types its own way
    async with serve(hub) as url:
        repository = await hub.create_repository("acme", "shop", FILES)
        app = hub.create_app("RMO Bot", PERMISSIONS, everything(), receiver.url, SECRET, private_key_pem=app_key())
        installation = hub.install(app, repository)
        tokens = {login: hub.add_user(login) for login in ("maintainer", "helper", "reader", "outsider")}
        hub.set_role(repository, "maintainer", "admin")
        hub.set_role(repository, "helper", "triage")
        hub.set_role(repository, "reader", "read")
        await hub.idle()
        receiver.deliveries.clear()
        place = Town(hub, url, repository, app, installation, tokens, receiver)
        try:
            yield place
        finally:
            place.close()
        await hub.idle()
    wrong_answers = [each for each in gate.violations if each.startswith("answer") and not _refusal(each)]
    assert not wrong_answers, "\n".join(dict.fromkeys(wrong_answers))
    wrong_webhooks = faults_of((each.event, each.body) for each in hub.world.deliveries)
    assert not wrong_webhooks, "\n".join(wrong_webhooks)
