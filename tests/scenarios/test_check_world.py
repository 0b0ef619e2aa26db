"""The invariants can be broken: each is told where it does not hold, so that their silence means something."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from bot.localhub.git_store import NO_SHA
from tests.scenarios.check_world import check_world
from tests.scenarios.plot import begin
from tests.scenarios.town import API_TOKEN, Story, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANOTHER = """
insert into run (id, repository_id, full_name, issue, label_event, request, requested_at)
select id || '{0}', repository_id, full_name, issue, label_event || '{0}',
  json_replace(request, '$.label.event', cast(label_event || '{0}' as integer)), requested_at
from run where id = :run
"""
LATER = "update journal set ended_at = strftime('%Y-%m-%d %H:%M:%f000', ended_at, '{} hour') where seq = 1"
LAST = f"{LATER.partition(' where ')[0]} where outcome_kind = 'Stopped'"
STORE: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "I1": (
        "has neither an end nor a reason to wait",
        ["update delivery set outcome = '' where event = 'ping'"],
        ["update delivery set outcome = 'ignored' where event = 'ping'"],
    ),
    "I2": (
        "2 runs of acme/broken#1 are active",
        [ANOTHER.format(7), ANOTHER.format(8)],
        ["delete from run where id in (:run || '7', :run || '8')"],
    ),
    "I5": ("has ended, and then came PATCH", [LAST.format("-1")], [LAST.format("+1")]),
    "I8": (
        "has asked the model one thing twice",
        [
            "create table kept as select run_id, seq, step from journal",
            "update journal set step = json_replace(step, '$.number', 0) where step_kind = 'AskModel'",
        ],
        [
            "update journal set step = (select step from kept where kept.seq = journal.seq and kept.run_id = :run)",
            "drop table kept",
        ],
    ),
    "I10": (
        "has 0 failures stored, and 1 in its journal",
        ["update failure set run_id = null"],
        ["update failure set run_id = :run"],
    ),
    "I11": (
        "has ended, and still means to take step 9999",
        ["insert into intent (run_id, seq, step, started_at, attempts) values (:run, 9999, '{}', '2026-01-01', 1)"],
        ["delete from intent where seq = 9999"],
    ),
    "I12": ("said nothing for", [LATER.format("-1")], [LATER.format("+1")]),
}


async def test_each_broken_invariant_is_told(town: Town) -> None:
    place, issue = await begin(town, "broken")
    story = await place.ended(issue)
    await town.settled()
    await check_world(town)
    for number, (said, breaking, mending) in STORE.items():
        await _execute(town, story, breaking)
        await _expect(town, number, said)
        await _execute(town, story, mending)
    await _break_git(town, story)
    await _break_github(town, story)
    await check_world(town)


async def _expect(town: Town, number: str, said: str) -> None:
    with pytest.raises(AssertionError) as caught:
        await check_world(town)
    told = str(caught.value).splitlines()
    assert any(line.startswith(f"{number}: ") and said in line for line in told), told


async def _execute(town: Town, story: Story, statements: Sequence[str]) -> None:
    def carry_out(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement), {"run": story.run.id} if ":run" in statement else {})

    await town.bot.context.database.transact(carry_out)


async def _break_git(town: Town, story: Story) -> None:
    git = town.hub.world.repositories[story.run.request.repository.id].git
    ref, head = f"refs/heads/{story.run.request.branch}", story.run.code_head
    assert story.run.frozen is not None
    assert head is not None
    base = story.run.frozen.base.sha
    await git.set_ref("refs/heads/rmo/issue-7-7", head, NO_SHA)
    await _expect(town, "I3", "which no run has made")
    await git.delete_ref("refs/heads/rmo/issue-7-7", head)
    await git.set_ref(ref, base, head)
    await _expect(town, "I4", "and the journal")
    await _expect(town, "I6", "of which something is gone")
    await git.set_ref(ref, head, base)


async def _break_github(town: Town, story: Story) -> None:
    repository = town.hub.world.repositories[story.run.request.repository.id]
    issue, pull = repository.issues[1], repository.issues[2]
    accepted = next(each for each in town.hub.world.deliveries if each.status_code == 202)
    town.hub.world.deliveries.append(replace(accepted, guid="nobody-has-it"))
    await _expect(town, "I1", "was accepted and is not there")
    town.hub.world.deliveries.pop()
    issue.comments.append(replace(issue.comments[0], id=9))
    await _expect(town, "I3", "has the status comments")
    issue.comments.pop()
    check = next(each for each in repository.checks.values() if each.head_sha == story.run.code_head)
    check.conclusion = "failure"
    await _expect(town, "I7", "is no draft, and its checks are")
    check.conclusion = "success"
    said = pull.body
    pull.body = f"{said}{API_TOKEN}"
    await _expect(town, "I9", "a secret stands in acme/broken#2")
    pull.body = said
