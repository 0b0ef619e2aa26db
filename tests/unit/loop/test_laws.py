"""Laws of the loop, for any sequence of outcomes."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.loop import fold
from bot.loop.commit_message import code_message, state_message, trailers_of
from bot.loop.overlay import edit
from bot.loop.preview import after_commit
from bot.loop.state_file import parse, render
from bot.model.change import Applied, Create, Delete, Rename, Replace
from bot.model.check import Cancelled, Failed, Passed, TimedOut, Unverified
from bot.model.ids import CommitSha, MicroDollars
from bot.model.outcome import ChecksJudged, StepFailed, ToolsUsed
from bot.model.phase import Ended, Planning, Recording, Reviewing, Working
from bot.model.reply import Decided, Done, Malformed, PlanProposed, Read, ToolsCalled
from bot.model.run import Budget
from bot.model.step import AskModel, AwaitChecks, ProveChange, UseTools, ValidateItem
from bot.model.validation import NotReproduced, Reproduced, Unproven
from bot.model.wish import Wish
from tests.unit.loop.story import PROOF, Story, failure, item

BUDGET = Budget(steps=12, attempts=2, requests=15, item_requests=4, cost=MicroDollars(1_000), wall=timedelta(hours=1))


def advance(story: Story, choose: st.DataObject) -> None:
    """One more outcome of the kind that the present step can have."""
    number = choose.draw(st.integers(0, 5))
    match story.step():
        case AskModel(agent="thinker"):
            proposals = [PlanProposed("p", (item(f"t{number}"), item("u")), ()), PlanProposed("p", (), ("why?",))]
            story.reply("thinker", Malformed("x") if number > 4 else proposals[number == 4], cost=number)
        case AskModel(agent="processor"):
            decided = Decided("n", (), (), (), None, "why?" if number == 5 else "")
            story.reply("processor", Malformed("x") if number == 4 else decided, cost=number)
        case AskModel(agent="executor"):
            calls = ToolsCalled((Read("a", 1, None),))
            story.reply("executor", Malformed("x") if number == 5 else calls, cost=number)
        case UseTools():
            dones = [None, Done("summary", "s"), Done("summary", "s"), Done("nothing_to_do", "n"), Done("blocked", "b")]
            overlay = {"a.py": str(choose.draw(st.integers(0, 2)))} if number in (0, 1, 2) else {}
            story.tell(ToolsUsed(("r",), overlay, done=dones[min(number, 4)]))
        case ValidateItem():
            red = (failure(f"s{number}"),) if number > 3 else ()
            reproductions = [None, Reproduced(("t::a",)), NotReproduced(("t::a",)), Unproven("no sandbox")]
            story.validate(*red, reproduction=reproductions[number % 4])
        case ProveChange():
            proofs = [PROOF, None, Unproven("no test"), Unproven("bent")]
            story.prove(proofs[number % 4], *((failure(f"t{number}"),) if number % 4 == 3 else ()))
        case AwaitChecks():
            verdicts = [
                Passed(("t",)),
                Failed(("t",)),
                Failed(("t",)),
                TimedOut(("t",)),
                Cancelled(("t",)),
                Unverified("u"),
            ]
            failures = (failure(f"c{choose.draw(st.integers(0, 3))}"),) if number in (1, 2) else ()
            story.tell(ChecksJudged(verdicts[number], (), failures))
        case _:
            story.tell(StepFailed("failed", "out of order"))
    story.settle()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_run_ends_within_its_budget_and_is_the_fold_of_its_journal(data: st.DataObject) -> None:
    story = Story(BUDGET)
    story.settle()
    for _ in range(200):
        if story.step() is None:
            break
        before = story.run.spent
        advance(story, data)
        after = story.run.spent
        assert after.cost >= before.cost
        assert after.requests >= before.requests
    assert isinstance(story.run.phase, Ended)
    assert story.run.spent.requests <= BUDGET.requests
    assert len(story.run.steps) <= BUDGET.steps
    assert all(count <= BUDGET.attempts for count in story.run.attempts.values())
    assert fold(story.run.request, story.entries) == story.run
    assert (story.run.phase.reason == "completed") <= isinstance(story.run.verdict, Passed)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(0, 25))
def test_a_cancelled_run_ends_with_its_next_step(data: st.DataObject, after: int) -> None:
    story = Story(BUDGET)
    story.settle()
    for _ in range(after):
        if story.step() is None:
            return
        advance(story, data)
    if story.step() is None:
        return
    taken = len(story.entries)
    story.wishes = (Wish("cancel", "enough"),)
    story.settle()
    assert len(story.entries) == taken + 1
    assert isinstance(story.run.phase, Ended)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_agent_is_told_what_the_last_commit_of_the_state_ref_holds(data: st.DataObject) -> None:
    story = Story(BUDGET)
    committed = ""
    for _ in range(120):
        step = story.step()
        if step is None:
            break
        if isinstance(story.run.phase, Recording):
            committed = render(after_commit(story.run))[".rmo/state.json"]
        outcome = story._ordinary(step)  # pyright: ignore[reportPrivateUsage] - one step at a time
        if outcome is not None:
            story.tell(outcome)
            continue
        phase = story.run.phase
        if committed and isinstance(phase, Planning | Reviewing | Working) and not phase.dialogue.messages:
            assert render(story.run)[".rmo/state.json"] == committed
            task, state = parse(render(story.run))
            assert task.title == story.frozen.task.title
            assert state.pending == story.run.pending_items
        advance_once(story, data)


def advance_once(story: Story, data: st.DataObject) -> None:
    settle, story.settle = story.settle, lambda: None  # pyright: ignore[reportAttributeAccessIssue] - step by step
    try:
        advance(story, data)
    finally:
        story.settle = settle


texts = st.text(max_size=400)


@given(texts, texts)
def test_no_text_of_a_model_changes_what_a_commit_says_of_itself(subject: str, body: str) -> None:
    story = Story()
    story.settle()
    recording = Recording("executor", "fix_defect", subject, body, {}, None, None)
    for message in (state_message(story.run, recording), code_message(story.run, recording, CommitSha("a" * 40))):
        trailers = trailers_of(message)
        assert trailers is not None
        assert (trailers.run, trailers.step) == (story.run.id, 1)
        assert message.count("RMO-Run:") == 1 or "RMO-Run:" in subject + body
        assert "skip-checks" not in message.rpartition("\n\n")[2]
        assert "[skip ci]" not in message.lower()


paths = st.sampled_from(["a.py", "b.py", "c/d.py"])
edits = st.one_of(
    st.builds(Replace, paths, st.text("ab\n", max_size=4), st.text("abc\n", max_size=4)),
    st.builds(Create, paths, st.text("ab\n", max_size=6)),
    st.builds(Delete, paths),
    st.builds(Rename, paths, paths),
)


@given(st.lists(edits, max_size=12))
def test_an_edit_is_applied_wholly_or_changes_nothing(wanted: list[Create | Delete | Rename | Replace]) -> None:
    base: dict[str, str] = {"a.py": "aba\n", "b.py": "bb\n"}
    overlay: dict[str, str | None] = {}
    for each in wanted:
        tree = {path: {**base, **overlay}.get(path) for path in ("a.py", "b.py", "c/d.py")}
        match edit(overlay, tree, each):
            case Applied(overlay=after):
                changed = {path for path in tree if {**base, **after}.get(path) != tree[path]}
                assert changed <= {each.path, each.to if isinstance(each, Rename) else each.path}
                if isinstance(each, Replace):
                    assert (tree[each.path] or "").count(each.old) == 1
                overlay = dict(after)
            case rejected:
                assert rejected.reason
