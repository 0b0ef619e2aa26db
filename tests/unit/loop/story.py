"""Runs told outcome by outcome: the pure loop without any edge."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.loop import apply, next_step
from bot.loop.steering import refusal
from bot.model.action import PlannedItem
from bot.model.change import Create, Overlay
from bot.model.check import CheckRun, Failed, Passed, Verdict
from bot.model.conversation import Agent, Asked, ModelAnswer, Price, ToolCall
from bot.model.failure import Failure
from bot.model.ids import (
    ActionId,
    CommentId,
    CommitSha,
    Fingerprint,
    InstallationId,
    IssueNumber,
    ItemKey,
    LabelEventId,
    MicroDollars,
    PullRequestNumber,
    RepositoryId,
    TreeSha,
)
from bot.model.journal import Entry
from bot.model.outcome import (
    BaseMerged,
    ChangeProven,
    ChecksJudged,
    EnvironmentPrepared,
    ItemValidated,
    ModelReplied,
    Obeyed,
    Outcome,
    PullRequestOpened,
    PullRequestRevised,
    ReviewAnswered,
    ReviewsRead,
    RolledBack,
    StatusPosted,
    StepCommitted,
    Stopped,
    TaskFrozen,
    ToolsUsed,
)
from bot.model.phase import Recording
from bot.model.reply import Decided, Done, EditFile, Malformed, PlanProposed, Reply, ToolsCalled
from bot.model.repository import BaseCommit, Repository, RepositoryConfig
from bot.model.run import BaseChecks, Budget, Frozen, PullRequest, Run, RunRequest
from bot.model.steering import ReviewRemark
from bot.model.step import (
    AnswerReview,
    CommitStep,
    Freeze,
    MergeBase,
    Obey,
    OpenPullRequest,
    PostStatus,
    PrepareEnvironment,
    ReadReviews,
    RevisePullRequest,
    RollBack,
    Step,
    Stop,
)
from bot.model.task import CleaningReport, Label, Task
from bot.model.validation import LevelResult, Proof, RedBeforeGreen, Reproduction, TamperFinding, Unproven
from bot.model.wish import ENDING, Wish

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
REPOSITORY = Repository(RepositoryId(7), "octo", "tally", InstallationId(3), "main")
REQUEST = RunRequest(REPOSITORY, IssueNumber(12), Label(LabelEventId(99), "maintainer"), START)


PROOF = RedBeforeGreen("tests/test_a.py::test_a", "failed", "passed", "sandbox", "sandbox")


def sha(number: int) -> str:
    return f"{number:040x}"


def frozen(budget: Budget | None = None, analysers: int = 1) -> Frozen:
    return Frozen(
        task=Task(REPOSITORY, IssueNumber(12), "Wrong sum", "It is off.", REQUEST.label, "d" * 64, CleaningReport()),
        base=BaseCommit("main", CommitSha(sha(1))),
        config=RepositoryConfig(analysers=analysers),
        guidance=(),
        budget=budget or Budget(),
        model="script:test",
        price=Price(MicroDollars(0), MicroDollars(0)),
        protocol="p" * 64,
    )


def item(title: str, action: str = "fix_defect", files: tuple[str, ...] = ()) -> PlannedItem:
    return PlannedItem(ItemKey("0"), ActionId(action), title, f"do: {title}", expected_files=files)


def failure(fingerprint: str = "f1", path: str = "a.py", test: str = "") -> Failure:
    return Failure("ci", "logic", "pytest", "AssertionError", "assert 1 == 2", path, 3, test, Fingerprint(fingerprint))


def answer(calls: tuple[ToolCall, ...] = (), cost: int = 0) -> ModelAnswer:
    return ModelAnswer(calls, "", "stop", 10, 5, MicroDollars(cost), 0.5)


class Story:
    """A run and its clock; each `tell` applies one outcome to the step that the run itself chose."""

    def __init__(self, budget: Budget | None = None, analysers: int = 1) -> None:
        self.run = Run(REQUEST)
        self.now = START
        self.frozen = frozen(budget, analysers)
        self.entries: list[Entry] = []
        self.wishes: tuple[Wish, ...] = ()
        self.remarks: tuple[ReviewRemark, ...] = ()
        """What people ask for in the pull request."""
        self.base: dict[str, str] = {}
        """Files of the base commit, for going back."""
        self.commits = 1

    def step(self) -> Step | None:
        return next_step(self.run, self.wishes)

    def tell(self, outcome: Outcome) -> None:
        step = self.step()
        assert step is not None
        started, self.now = self.now, self.now + timedelta(seconds=1)
        entry = Entry(self.run.last_seq + 1, step, outcome, started, self.now, 0.1)
        self.run = apply(self.run, entry)
        self.entries.append(entry)
        match outcome:
            case Obeyed(wish=granted):
                self.wishes = tuple(wish for wish in self.wishes if wish != granted)
            case Stopped():
                self.wishes = tuple(wish for wish in self.wishes if wish.kind not in ENDING)
            case _:
                pass

    def settle(self) -> None:
        """Take the steps that need no story: statuses, commits, pull requests, the end."""
        while True:
            outcome = self._ordinary(self.step())
            if outcome is None:
                return
            self.tell(outcome)

    def _ordinary(self, step: Step | None) -> Outcome | None:
        pull = PullRequest(PullRequestNumber(13), "http://hub/13", "PR_13", draft=True)
        match step:
            case Freeze():
                return TaskFrozen(self.frozen)
            case PostStatus():
                return StatusPosted(CommentId(5))
            case PrepareEnvironment():
                return EnvironmentPrepared(None, BaseChecks(False, "no sandbox"))
            case CommitStep():
                return self._commit()
            case OpenPullRequest():
                return PullRequestOpened(pull)
            case RevisePullRequest(ready=ready):
                return PullRequestRevised(replace(pull, draft=not ready))
            case MergeBase():
                assert self.run.frozen is not None
                return BaseMerged(self.run.frozen.base)
            case Stop(reason=reason, detail=detail):
                return Stopped(reason, detail)
            case _:
                return self._steered(step)

    def tell_ordinary(self, until: type[Step]) -> None:
        """Take the steps that need no story before the next one of this kind."""
        while not isinstance(self.step(), until):
            outcome = self._ordinary(self.step())
            assert outcome is not None, self.step()
            self.tell(outcome)

    def _steered(self, step: Step | None) -> Outcome | None:
        match step:
            case Obey(wish=wish):
                return Obeyed(wish, refusal(self.run, wish))
            case ReadReviews():
                return ReviewsRead(self.remarks)
            case AnswerReview(remark=remark):
                return ReviewAnswered(remark)
            case RollBack(step=number):
                then, now = self.tree(self.run.codes[number]), self.tree(self.run.code)
                return RolledBack(
                    number, {path: then.get(path) for path in {**then, **now} if then.get(path) != now.get(path)}
                )
            case _:
                return None

    def tree(self, code: Overlay) -> dict[str, str]:
        """Every file, where `code` is committed over the base commit."""
        return {path: text for path, text in {**self.base, **code}.items() if text is not None}

    def _commit(self) -> StepCommitted:
        assert isinstance(self.run.phase, Recording)
        self.commits += 2
        code = CommitSha(sha(self.commits + 1)) if self.run.phase.changes else None
        tree = TreeSha(sha(self.commits + 1)) if code else None
        return StepCommitted("refs/rmo/runs/7-12-99", CommitSha(sha(self.commits)), code, tree)

    def reply(self, agent: Agent, reply: Reply, cost: int = 0) -> None:
        self.settle()
        malformed = failure(reply.reason) if isinstance(reply, Malformed) else None
        self.tell(ModelReplied(agent, "system", (Asked("?"),), answer(cost=cost), reply, malformed))

    def plan(self, *items: PlannedItem, questions: tuple[str, ...] = ()) -> None:
        self.reply("thinker", PlanProposed("a plan", items, questions))
        self.settle()

    def decide(
        self, note: str = "fine", retry: str | None = None, question: str = "", drop: Iterable[str] = ()
    ) -> None:
        key = ItemKey(retry) if retry else None
        dropped = tuple(ItemKey(each) for each in drop)
        self.reply("processor", Decided(note, (), dropped, (), key, question))
        self.settle()

    def change(self, **files: str | None) -> None:
        """The Executor changes files (`a_py` is `a.py`) and is done."""
        overlay = {name.replace("_", "."): text for name, text in files.items()}
        calls = (*(EditFile(Create(path, text or "")) for path, text in overlay.items()), Done("summary", "changed"))
        self.reply("executor", ToolsCalled(calls))
        self.tell(ToolsUsed(("ok",) * len(calls), overlay, done=Done("summary", "changed")))
        self.settle()

    def validate(
        self,
        *failures: Failure,
        reproduction: Reproduction | None = None,
        tampering: tuple[TamperFinding, ...] = (),
    ) -> None:
        status = "failed" if failures else "passed"
        levels = (LevelResult(1, "syntax", status, 0.1, "1 file", failures),)
        self.tell(ItemValidated(() if tampering else levels, tampering, failures, reproduction))
        self.settle()

    def work(self, **files: str | None) -> None:
        self.change(**files)
        self.validate()

    def judge(
        self, verdict: Verdict, *failures: Failure, pre_existing: tuple[str, ...] = (), flaky: tuple[str, ...] = ()
    ) -> None:
        self.settle()
        head = self.run.code_head
        assert head is not None
        conclusion = "success" if isinstance(verdict, Passed) else "failure"
        check = CheckRun(self.commits, "test", head, 15368, "completed", conclusion, None, None, "", "")
        self.tell(ChecksJudged(verdict, (check,), failures, pre_existing, flaky))
        self.settle()

    def turn_green(self) -> None:
        """The checks pass, and the next step is to look whether the base branch has moved."""
        self.settle()
        self.tell(ChecksJudged(Passed(("test",)), (), ()))
        self.tell_ordinary(MergeBase)

    def passes(self) -> None:
        self.judge(Passed(("test",)))
        self.settle()
        self.prove(PROOF)

    def prove(
        self, proof: Proof | Unproven | None, *failures: Failure, tampering: tuple[TamperFinding, ...] = ()
    ) -> None:
        self.tell(ChangeProven(proof, tampering, failures))
        self.settle()

    def fails(self, *failures: Failure) -> None:
        self.judge(Failed(("test",)), *failures)
