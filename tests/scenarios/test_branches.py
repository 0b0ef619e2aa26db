"""Branches: a base that moves is merged and validated again, a conflict is told, people's pull requests come first,
and what becomes of ours is remembered."""

import pytest
from github.Repository import Repository

from bot.jobs.late_outcomes import find_reverts
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.faults import LoseResponse
from bot.model.phase import Ended
from bot.store.late_outcomes import LateKind, read_late_outcomes
from tests.sampling import sample
from tests.scenarios.cast import executor, item, processor, replace, thinker
from tests.scenarios.people import changes, commit, reverts, review, says, taken_up, text_at, writes
from tests.scenarios.plot import BODY, FILES, SlowCi, begin, one_try, title
from tests.scenarios.reading import OWN_CHECK, comments, heads, pulls_of, refs, see
from tests.scenarios.town import BOT, CONFIG, LABEL, Place, Story, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "\n".join(
    ["def total(prices):", "    return sum(prices[1:])", *("" for _ in range(9)), "def mean(prices):", "    ...", ""]
)
MEAN = "    return total(prices) / len(prices)"
SUBJECTS = ("feat: count", "fix: a slip", "docs: say so", "chore: tidy", "test: it")


def reason_of(story: Story) -> str:
    assert isinstance(story.run.phase, Ended)
    return story.run.phase.reason


async def waiting(town: Town, name: str, files: dict[str, str], *more: object) -> tuple[Place, int, SlowCi]:
    """A run whose draft waits for its checks."""
    ci = SlowCi()
    place = await town.found(name, files, ci)
    issue = await place.ask(title(place), BODY, [*one_try(), *more])  # pyright: ignore[reportArgumentType]
    await town.until(lambda connection: place.judging(connection, issue) or None, "CI at work")
    return place, issue, ci


def owns(repository: Repository, sha: str) -> list[tuple[str, str | None]]:
    checks = repository.get_commit(sha).get_check_runs(check_name=OWN_CHECK)
    return [(check.status, check.conclusion) for check in checks]


async def outcomes(place: Place, story: Story) -> dict[LateKind, str]:
    database = place.town.bot.context.database
    found = await database.transact(lambda connection: read_late_outcomes(connection, story.run.id))
    return {each.kind: each.reason for each in found}


async def test_a_base_that_moved_is_merged_before_ready_and_what_follows_is_remembered(town: Town) -> None:
    name = "moved"
    ci = SlowCi()
    place = await town.found(name, FILES, ci)
    await commit(place, "main", *(says(subject) for subject in SUBJECTS))
    town.hub.faults.on_request("POST", f"/repos/acme/{name}/merges", LoseResponse())
    issue = await place.ask(title(place), BODY, one_try())
    await town.until(lambda connection: place.judging(connection, issue) or None, "CI at work")
    base = await commit(place, "main", writes("README.md", "Prices.\n"), message="docs: read me")
    ci.may_end.set()
    story = await place.ended(issue)
    await town.settled()

    assert reason_of(story) == "completed"
    seen = await place.person(lambda repository: see(repository, issue))
    assert not seen.pull.draft
    assert seen.pull.files == ["prices.py"], "the pull request holds our change alone"
    ours, merge = seen.commits
    assert (ours.subject, merge.subject) == ("fix: count every price", f"Merge main at {base[:12]}")
    assert (ours.checks, merge.checks) == (["test: success"], ["test: success"])
    assert merge.author == BOT
    parents = await place.person(lambda repository: repository.get_git_commit(merge.sha).parents)
    assert [parent.sha for parent in parents] == [ours.sha, base]
    assert "README.md" in merge.files
    told = await place.person(lambda repository: [owns(repository, each.sha) for each in seen.commits])
    assert told == [[("completed", "neutral")], [("completed", "success")]]
    assert OWN_CHECK not in {check.name for check in story.run.all_checks}

    sha = await place.person(lambda repository: repository.get_pull(seen.pull.number).merge().sha)
    await town.settled()
    assert await outcomes(place, story) == {"merged": sha}
    assert await find_reverts(town.bot.context) == 0
    taken_back = await commit(place, "main", reverts(sha))
    assert await find_reverts(town.bot.context) == 1
    assert await find_reverts(town.bot.context) == 0
    assert await outcomes(place, story) == {"merged": sha, "reverted": taken_back}


async def test_a_base_that_moved_in_the_same_file_is_not_undone_by_later_commits(town: Town) -> None:
    again = executor(replace("prices.py", "def total(", "def sum_of("), summary="Renamed it.")
    place, issue, ci = await waiting(town, "overlapping", {**FILES, "prices.py": LONG}, again)
    await commit(place, "main", changes("prices.py", "    ...", MEAN))
    ci.may_end.set()
    story = await place.ended(issue)
    await town.settled()
    assert reason_of(story) == "completed"
    assert story.run.pull_request is not None

    await review(place, story.run.pull_request.number, "", ("prices.py", 1, "It should be `sum_of`."))
    story = await taken_up(place, issue, 1)
    head = story.run.code_head
    assert head is not None
    text = await place.person(lambda repository: text_at(repository, "prices.py", head))
    assert MEAN in text
    assert "def sum_of(prices):\n    return sum(prices)\n" in text
    seen = await place.person(lambda repository: see(repository, issue))
    assert [each.trailers["RMO-Action"] for each in seen.commits] == ["fix_defect", "update_base", "address_review"]


CONFLICTING = changes("prices.py", "prices[1:]", "prices[0:]")


async def test_a_conflict_is_told_and_nothing_is_settled(town: Town) -> None:
    place, issue, ci = await waiting(town, "conflict", FILES)
    await commit(place, "main", CONFLICTING)
    before = await place.person(heads)
    ci.may_end.set()
    story = await place.ended(issue)

    assert await place.person(heads) == before
    (pull,) = await place.person(lambda repository: pulls_of(repository, issue))
    (status,) = await place.person(lambda repository: comments(repository, issue, BOT))
    assert (reason_of(story), pull.draft) == ("conflict", True)
    for said in (status, pull.body):
        assert "git cannot merge them: prices.py" in said
        assert "Please merge the base branch into this one yourself" in said


async def test_a_base_is_left_alone_where_owners_say_so_and_a_close_is_remembered_with_its_reason(town: Town) -> None:
    files = {**FILES, CONFIG: f"{FILES[CONFIG]}keep_up_to_date: false\n"}
    place, issue, ci = await waiting(town, "closed", files)
    await commit(place, "main", CONFLICTING)
    before = await place.person(heads)
    ci.may_end.set()
    story = await place.ended(issue)
    assert reason_of(story) == "completed"
    assert await place.person(heads) == before
    assert story.run.pull_request is not None
    number = story.run.pull_request.number

    def close(repository: Repository) -> None:
        thread = repository.get_issue(number)
        thread.create_comment("Not\nlike this.")
        thread.create_comment("/rmo status")

    await place.person(close)
    await place.person(lambda repository: repository.get_issue(number).create_comment("Boo!"), "reader")
    await place.person(lambda repository: repository.get_pull(number).edit(state="closed"))
    await town.settled()
    assert await outcomes(place, story) == {"closed": "Not like this."}


async def test_a_persons_pull_request_comes_first(town: Town) -> None:
    place = await town.found("taken", FILES, scripted_runner(["success"]))
    town.cast.learn(title(place), one_try())

    def work(repository: Repository) -> tuple[int, int]:
        issue = repository.create_issue(title=title(place), body=BODY).number
        main = repository.get_branch("main").commit
        tree = repository.get_git_commit(main.sha).tree
        sha = repository.create_git_commit("Mine", tree, [repository.get_git_commit(main.sha)]).sha
        repository.create_git_ref("refs/heads/mine", sha)
        pull = repository.create_pull("main", "mine", title="Mine", body=f"Closes #{issue}")
        return issue, pull.number

    issue, pull = await place.person(work)
    await place.label(issue)
    story = await place.ended(issue)

    assert reason_of(story) == "duplicate"
    (status,) = await place.person(lambda repository: comments(repository, issue, BOT))
    assert f"The issue already has an open pull request: #{pull} by maintainer" in status
    assert await place.person(refs) == ["refs/heads/main", "refs/heads/mine"]
    assert not story.run.requests_by_agent


@pytest.mark.parametrize("worked_on", sample([False, True], 1))
async def test_a_new_label_supersedes_the_old_draft_unless_somebody_works_on_it(town: Town, worked_on: bool) -> None:
    place, issue = await begin(town, f"superseded-{worked_on}", tries=1)
    first = await place.ended(issue)
    if worked_on:
        await commit(place, first.run.request.branch, writes("NOTES.md", "Mine.\n"))
    await place.person(lambda repository: repository.get_issue(issue).remove_from_labels(LABEL))
    await place.label(issue)
    await place.ended(issue, 2)
    await town.settled()

    old, new = await place.person(lambda repository: pulls_of(repository, issue))
    assert (old.state, new.state) == ("open" if worked_on else "closed", "open")
    notes = await place.person(lambda repository: comments(repository, old.number, BOT))
    told = [f"in pull request #{new.number}, and this pull request is closed" in note for note in notes]
    assert told == ([] if worked_on else [True])


@pytest.mark.parametrize(
    ("cap", "said"),
    sample(
        [
            ("most_files: 1", "it changes 2 files, and `most_files` allows 1"),
            ("most_lines: 1", "it adds and removes 2 lines, and `most_lines` allows 1"),
        ],
        1,
    ),
)
async def test_too_large_a_change_is_never_pushed(town: Town, cap: str, said: str) -> None:
    files = {**FILES, "more.py": FILES["prices.py"], CONFIG: f"{FILES[CONFIG]}{cap}\n"}
    place = await town.found(cap.partition(":")[0].replace("_", "-"), files, scripted_runner(["success"]))
    edits = [replace("prices.py", "prices[1:]", "prices"), replace("more.py", "prices[1:]", "prices")]
    lines = [
        thinker("The slice goes.", item("fix_defect", "Count every price", "prices.py", "more.py")),
        processor("Nothing to add."),
        executor(*edits[: 2 if "files" in cap else 1]),
    ]
    issue = await place.ask(title(place), BODY, lines)
    story = await place.ended(issue)

    assert isinstance(story.run.phase, Ended)
    assert (story.run.phase.reason, said in story.run.phase.detail) == ("too_large", True)
    assert list(await place.person(heads)) == ["refs/heads/main"]
