"""Protocol pull requests where something goes against them: a death in the middle, a foreign branch, a person's no.

What the patterns rest on is stored and not worked for; everything after that is the real program against a GitHub.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from github.InputGitTreeElement import InputGitTreeElement
from github.PullRequest import PullRequest
from github.Repository import Repository

from bot.github.app import GitHubApp
from bot.github.connections import Connections
from bot.github.pace import NO_LIMITS
from bot.jobs.learn.showing import read_summary
from bot.jobs.learn.tick import learn
from bot.jobs.perform.checklist import gates
from bot.learning.threshold import threshold
from bot.model.ids import ActionId
from bot.model.pattern import Pattern, PatternId
from bot.model.proposal import Proposal
from bot.model.protocol import ChecklistItem
from bot.model.run import Run
from bot.store.failure_groups import Remark
from bot.store.learning_state import LearningEvent, write_learning_event
from bot.store.patterns import list_patterns, read_pattern
from bot.store.proposals import list_proposals
from bot.store.rollouts import read_item_events
from tests.conformance.jobs.lessons import Lessons
from tests.scenarios.cast import Pause
from tests.scenarios.learning import CHECKLIST, School, open_school
from tests.scenarios.town import API_TOKEN, BOT, within

pytestmark = pytest.mark.asyncio(loop_scope="module")

WRITES = ("tree", "commit", "branch", "pull request", "ready for review")
"""Of one publication, in their order."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Died(BaseException):
    """The process is gone."""


class Dying(httpx.AsyncBaseTransport):
    """A network on which the process dies as soon as GitHub has done its n-th write."""

    def __init__(self, writes: int) -> None:
        self._left = writes
        self._connections = Connections()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._connections.handle_async_request(request)
        if request.method not in READS and not request.url.path.endswith("/access_tokens"):
            self._left -= 1
            if not self._left:
                await response.aclose()
                raise Died
        return response

    async def aclose(self) -> None:
        await self._connections.shut()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def school(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[School]:
    async with open_school(tmp_path_factory.mktemp("school")) as opened:
        yield opened


async def suggest(school: School, number: int) -> str:
    """A person posts an item; the proposal's id."""
    said = {
        **{"id": f"person-{number}", "kind": "instruction", "text": f"Read the issue {number} times before planning."},
        **{"actions": ["plan_work"], "targets": ["missed_edge_case"], "reason": "It was read too fast."},
    }
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {API_TOKEN}"}) as client:
        answer = await client.post(f"{school.town.web}/api/v1/insights", json=said)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def proposals(school: School) -> dict[str, Proposal]:
    return {each.id: each for each in await school.town.bot.context.database.transact(list_proposals)}


async def pulls(school: School, proposal: str) -> list[PullRequest]:
    def read(repository: Repository) -> list[PullRequest]:
        return [each for each in repository.get_pulls(state="all") if each.head.ref == f"rmo/protocol-{proposal}"]

    return await school.protocols.person(read)


async def patterns(school: School) -> dict[PatternId, Pattern]:
    found = await school.town.bot.context.database.transact(list_patterns)
    return {each.registration.id: each for each in found}


async def pattern(school: School, wanted: PatternId) -> Pattern:
    found = await school.town.bot.context.database.transact(read_pattern, wanted)
    assert found is not None
    return found


async def die_after(school: School, writes: int) -> None:
    """A round of learning in a process that ends in the middle of it."""
    app, town = school.town.app, school.town
    mortal = GitHubApp(app.id, app.private_key_pem, town.url, write_limits=NO_LIMITS, transport=Dying(writes))
    try:
        with pytest.raises(Died):
            await learn(replace(town.bot.context, github=mortal))
    finally:
        await mortal.close()


@pytest.mark.parametrize("writes", range(1, len(WRITES) + 1), ids=WRITES)
async def test_an_interrupted_publication_ends_in_one_pull_request(school: School, writes: int) -> None:
    assert (await school.learn(0)).problems == []
    proposal = await suggest(school, writes)
    await die_after(school, writes)
    assert (await proposals(school))[proposal].status == "drafted"
    assert (await school.learn(0)).problems == []
    (pull,) = await pulls(school, proposal)
    assert (pull.state, pull.draft, pull.user.login) == ("open", False, BOT)
    (commit,) = list(await school.protocols.person(lambda _: list(pull.get_commits())))
    assert f"RMO-Proposal: {proposal}" in commit.commit.message
    told = (await proposals(school))[proposal]
    assert (told.status, told.pull_request, told.head) == ("open", pull.number, commit.sha)
    assert (await school.learn(0)).done == []
    assert len(await pulls(school, proposal)) == 1


async def test_what_was_merged_before_it_was_known_to_be_open_is_known_to_be_merged(school: School) -> None:
    proposal = await suggest(school, 10)
    await die_after(school, WRITES.index("ready for review") + 1)
    (pull,) = await pulls(school, proposal)
    await school.protocols.person(lambda repository: repository.get_pull(pull.number).merge())
    for _ in range(2):
        assert (await school.learn(0)).problems == []
    assert (await proposals(school))[proposal].status == "merged"
    events = await school.town.bot.context.database.transact(read_item_events, "person-10")
    assert next((each.kind, each.state) for each in events) == ("merged", "testing")
    item = _item(school, "person-10")
    assert (item.evidence, item.text) == ("human", "Read the issue 10 times before planning.")


def _item(school: School, name: str) -> ChecklistItem:
    (item,) = [each for each in school.town.bot.context.library.current.catalogue.items if each.id == name]
    return item


async def test_a_branch_of_somebody_else_is_left_alone_and_keeps_nobody_waiting(school: School) -> None:
    taken = await suggest(school, 20)
    name = f"rmo/protocol-{taken}"

    def take(repository: Repository) -> str:
        head = repository.get_git_commit(repository.get_git_ref("heads/main").object.sha)
        tree = repository.create_git_tree([InputGitTreeElement("note.md", "100644", "blob", content="mine")], head.tree)
        made = repository.create_git_commit("Mine", tree, [head]).sha
        repository.create_git_ref(f"refs/heads/{name}", made)
        return made

    theirs = await school.protocols.person(take)
    other = await suggest(school, 21)
    assert (await school.learn(0)).problems == []
    assert (await proposals(school))[other].status == "open"
    (problem,) = (await school.learn(0)).problems
    assert name in problem
    assert "delete it" in problem
    assert await pulls(school, taken) == []
    assert (
        await school.protocols.person(lambda repository: repository.get_git_ref(f"heads/{name}").object.sha) == theirs
    )
    await school.protocols.person(lambda repository: repository.get_git_ref(f"heads/{name}").delete())
    assert (await school.learn(0)).problems == []
    assert len(await pulls(school, taken)) == 1


async def test_broken_protocols_leave_those_in_force_and_a_run_keeps_what_it_began_with(school: School) -> None:
    library = school.town.bot.context.library
    before = library.current
    await school.change_checklist(lambda text: text + "  - id: half an item\n")
    (problem,) = (await school.learn(0)).problems
    assert CHECKLIST in problem
    assert library.current is before
    school.coder.pause = pause = Pause()
    early = await school.file()
    await within(pause.reached.wait(), "the early run has begun")
    note = "Say which prices were counted."
    await school.change_checklist(lambda text: text.removesuffix("  - id: half an item\n"))
    await school.write_item("human-note", note, "production")
    assert (await school.learn(0)).problems == []
    assert library.current.catalogue.digest != before.catalogue.digest
    late = await school.file()
    ended = await school.work.ended(late)
    pause.over.set()
    told = await school.work.ended(early)
    digests = [each.run.frozen.protocol for each in (told, ended) if each.run.frozen is not None]
    assert digests == [before.catalogue.digest, library.current.catalogue.digest]
    about = {
        number: [p for p in school.coder.prompts if f"Prices are wrong, part {part}" in p]
        for part, number in ((1, early), (2, late))
    }
    assert about[early]
    assert not [prompt for prompt in about[early] if note in prompt]
    assert [prompt for prompt in about[late] if note in prompt]
    await assert_checks_are_chosen(school, ended.run)


async def assert_checks_are_chosen(school: School, run: Run) -> None:
    """A try is held to the checks in force that are about its item, and to no advice."""
    assert run.plan is not None
    assert run.frozen is not None

    def check(name: str, action: str, **when: str) -> ChecklistItem:
        return ChecklistItem(name, "check", f"ruff:{name}", (ActionId(action),), "production", "human", when)

    items = (
        check("B006", "fix_defect"),
        check("B007", "change_code", language="python"),
        check("B008", "fix_defect", language="go"),
        check("B009", "plan_work"),
        check("B010", "fix_defect", file_kind="source", planned_items="1"),
        replace(check("B011", "fix_defect"), kind="instruction"),
        check("B012", "fix_defect"),
    )
    context = school.town.bot.context
    context = replace(context, catalogue=replace(context.library.current.catalogue, items=items))
    told = tuple(each.id for each in items if each.id != "B012")
    held = replace(run, frozen=replace(run.frozen, items=(*told, "of another version")))
    assert [each.id for each in await gates(held, run.plan.items[0], context)] == ["B006", "B007", "B010"]


async def test_a_no_is_remembered_and_a_second_try_needs_more(school: School) -> None:
    transact = school.town.bot.context.database.transact
    for proposal in await proposals(school):
        for pull in await pulls(school, proposal):
            await school.protocols.person(lambda repository, n=pull.number: repository.get_pull(n).edit(state="closed"))
    lessons = Lessons(school.town.bot.context.database, school.clock)
    for days in (0, 15):
        assert (await school.learn(days)).problems == []
    await lessons.hold(["IndexError"] * 12)
    assert (await school.learn()).problems == []
    registered = await patterns(school)
    await lessons.hold(["IndexError"] * 12)
    assert (await school.learn()).problems == []
    (asked,) = [each for each in (await proposals(school)).values() if each.pattern is not None]
    assert asked.pattern is not None
    first = registered[asked.pattern].registration
    await delete_all_but(school, asked.pattern)

    def refuse(repository: Repository) -> None:
        pull = repository.get_pull(asked.pull_request or 0)
        pull.create_issue_comment("Not for us: ghp_" + "a" * 36 + "\n**thanks**")
        pull.edit(state="closed")

    await school.protocols.person(refuse)
    await school.learn()
    closed = (await proposals(school))[asked.id]
    assert (closed.status, closed.reason) == ("closed", "Not for us: [redacted]\n**thanks**")
    shown = await transact(read_summary, asked.pattern)
    assert shown is not None
    assert (shown.status, shown.events[-1].act) == ("rejected", "rejected")
    assert (shown.events[-1].actor, shown.events[-1].detail) == ("person", closed.reason)

    for _ in range(2):
        await lessons.hold(["IndexError"] * 8)
        await school.learn(6)
        assert not [each for each in (await proposals(school)).values() if each.status == "open"]
        assert (await pattern(school, asked.pattern)).status == "rejected"
    await delete_all_but(school, asked.pattern)
    await school.learn(3)
    again = (await pattern(school, asked.pattern)).registration
    assert (again.factor, again.first_position > first.first_position) == (2.0, True)
    await lessons.hold(["IndexError"] * 16)
    await school.learn()
    retried = await pattern(school, asked.pattern)
    assert retried.status == "proposed"
    last = retried.points[-1]
    assert (
        last.threshold == threshold(again, last.proposals) == 2 * threshold(replace(again, factor=1.0), last.proposals)
    )
    (open_now,) = [each for each in (await proposals(school)).values() if each.status == "open"]
    assert open_now.id == f"{asked.pattern}-2"
    (pull,) = await pulls(school, open_now.id)
    assert "turned down: 1 time(s)" in pull.body
    assert "Not for us" not in pull.body


async def delete_all_but(school: School, kept: PatternId) -> None:
    """A person gives up every other pattern, so that the story is about one."""
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {API_TOKEN}"}) as client:
        for each, known in (await patterns(school)).items():
            if each != kept and known.status != "deleted":
                answer = await client.delete(f"{school.town.web}/api/v1/patterns/{each}")
                assert answer.status_code < 300, answer.text


async def test_switched_off_nothing_is_learned_and_switched_on_it_goes_on(school: School) -> None:
    transact = school.town.bot.context.database.transact
    lessons = Lessons(school.town.bot.context.database, school.clock, count=1_000)
    await transact(write_learning_event, LearningEvent("off", Remark("maintainer", "", school.clock())))
    await lessons.hold(["KeyError"] * 12)
    proposal = await suggest(school, 30)
    before = await patterns(school), await transact(read_item_events)
    told = await school.learn(20)
    assert (told.done, told.problems) == ([], [])
    assert (await patterns(school), await transact(read_item_events)) == before
    assert (await proposals(school))[proposal].status == "drafted"
    await transact(write_learning_event, LearningEvent("on", Remark("maintainer", "", school.clock())))
    assert (await school.learn(0.1)).problems == []
    assert (await proposals(school))[proposal].status == "open"
    assert len(await patterns(school)) > len(before[0])
