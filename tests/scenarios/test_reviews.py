"""Reviews: what people with write access ask for is done, told where they asked, and given back to them."""

import pytest
from github.PullRequest import PullRequest
from github.Repository import Repository

from bot.jobs.reconcile import reconcile
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.faults import Drop
from bot.model.phase import Ended
from bot.store import wishes
from tests.scenarios.cast import Line, create, executor, processor, replace
from tests.scenarios.people import commit, resolved, review, taken_up, threads, writes
from tests.scenarios.plot import BODY, FILES, SlowCi, one_try, title
from tests.scenarios.reading import OWN_CHECK, comments, see
from tests.scenarios.town import BOT, CONFIG, Place, Story, Town, within

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTES = executor(create("NOTES.md", "Every price counts.\n"), summary="Wrote it down.")
NAMED = executor(replace("prices.py", "def total(", "def sum_of("), summary="Renamed it.")
DOCUMENTED = executor(
    replace("prices.py", "    return", '    """Every price."""\n    return'), summary="Said what it does."
)
NOTHING: Line = {"agent": "executor", "reply": {"calls": [{"tool": "done", "nothing_to_do": "It says so already."}]}}


async def ready(town: Town, name: str, *more: Line, config: str = "", ci: SlowCi | None = None) -> tuple[Place, int]:
    """A repository whose issue's pull request is ready for review, or has its checks at work."""
    files = {**FILES, CONFIG: f"{FILES[CONFIG]}{config}"}
    place = await town.found(name, files, ci or scripted_runner(["success"]))
    issue = await place.ask(title(place), BODY, [*one_try(), *more])
    if ci is None:
        await place.ended(issue)
        await town.settled()
    else:
        await town.until(lambda connection: place.judging(connection, issue) or None, "CI at work")
    return place, issue


async def told(place: Place, issue: int) -> Story:
    """The issue's run as it stands."""
    story = await place.story(issue)
    assert story is not None
    return story


def reason_of(story: Story) -> str:
    assert isinstance(story.run.phase, Ended)
    return story.run.phase.reason


def number_of(story: Story) -> int:
    assert story.run.pull_request is not None
    return story.run.pull_request.number


def own_checks(repository: Repository, shas: list[str]) -> list[tuple[str, str | None]]:
    return [
        (check.status, check.conclusion)
        for sha in shas
        for check in repository.get_commit(sha).get_check_runs(check_name=OWN_CHECK)
    ]


def awaited(pull: PullRequest) -> list[str]:
    users, _ = pull.get_review_requests()
    return [user.login for user in users]


async def test_each_remark_becomes_a_commit_an_answer_and_a_resolved_thread(town: Town) -> None:
    place, issue = await ready(town, "asked", NOTES, NAMED, DOCUMENTED)
    story = await told(place, issue)
    pull = number_of(story)

    before = len(place.written_by_bot())
    await review(place, pull, "Rewrite all of it!", ("prices.py", 1, "Delete this."), by="reader")
    await town.settled()
    assert len(place.written_by_bot()) == before, "who can't write asks for nothing"

    remarks = ("prices.py", 1, "It should be `sum_of`."), ("prices.py", 2, "Say what it does.")
    await review(place, pull, "Write it down, too.", *remarks)
    story = await taken_up(place, issue, 1)
    await town.settled()

    assert reason_of(story) == "completed"
    seen = await place.person(lambda repository: see(repository, issue))
    assert [set(each.trailers) > {"RMO-Run", "RMO-Step"} for each in seen.commits] == [True] * 4
    assert [each.trailers["RMO-Action"] for each in seen.commits[1:]] == ["address_review"] * 3
    noted, named, documented = (each.sha for each in seen.commits[1:])
    assert not seen.pull.draft
    said = await place.person(lambda repository: threads(repository.get_pull(pull)))
    assert [[author for author, _ in thread] for thread in said] == [
        ["reader"],
        ["maintainer", BOT],
        ["maintainer", BOT],
    ]
    for sha, remark, (asked, answered) in zip((named, documented), remarks, said[1:], strict=True):
        assert asked == ("maintainer", remark[2])
        assert sha in answered[1]
    assert resolved(place, pull) == [False, True, True]
    (answer,) = await place.person(lambda repository: comments(repository, pull, BOT))
    assert noted in answer
    assert await place.person(lambda repository: awaited(repository.get_pull(pull))) == ["maintainer"]
    heads = [each.sha for each in seen.commits]
    own = await place.person(lambda repository: own_checks(repository, heads))
    assert own == [("completed", "neutral")] * 3 + [("completed", "success")]
    assert OWN_CHECK not in {check.name for check in story.run.all_checks}


async def test_what_is_not_done_is_explained_and_a_reply_asks_again_until_it_is_enough(town: Town) -> None:
    place, issue = await ready(town, "argued", NOTHING, DOCUMENTED, config="revisits: 2\n")
    story = await told(place, issue)
    pull = number_of(story)

    await review(place, pull, "", ("prices.py", 2, "Say what it does."))
    await taken_up(place, issue, 1)
    await town.settled()
    ((_, (author, answer)),) = await place.person(lambda repository: threads(repository.get_pull(pull)))
    assert (author, resolved(place, pull)) == (BOT, [False])
    assert "I left it as it is: It says so already." in answer
    assert await place.person(lambda repository: awaited(repository.get_pull(pull))) == []

    def reply(repository: Repository) -> None:
        view = repository.get_pull(pull)
        first = next(iter(view.get_review_comments()))
        at = repository.get_commit(first.commit_id)
        view.create_review_comment("No, in a docstring.", at, first.path, in_reply_to=first.id)

    await place.person(reply)
    story = await taken_up(place, issue, 2)
    await town.settled()
    (thread,) = await place.person(lambda repository: threads(repository.get_pull(pull)))
    assert [author for author, _ in thread] == ["maintainer", BOT, "maintainer", BOT]
    assert story.run.code_head is not None
    assert story.run.code_head in thread[-1][1]
    assert resolved(place, pull) == [True]

    head = story.run.code_head
    await review(place, pull, "And once more.")
    story = await place.ended(issue, so=lambda run: bool(run.refused_wishes))
    await town.settled()
    assert (story.run.revisits, story.run.code_head, reason_of(story)) == (2, head, "completed")
    (status,) = await place.person(lambda repository: comments(repository, issue, BOT))
    assert "Not done: the run was taken up again 2 times, which is its limit; label the issue again." in status


async def test_a_review_while_the_run_is_at_work_waits_for_its_end(town: Town) -> None:
    ci = SlowCi()
    place, issue = await ready(town, "early", NAMED, ci=ci)
    story = await told(place, issue)

    run = story.run
    try:
        await review(place, number_of(story), "", ("prices.py", 1, "It should be `sum_of`."), event="COMMENT")
        await town.until(lambda connection: wishes.read_wishes(connection, run.id) or None, "the review was heard")
        assert (await told(place, issue)).run.heads == run.heads
    finally:
        ci.may_end.set()
    story = await taken_up(place, issue, 1)

    assert reason_of(story) == "completed"
    assert len(story.run.heads) == 2
    assert story.run.revisits == 1


async def test_a_lost_review_is_found_and_neither_a_deleted_remark_nor_a_taken_branch_keeps_anybody(town: Town) -> None:
    place, issue = await ready(town, "lost", NAMED)
    story = await told(place, issue)
    pull = number_of(story)
    town.hub.faults.on_delivery("pull_request_review", Drop())
    town.hub.faults.on_delivery("pull_request_review_comment", Drop())
    pause = town.cast.pause(title(place), "executor", 1)

    await review(place, pull, "", ("prices.py", 1, "It should be `sum_of`."))
    await town.settled()
    assert (await told(place, issue)).entries == story.entries

    assert await reconcile(town.bot.context, town.bot.service.engine) == ()
    await within(pause.reached.wait(), "the pause")
    state = place.town.hub.world.repositories[place.id].issues[pull].pull
    assert state is not None
    state.review_comments.clear()
    pause.over.set()
    story = await taken_up(place, issue, 1)

    assert reason_of(story) == "completed"
    assert len(story.run.heads) == 2

    head = await commit(place, story.run.request.branch, writes("NOTES.md", "Mine.\n"))
    await town.settled()
    written = len(place.written_by_bot())
    await review(place, pull, "Please rename it back.", ("prices.py", 1, "It should be `total`."))
    await town.settled()
    assert await reconcile(town.bot.context, town.bot.service.engine) == ()
    assert len(place.written_by_bot()) == written, "what somebody has committed to is theirs"
    assert (await place.person(lambda repository: see(repository, issue))).pull.head == head


async def test_a_check_that_turns_red_later_is_taken_up_so_often_and_no_more(town: Town) -> None:
    wants = processor("The audit wants a docstring.", retry="1")
    place, issue = await ready(town, "reddened", wants, DOCUMENTED, config="revisits: 1\n")
    first = (await told(place, issue)).run.code_head
    assert first is not None

    def audit(repository: Repository, sha: str, state: str = "failure") -> None:
        repository.get_commit(sha).create_status(state, context="audit", description="No docstring")

    await place.person(lambda repository: audit(repository, first))
    story = await taken_up(place, issue, 1)
    await town.settled()
    second = story.run.code_head
    assert second not in (first, None)
    assert reason_of(story) == "completed"
    assert [(each.failure.tool, each.failure.message) for each in story.failures] == [("audit", "No docstring")]

    await place.person(lambda repository: audit(repository, str(second)))
    await town.settled()
    assert (await told(place, issue)).entries == story.entries
    await place.person(lambda repository: audit(repository, str(second), "success"))
