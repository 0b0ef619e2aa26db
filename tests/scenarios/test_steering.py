"""People steer a run from its threads: commands, buttons, edits. Each is obeyed once, and told where it was asked."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace as copy

import pytest
import pytest_asyncio
from dbos import DBOS
from github import Auth, Github
from github.Repository import Repository

from bot.jobs.engine import OVER
from bot.jobs.press import press
from bot.jobs.reconcile import reconcile
from bot.local.world import APP_PERMISSIONS
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.faults import Drop, Hold
from bot.model.conversation import Agent, Price
from bot.model.event import ButtonPressed, EventSource
from bot.model.ids import CommitSha, DeliveryId, InstallationId, IssueNumber, MicroDollars
from bot.model.phase import Approving, Ended
from bot.model.run import Run
from bot.model.step import Obey
from tests.sampling import sample
from tests.scenarios.cast import create, executor, item, processor, replace, thinker
from tests.scenarios.plot import BODY, FILES, one_try, title, two_tries
from tests.scenarios.reading import OWN_CHECK, comments, files_of, pulls_of, refs, see
from tests.scenarios.town import BOT, CONFIG, LABEL, PATIENCE, Place, Story, Town, open_town, within

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKS = {**FILES, CONFIG: f"{FILES[CONFIG]}plan_approval: true\n"}
PRICED = Price(MicroDollars(1_000_000), MicroDollars(0))
"""A dollar for a million tokens: a request may cost six cents."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Town]:
    """Its model has a price, so that budgets mean something."""
    directory = tmp_path_factory.mktemp("town")
    async with open_town(directory, model=lambda cast: copy(cast.model, price=PRICED)) as opened:
        yield opened


def end_of(story: Story) -> tuple[str, str]:
    assert isinstance(story.run.phase, Ended)
    return story.run.phase.reason, story.run.phase.detail


async def say(place: Place, number: int, text: str, login: str = "maintainer") -> int:
    """A comment, and the time that it takes to be heard; its id."""
    comment = await place.person(lambda view: view.get_issue(number).create_comment(text).id, login)
    await place.town.settled()
    return comment


async def said(place: Place, number: int) -> list[str]:
    return await place.person(lambda view: comments(view, number, BOT))


async def answer_to(place: Place, number: int, comment: int) -> str:
    (answer,) = [each for each in await said(place, number) if f"<!-- rmo:answer {comment} -->" in each]
    return answer


async def reactions(place: Place, number: int, comment: int | None = None) -> list[str]:
    """What the bot thinks of an issue, or of a comment."""

    def look(view: Repository) -> list[str]:
        issue = view.get_issue(number)
        held = issue.get_reactions() if comment is None else issue.get_comment(comment).get_reactions()
        return sorted(each.content for each in held if each.user.login == BOT)

    return await place.person(look)


async def rests(place: Place, issue: int, so: Callable[[Run], bool], nth: int = 1) -> Story:
    """The run, once it stands like this and nothing is under way for it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            story = await place.story(issue, nth)
            if story is not None and so(story.run):
                state = await DBOS.get_workflow_status_async(story.run.id)
                if state is not None and state.status in OVER:
                    return story
            await place.town.pause()


async def is_over(place: Place, issue: int, nth: int = 1, revisits: int = 0) -> Story:
    await place.town.settled()
    return await rests(place, issue, lambda run: isinstance(run.phase, Ended) and run.revisits >= revisits, nth)


async def waits(place: Place, issue: int, nth: int = 1) -> Story:
    """The run, once its plan waits for approval."""
    return await rests(place, issue, lambda run: isinstance(run.phase, Approving) and not run.status_due, nth)


async def paused(
    town: Town, name: str, at: int = 0, agent: Agent = "executor"
) -> tuple[Place, IssueNumber, asyncio.Event]:
    """A run that holds its breath before the agent's answer number `at`; what lets it go on."""
    place = await town.found(name, FILES, scripted_runner(["failure"] if at else ["success"]))
    pause = town.cast.pause(title(place), agent, at)
    issue = await place.ask(title(place), BODY, two_tries())
    await within(pause.reached.wait(), "the pause")
    return place, issue, pause.over


async def test_a_plan_waits_for_those_who_may_approve_it(town: Town) -> None:
    place = await town.found("approval", ASKS, scripted_runner(["success"]))
    issue = await place.ask(title(place), BODY, one_try())
    await town.settled()
    before = await waits(place, issue)

    assert await reactions(place, issue) == ["eyes"]
    assert [ref for ref in await place.person(refs) if ref.startswith("refs/heads/")] == ["refs/heads/main"]
    assert await place.person(lambda view: pulls_of(view, issue)) == []
    (status,) = await said(place, issue)
    assert "comment `/rmo approve` to have it carried out" in status

    asked = {
        "/rmo help": "| `/rmo rollback STEP` |",
        "/rmo plan": "- [ ] **Count every price** (`prices.py`)",
        "/rmo status": "The plan is made",
        "/rmo explain": "Nothing so far.",
    }
    everything = await say(place, issue, "\n".join(asked))
    answer = await answer_to(place, issue, everything)
    for command, words in asked.items():
        assert words in answer, command
    assert "**Estimate:**" in answer
    assert await reactions(place, issue, everything) == ["+1", "eyes"]

    refused = {
        "/rmo stpo": "did you mean `/rmo stop`?",
        "/rmo rollback 1": "no code was pushed yet",
        "/rmo budget 99999": "an issue may cost at most 20.00 US dollars here",
        "/rmo rollback two": "it needs the number of a step",
    }
    nonsense = await say(place, issue, "\n".join(refused))
    answer = await answer_to(place, issue, nonsense)
    for command, words in refused.items():
        assert words in answer, command
    assert await reactions(place, issue, nonsense) == ["confused", "eyes"]

    for text in ("/rmo approve", "/rmo stop"):
        nothing = await say(place, issue, text, "reader")
        assert await reactions(place, issue, nothing) == []
    (refusal,) = [each for each in await said(place, issue) if "rmo:refused" in each]
    assert "Commands are for people with write access" in refusal

    other = place.town.hub.create_app("Other bot", APP_PERMISSIONS, (), None, "x")
    token = place.town.hub.installation_token(place.town.hub.install(other, place.id))

    def as_bot(login_token: str) -> None:
        with Github(base_url=f"{town.url}/api/v3", auth=Auth.Token(login_token), retry=None) as bot:
            bot.get_repo(place.full_name).get_issue(issue).create_comment("/rmo approve")

    await asyncio.to_thread(as_bot, token)
    await town.settled()
    quoted = await say(place, issue, "> /rmo approve\n\n```\n/rmo approve\n```\nNot yet.")
    assert await reactions(place, issue, quoted) == []
    now = await waits(place, issue)
    assert [entry for entry in now.entries if entry.seq > before.entries[-1].seq] == []

    held = await say(place, issue, "/rmo budget 3\n/rmo approve")
    delivery = [each for each in town.hub.world.deliveries if each.event == "issue_comment"][-1]
    town.hub.world.held_deliveries.append(copy(delivery, guid="told-once-more"))
    town.hub.release_held()
    story = await is_over(place, issue)
    assert end_of(story)[0] == "completed"
    assert story.run.approved_by == "maintainer"
    assert story.run.extra_cost == 3_000_000 - story.run.frozen.budget.cost if story.run.frozen else False
    obeyed = [entry.step.wish.kind for entry in story.entries if isinstance(entry.step, Obey)]
    assert sorted(obeyed) == ["approve", "budget"]
    assert await reactions(place, issue, held) == ["+1", "eyes"]
    assert not [each for each in await said(place, issue) if f"rmo:answer {held} " in each], "a reaction says enough"
    town.leave(place)


async def test_stop_in_either_thread_and_another_try(town: Town) -> None:
    place, issue, go_on = await paused(town, "stopped", at=1)
    before = await place.story(issue)
    assert before is not None
    await say(place, issue, "/rmo stop")
    go_on.set()
    first = await is_over(place, issue)
    assert end_of(first) == ("cancelled", "maintainer asked for it")
    kinds = [type(entry.step).__name__ for entry in first.entries[len(before.entries) :]]
    assert kinds == ["AskModel", "Stop"], "it ends within one step"
    (status,) = await said(place, issue)
    assert "Maintainer asked for it." in status

    why = await say(place, issue, "/rmo explain")
    assert "in CI" in await answer_to(place, issue, why)
    again = await say(place, issue, "/rmo stop")
    assert "the run has ended" in await answer_to(place, issue, again)

    pause = town.cast.pause(title(place), "executor", 1)
    wish = await say(place, issue, "/rmo retry")
    await within(pause.reached.wait(), "the second run, with its draft open")
    old, new = await place.person(lambda view: pulls_of(view, issue))
    assert (old.state, new.state, new.draft) == ("closed", "open", True)
    assert new.branch == f"rmo/issue-{issue}-{wish}"
    assert [f"pull request #{new.number}" in each for each in await said(place, old.number)] == [True]

    for thread in (new.number, old.number):
        busy = await say(place, thread, "/rmo retry")
        assert "`/rmo stop` ends it first" in await answer_to(place, thread, busy), "the newest run decides"
    await say(place, new.number, "Thank you, that will do.\n\n/rmo stop please")
    pause.over.set()
    second = await is_over(place, issue, nth=2)
    assert end_of(second) == ("cancelled", "maintainer asked for it")

    await reconcile(town.bot.context, town.bot.service.engine)
    assert await place.runs(issue) == 2
    town.leave(place)


def trees(view: Repository, *shas: str) -> list[str]:
    return [view.get_git_commit(sha).tree.sha for sha in shas]


def code_of(story: Story, step: int) -> str:
    sha = story.run.steps[step - 1].code_sha
    assert sha is not None
    return sha


async def test_a_branch_goes_back_to_a_step_during_a_run_and_after_it(town: Town) -> None:
    place = await town.found("back", {**FILES, "notes.txt": "old\n"}, scripted_runner(["success"]))
    items = [item("fix_defect", f"Work {number}", "prices.py") for number in (1, 2, 3)]
    lines = [
        thinker("Three items.", *items),
        processor("Nothing to add."),
        executor(replace("prices.py", "prices[1:]", "prices")),
        executor(create("more.txt", "more\n"), {"tool": "edit", "path": "notes.txt", "delete": True}),
        executor(replace("prices.py", "sum(prices)", "0")),
    ]
    pause = town.cast.pause(title(place), "executor", 2)
    issue = await place.ask(title(place), BODY, lines)
    await within(pause.reached.wait(), "two items are done")

    (pull,) = await place.person(lambda view: pulls_of(view, issue))
    await say(place, pull.number, "/rmo rollback 3")
    pause.over.set()
    story = await is_over(place, issue)
    assert end_of(story)[0] == "completed"
    seen = await place.person(lambda view: see(view, issue))
    assert [commit.subject for commit in seen.commits] == ["Work 1", "Work 2", "Go back to step 3"]
    assert await place.person(lambda view: len(set(trees(view, seen.pull.head, code_of(story, 3))))) == 1
    assert seen.commits[-1].checks == ["test: success"], "the checks judge what it leaves"
    assert [commit.sha for commit in seen.commits] == [
        step.code_sha for step in story.run.steps if step.code_sha is not None
    ], "nothing is pushed away"

    wish = await say(place, issue, "/rmo rollback 4")
    story = await is_over(place, issue, revisits=1)
    assert end_of(story)[0] == "completed"
    later = await place.person(lambda view: see(view, issue))
    assert [commit.sha for commit in later.commits[:3]] == [commit.sha for commit in seen.commits]
    assert await place.person(lambda view: len(set(trees(view, later.pull.head, code_of(story, 4))))) == 1
    assert set(await place.person(lambda view: files_of(view, later.pull.head))) >= {"more.txt"}
    assert "notes.txt" not in await place.person(lambda view: files_of(view, later.pull.head))
    assert await reactions(place, issue, wish) == ["+1", "eyes"]
    number = await say(place, issue, "/rmo rollback 99")
    assert "there is no step 99 to go back to" in await answer_to(place, issue, number)
    town.leave(place)


async def test_a_command_that_nobody_told_us_of_is_found_by_the_sweep(town: Town) -> None:
    place, issue, go_on = await paused(town, "budget", agent="processor")
    await place.person(lambda view: edit_nothing(view, issue))
    town.hub.faults.on_delivery("issue_comment", Drop(), action="created")
    comment = await say(place, issue, "/rmo budget 0.01")
    assert await reactions(place, issue, comment) == []
    for _ in range(2):
        assert await reconcile(town.bot.context, town.bot.service.engine) == ()
    assert await reactions(place, issue, comment) == ["+1", "eyes"]
    go_on.set()
    story = await is_over(place, issue)
    assert end_of(story)[0] == "budget_money"
    assert "0.00 of 0.01 US dollars" in end_of(story)[1], "what is not the issue's text may change"
    assert [type(entry.step).__name__ for entry in story.entries].count("Obey") == 1
    town.leave(place)


def edit_title(view: Repository, issue: int) -> None:
    view.get_issue(issue).edit(title=f"{view.get_issue(issue).title}!")


def edit_body(view: Repository, issue: int) -> None:
    view.get_issue(issue).edit(body=f"{BODY} Always.")


def edit_and_back(view: Repository, issue: int) -> None:
    edit_body(view, issue)
    view.get_issue(issue).edit(body=BODY)


def edit_nothing(view: Repository, issue: int) -> None:
    view.get_issue(issue).add_to_labels("bug")
    view.get_issue(issue).create_comment("I have seen it, too.").edit("I have seen it often.")


EDITS = {"title": edit_title, "body": edit_body, "back": edit_and_back}


@pytest.mark.parametrize("edit", sample(list(EDITS), 1))
async def test_an_edited_text_is_no_longer_what_was_labelled(town: Town, edit: str) -> None:
    place, issue, go_on = await paused(town, f"edited-{edit}")
    await place.person(lambda view: EDITS[edit](view, issue))
    await town.settled()
    go_on.set()
    story = await is_over(place, issue)
    assert end_of(story) == ("edited", "the text of the issue was edited after it was labelled")
    assert await place.person(lambda view: pulls_of(view, issue)) == []
    assert "to begin with the text as it is now" in (await said(place, issue))[0]
    assert await reconcile(town.bot.context, town.bot.service.engine) == ()
    assert await place.runs(issue) == 1, "only a new label begins anew"

    now = await place.person(lambda view: view.get_issue(issue).title)
    town.cast.learn(now, one_try())
    await place.person(lambda view: view.get_issue(issue).remove_from_labels(LABEL))
    await place.label(issue)
    again = await is_over(place, issue, nth=2)
    assert again.run.frozen is not None
    text = await place.person(lambda view: (view.get_issue(issue).title, view.get_issue(issue).body))
    assert (again.run.frozen.task.title, again.run.frozen.task.body) == text
    assert end_of(again)[0] == "completed"
    town.leave(place)


async def test_a_text_that_is_edited_before_it_is_read_was_not_approved(town: Town) -> None:
    place = await town.found("hasty", FILES, scripted_runner(["success"]))
    await town.settled()
    town.hub.faults.on_delivery("issues", Hold(), times=100)
    issue = await place.ask(title(place), BODY, one_try())
    await place.person(lambda view: edit_body(view, issue), "maintainer")
    town.hub.faults.clear()
    held = town.hub.world.held_deliveries
    held[:] = [each for each in held if each.action == "labeled"]
    town.hub.release_held()
    story = await is_over(place, issue)
    assert end_of(story)[0] == "edited"
    assert story.run.requests_by_agent == {}
    assert [each.path.rpartition("/")[2] for each in place.written_by_bot()] == ["reactions", "comments"]


async def lock(place: Place, issue: int, _: Place) -> None:
    await place.person(lambda view: view.get_issue(issue).lock("resolved"))


async def transfer(place: Place, issue: int, to: Place) -> None:
    place.town.hub.transfer_issue(place.id, issue, to.id, "maintainer")


GONE = {"locked": (lock, "the issue was locked"), "transferred": (transfer, "the issue is gone")}


@pytest.mark.parametrize("how", sample(list(GONE), 1))
async def test_an_issue_out_of_reach_ends_its_run_within_one_step(town: Town, how: str) -> None:
    act, why = GONE[how]
    place, issue, go_on = await paused(town, how, at=1)
    elsewhere = await town.found(f"beside-{how}", FILES, scripted_runner(["success"]))
    before = await place.story(issue)
    assert before is not None
    await act(place, issue, elsewhere)
    await town.settled()
    go_on.set()
    story = await is_over(place, issue)
    assert end_of(story)[0] == "cancelled"
    assert end_of(story)[1].startswith(why)
    assert [type(entry.step).__name__ for entry in story.entries[len(before.entries) :]] == ["AskModel", "Stop"]
    (pull,) = await place.person(lambda view: pulls_of(view, issue))
    assert why in pull.body.lower(), "the last word is said where it still can be"
    town.leave(place)


def own_check(place: Place, head: str | None) -> int:
    held = place.town.hub.world.repositories[place.id].checks.values()
    (found,) = [each.id for each in held if each.name == OWN_CHECK and each.suite.head_sha == head]
    return found


async def test_buttons_do_what_commands_do(town: Town) -> None:
    place = await town.found("buttons", ASKS, scripted_runner(["success"]))
    issue = await place.ask(title(place), BODY, one_try())
    story = await waits(place, issue)
    context, engine = town.bot.context, town.bot.service.engine
    client = context.github.client(place.full_name, story.run.request.repository.installation, repository=place.id)

    async def pressed(button: str, by: str, of: Story, *, is_bot: bool = False) -> str:
        where = EventSource(InstallationId(1), place.id, place.full_name, by, is_bot)
        event = ButtonPressed(where, CommitSha("0" * 40), of.run.id, button)
        return await press(context, engine, client, event, DeliveryId(f"{button} by {by}"))

    assert await pressed("approve", "reader", story) == "not permitted"
    assert await pressed("approve", "maintainer", story, is_bot=True) == "not permitted"
    assert await pressed("no such", "maintainer", story) == "no button of ours"
    assert await pressed("approve", "maintainer", story) == "approved"
    story = await is_over(place, issue)
    assert end_of(story)[0] == "completed"
    assert await pressed("approve", "maintainer", story) == "there is no plan that waits for approval"
    assert await pressed("stop", "maintainer", story) == "the run has ended"

    check = own_check(place, story.run.code_head)
    town.hub.press(place.id, check, "reader", "retry")
    await town.settled()
    assert await place.runs(issue) == 1
    town.hub.press(place.id, check, "maintainer")
    second = await waits(place, issue, nth=2)
    assert await pressed("stop", "maintainer", second) == "stopping"
    assert end_of(await is_over(place, issue, nth=2)) == ("cancelled", "maintainer pressed Stop")

    for _ in range(2):
        assert await pressed("retry", "maintainer", story) == "granted", "a click that is told twice is one"
    third = await waits(place, issue, nth=3)
    assert len({each.run.request.branch for each in (story, second, third)}) == await place.runs(issue) == 3
    town.leave(place)
