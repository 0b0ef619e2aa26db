"""Laws of steering: whatever people wish and whenever they do, nothing is lost, overdrawn or left in between."""

from dataclasses import replace
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.loop import fold
from bot.model.change import Overlay
from bot.model.conversation import Price
from bot.model.ids import CommitSha, MicroDollars, TreeSha
from bot.model.outcome import BaseMerged, Obeyed, Outcome, RolledBack, StepCommitted
from bot.model.phase import Approving, Ended, Judging, Recording
from bot.model.repository import BaseCommit
from bot.model.run import Budget
from bot.model.step import MergeBase, Step
from bot.model.wish import ENDING, Wish, WishKind
from tests.unit.loop.story import Story, item, sha
from tests.unit.loop.test_laws import BUDGET, advance

KINDS: tuple[WishKind, ...] = ("approve", "rollback", "budget", "review", "checks", "base", "cancel", "edited")
DEAREST = 5
"""What one answer of `advance` costs at most."""


class Watched(Story):
    """A story that looks after each outcome whether what was promised is so."""

    def __init__(self, budget: Budget, data: st.DataObject) -> None:
        super().__init__(budget)
        price = Price(MicroDollars(0), MicroDollars(DEAREST * 1_000_000 // budget.output_tokens))
        self.frozen = replace(self.frozen, price=price)
        self.base = {"a.py": "base", "kept.py": "kept"}
        self.data = data
        self.seen: list[Wish] = []
        self.ceiling: int | None = None
        """What a person lets all of the run cost; what was spent by then is nobody's fault."""
        self.wanted: dict[str, str] = {}

    def tell(self, outcome: Outcome) -> None:
        before = self.run
        super().tell(outcome)
        match outcome:
            case RolledBack(step=step):
                self.wanted = self.tree(before.codes[step])
                if not outcome.changes:
                    assert self.tree(self.run.code) == self.wanted
            case StepCommitted() if isinstance(before.phase, Recording) and before.phase.action_item == "roll_back":
                assert self.tree(self.run.code) == self.wanted
            case Obeyed(wish=wish, refused=""):
                self.seen.append(wish)
                if wish.kind == "budget":
                    self.ceiling = max(wish.value, self.run.spent.cost)
            case Obeyed(wish=wish):
                self.seen.append(wish)
            case _:
                pass
        spent = self.run.spent.cost
        if self.ceiling is not None:
            assert spent <= self.ceiling
        else:
            assert spent - self.run.spent_before.cost <= self.frozen.budget.cost

    def _ordinary(self, step: Step | None) -> Outcome | None:
        if isinstance(step, MergeBase) and self.data.draw(st.booleans()):
            self.commits += 3
            base = BaseCommit("main", CommitSha(sha(self.commits)))
            return BaseMerged(base, CommitSha(sha(self.commits + 1)), TreeSha(sha(self.commits + 2)), self.run.code)
        return super()._ordinary(step)

    def leave(self, wish: Wish) -> None:
        """As the job does: what is over is not ended once more."""
        is_over = isinstance(self.run.phase, Ended) and not self.wishes
        if not (wish.kind in ENDING and is_over):
            self.wishes = (*self.wishes, wish)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_wished_is_granted_or_refused_and_paid_for_within_bounds(data: st.DataObject) -> None:
    story = Watched(replace(BUDGET, cost=MicroDollars(60)), data)
    asks = data.draw(st.booleans())
    story.frozen = replace(story.frozen, config=replace(story.frozen.config, plan_approval=asks, revisits=2))
    left: list[Wish] = []
    numbers = count(1)
    for _ in range(data.draw(st.integers(0, 30))):
        if data.draw(st.booleans()):
            kind = data.draw(st.sampled_from(KINDS))
            wish = Wish(kind, "so", str(next(numbers)), data.draw(st.integers(0, 12)), "ada")
            story.leave(wish)
            if wish in story.wishes and kind not in ENDING:
                left.append(wish)
        story.settle()
        if story.step() is not None:
            advance(story, data)
    for _ in range(400):
        story.settle()
        if isinstance(story.run.phase, Approving):
            left.append(Wish("approve", "so", str(next(numbers)), by="ada"))
            story.leave(left[-1])
            continue
        if story.step() is None:
            break
        advance(story, data)
    assert isinstance(story.run.phase, Ended)
    assert story.wishes == ()
    assert sorted(story.seen, key=lambda wish: int(wish.key)) == left
    assert story.run.revisits <= 2
    assert fold(story.run.request, story.entries) == story.run


texts = st.one_of(st.none(), st.text("ab\n", max_size=3))
changes = st.dictionaries(st.sampled_from(["a.py", "kept.py", "new.py", "newer.py"]), texts, max_size=3)


@settings(max_examples=80, deadline=None)
@given(st.lists(changes, min_size=1, max_size=4), st.lists(st.integers(0, 20), max_size=4), st.booleans())
def test_going_back_gives_the_tree_of_the_step(works: list[Overlay], picks: list[int], early: bool) -> None:
    story = Story()
    story.base = {"a.py": "base", "kept.py": "kept"}
    story.frozen = replace(story.frozen, config=replace(story.frozen.config, revisits=9))
    story.plan(*(item(f"item {number}") for number in range(len(works) + 1)))
    story.decide()
    for number, overlay in enumerate(works):
        # No two trees are the same: what was tried before is not tried again.
        story.work(**{"n_py": str(number), **{path.replace(".", "_"): text for path, text in overlay.items()}})
    trees = {step: story.tree(code) for step, code in story.run.codes.items()}
    if not early:
        story.work(n_py="last")
        story.passes()
    for number, pick in enumerate(picks):
        step = sorted(trees)[pick % len(trees)]
        heads = story.run.heads
        story.wishes = (Wish("rollback", "so", str(number), step, "ada"),)
        story.settle()
        assert story.tree(story.run.code) == trees[step]
        assert story.run.heads[: len(heads)] == heads, "nothing is taken away"
        assert isinstance(story.run.phase, Judging), "the checks judge it"
        story.passes()
    assert fold(story.run.request, story.entries) == story.run
