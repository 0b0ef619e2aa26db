"""GitHub does what it is asked, and its answer is lost: the bot must look before it asks again.

Stories are told side by side, each in a repository of its own, because each of them spends its time in a pause before
the second try.
"""

import asyncio
import re

import pytest

from bot.localhub.faults import Answer, CutResponse, LoseResponse, RequestFault
from bot.model.ids import IssueNumber
from bot.model.run import Ended
from tests.sampling import sample
from tests.scenarios.plot import begin
from tests.scenarios.reading import comments, pulls_of, refs, see
from tests.scenarios.telling import assert_every_step_is_a_commit
from tests.scenarios.town import BOT, Place, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENDED_BUT_DENIED = Answer(502, "<html>Bad Gateway</html>", (("content-type", "text/html"),), "done")
NOT_DONE = Answer(500)
CALLS: dict[str, tuple[str, str, int]] = {
    "status-comment": ("POST", "issues/[0-9]+/comments", 1),
    "first-tree": ("POST", "git/trees", 1),
    "first-commit-of-state": ("POST", "git/commits", 1),
    "first-commit-of-code": ("POST", "git/commits", 4),
    "last-commit-of-code": ("POST", "git/commits", 8),
    "state-ref": ("POST", "git/refs", 1),
    "branch": ("POST", "git/refs", 2),
    "moving-the-state-ref": ("PATCH", "git/refs/rmo/.*", 2),
    "moving-the-branch": ("PATCH", "git/refs/heads/.*", 1),
    "pull-request": ("POST", "pulls", 1),
    "edited-comment": ("PATCH", "issues/comments/[0-9]+", 3),
    "revised-pull-request": ("PATCH", "pulls/[0-9]+", 1),
}
FAULTS: dict[str, RequestFault] = {
    "lost": LoseResponse(),
    "cut": CutResponse(),
    "denied": ENDED_BUT_DENIED,
    "not-done": NOT_DONE,
}
CASES = [
    *((call, "lost") for call in CALLS),
    *((call, fault) for call in CALLS for fault in FAULTS if fault != "lost"),
]


async def test_whatever_answer_is_lost_nothing_is_there_twice(town: Town) -> None:
    cases = sample(CASES[: len(CALLS)], 2) + sample(CASES[len(CALLS) :], 1)
    places = asyncio.Semaphore(4)
    told = await asyncio.gather(*(_tell(town, call, fault, places) for call, fault in cases))
    wrong = {case: problem for case, problem in zip(cases, told, strict=True) if problem}
    assert not wrong


async def _tell(town: Town, call: str, fault: str, places: asyncio.Semaphore) -> str:
    """The whole run with one answer lost; what is wrong afterwards."""
    async with places:
        return await _run(town, call, fault)


async def _run(town: Town, call: str, fault: str) -> str:
    name = f"{call}-{fault}"
    method, path, nth = CALLS[call]
    wanted = re.compile(f"/repos/acme/{name}/{path}")
    town.hub.faults.on_request(method, wanted.pattern, FAULTS[fault], nth=nth)
    place, issue = await begin(town, name)
    try:
        await _assert_as_if_nothing_happened(place, issue)
    except AssertionError as error:
        return str(error) or repr(error)
    asked = [each for each in town.hub.journal.requests if each.method == method and wanted.fullmatch(each.path)]
    return "" if len(asked) >= nth else f"asked {len(asked)} times: the fault never struck"


async def _assert_as_if_nothing_happened(place: Place, issue: IssueNumber) -> None:
    story = await place.ended(issue)
    assert isinstance(story.run.phase, Ended)
    assert story.run.phase.reason == "completed", story.run.phase.detail
    seen = await place.person(lambda repository: see(repository, issue))
    assert [each.checks for each in seen.commits] == [["test: failure"], ["test: success"]]
    assert not seen.pull.draft
    assert len(await place.person(lambda repository: pulls_of(repository, issue))) == 1
    assert len(await place.person(lambda repository: comments(repository, issue, BOT))) == 1
    assert len(await place.person(refs)) == 3
    await place.person(lambda repository: assert_every_step_is_a_commit(repository, issue, story.run))
