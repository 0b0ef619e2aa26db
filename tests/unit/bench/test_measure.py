"""The first attempt, read from a journal: what came before and in the first validation, and nothing that came after."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.bench.measure import first_attempt
from bot.failures.failure import check_failure, format_failure, syntax_failure
from bot.model.conversation import ModelAnswer
from bot.model.failure import Failure
from bot.model.ids import MicroDollars
from bot.model.journal import Entry
from bot.model.outcome import ItemValidated, ModelReplied, Outcome
from bot.model.reply import Malformed
from bot.model.step import AskModel, ValidateItem

AT = datetime(2026, 1, 1, tzinfo=UTC)
ANSWER = ModelAnswer((), "Sure!", "stop", 1, 1, MicroDollars(0), 0.0)
UNREADABLE = ModelReplied("executor", "", (), ANSWER, Malformed("it calls no tool"), format_failure("no tool"))


def validated(*failures: Failure) -> ItemValidated:
    return ItemValidated((), failures=failures)


def journal(*outcomes: Outcome) -> Sequence[Entry]:
    return [
        Entry(number, AskModel("executor", 0) if outcome is UNREADABLE else ValidateItem(), outcome, AT, AT, 0.0)
        for number, outcome in enumerate(outcomes, 1)
    ]


def test_a_clean_first_validation_is_clean_whatever_comes_after() -> None:
    assert first_attempt(journal(validated(), validated(syntax_failure("a.py", 1, "never closed")))) == frozenset()


def test_findings_count_by_category_once() -> None:
    twice = validated(syntax_failure("a.py", 1, "never closed"), syntax_failure("b.py", 2, "never closed"))
    assert first_attempt(journal(twice, validated(check_failure("pytest", "boom")))) == {"syntax"}


def test_an_unreadable_answer_is_part_of_the_attempt_that_it_was_asked_for() -> None:
    assert first_attempt(journal(UNREADABLE, validated())) == {"format"}
    assert first_attempt(journal(validated(), UNREADABLE)) == frozenset()


def test_a_run_that_never_came_to_a_validation_has_what_it_had() -> None:
    assert first_attempt(journal(UNREADABLE, UNREADABLE)) == {"format"}
    assert first_attempt(()) == frozenset()
