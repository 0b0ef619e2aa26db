"""Webhooks that failed are asked for again: each a few times, and none that is here already."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.jobs import redeliver
from bot.jobs.redeliver import redeliver_failed
from bot.localhub import LocalHub, serve
from bot.model.event import Delivery
from bot.model.ids import DeliveryId
from bot.store import inbox
from tests.conformance.github.scripted import Answer, scripted
from tests.conformance.jobs.desk import Clock, open_context
from tests.contract.gate import ContractGate

NOW = datetime.now(UTC)
"""GitHub has a clock of its own, which stands nearly here while ours is moved."""


async def test_what_failed_is_asked_for_a_few_times_and_what_is_here_is_not(tmp_path: Path) -> None:
    clock = Clock(NOW)
    gate = ContractGate()
    hub = LocalHub(tmp_path / "hub")
    hub.app = gate.middleware(hub.app)  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]  # the gate spells ASGI's types its own way
    app = hub.create_app("rmo", {"issues": "write"}, ("issues",), None, "secret")
    answers: list[int] = []
    async with (
        serve(hub) as url,
        scripted(lambda _: Answer(answers.pop(0) if answers else 500)) as receiver,
        open_context(tmp_path / "bot", clock, url=url, app=app.id, private_key=app.private_key_pem) as context,
    ):

        async def look(*, later: timedelta = timedelta()) -> int:
            clock.now += later
            asked = await redeliver_failed(context)
            await hub.idle()
            return asked

        assert await look() == 0
        answers[:] = [202]
        hub.set_webhook(app, receiver.url)
        await hub.idle()
        assert await look() == 0, "what arrived is not asked for"

        hub.set_webhook(app, receiver.url)  # it fails
        await hub.idle()
        lost = receiver.requests[-1].headers["x-github-delivery"]
        assert [await look(), await look()] == [1, 0]
        assert await look(later=redeliver.APART) == 1
        assert await look(later=redeliver.APART) == 0
        assert await look(later=redeliver.APART) == 1
        assert await look(later=timedelta(hours=20)) == 0, "three times were enough"
        assert [each.headers["x-github-delivery"] for each in receiver.requests[1:]] == [lost] * 4

        hub.set_webhook(app, receiver.url)
        await hub.idle()
        here = DeliveryId(receiver.requests[-1].headers["x-github-delivery"])
        await context.database.transact(inbox.insert_many, [Delivery(here, "ping", b"{}")], clock.now)
        assert await look() == 0, "our answer was lost, and the delivery is here"

        hub.set_webhook(app, receiver.url)
        await hub.idle()
        answers[:] = [202]
        assert await look() == 1
        assert await look(later=timedelta(hours=1)) == 0, "it has arrived at last"
    gate.assert_kept()


async def test_a_busy_app_is_asked_about_a_shorter_time_and_a_crash_costs_a_try(tmp_path: Path) -> None:
    """More deliveries than can be listed: the newest of them are looked at all the same."""
    clock = Clock(NOW)
    entry = {"guid": "g-1", "event": "push", "status_code": 502, "installation_id": 7}
    pages = 0

    def script(request: object) -> Answer:
        nonlocal pages
        target = getattr(request, "target", "")
        if "/attempts" in target:
            return Answer(404, b"{}")
        pages += 1
        old = pages > 101
        when = (clock.now - timedelta(minutes=10 if not old or pages == 102 else 120)).isoformat()
        body = f'[{{"id": {pages}, "delivered_at": "{when}", ' + str(entry)[1:].replace("'", '"') + "]"
        host = getattr(request, "headers", {})["host"]
        link = f'<http://{host}/app/hook/deliveries?page={pages}>; rel="next"'
        return Answer(200, body.encode(), {"content-type": "application/json", "link": link})

    async with scripted(script) as server:
        key = LocalHub(tmp_path / "hub").create_app("k", {}, (), None, "s").private_key_pem
        async with open_context(tmp_path / "bot", clock, url=server.url, app=1, private_key=key) as context:
            assert await redeliver_failed(context) == 0, "GitHub has forgotten it, which is no reason to fail"
            assert pages == 103
            asked = [each for each in server.requests if each.method == "POST"]
            assert len(asked) == 1
            clock.now += redeliver.APART - timedelta(minutes=1)
            pages = 101
            assert await redeliver_failed(context, redeliver.NARROWER) == 0
            assert len([each for each in server.requests if each.method == "POST"]) == 1
