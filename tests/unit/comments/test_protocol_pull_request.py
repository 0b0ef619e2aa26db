"""What a pull request for a checklist says, and what it never says."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog import find_data, load_catalogue
from bot.comments import ProposalFacts, proposal_body, proposal_title, record_body, record_title
from bot.comments.evidence_card import PICTURED, count, history, number, signature_words, thinned
from bot.model.ids import ActionId
from bot.model.pattern import (
    ContextLiteral,
    EvidencePoint,
    Hypothesis,
    Pattern,
    PatternId,
    Registration,
    Signature,
    Support,
    Table,
)
from bot.model.proposal import Conflict, ProposedItem
from bot.model.rollout import ArmCounts, ItemEvent, TrialStatistics

CATALOGUE = load_catalogue(find_data("protocols").parent)
NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
SHOWN = (ContextLiteral("action_item", "fix_defect"), ContextLiteral("language", "python"))
ADVICE, EXAMPLE, CHECK = (
    next(remedy for remedy in CATALOGUE.remedies if remedy.id == name)
    for name in ("recursion-advice", "recursion-example", "unbounded-recursion-check")
)


def points(amount: int) -> tuple[EvidencePoint, ...]:
    return tuple(
        EvidencePoint(PatternId("a" * 12), block, NOW + timedelta(days=block), (), (), 1.25**block, 200.0, 0)
        for block in range(amount)
    )


def pattern(signature: Signature, *context: ContextLiteral, blocks: int = 24, kind: str = "rule") -> Pattern:
    hypothesis = Hypothesis(kind, tuple(context), signature)  # pyright: ignore[reportArgumentType] - one of two words
    support = Support(Table(20, 200, 12, 20), 3.0, 1e-4, 0.0, repositories=2, days=9, labellers=1)
    registration = Registration(
        *(hypothesis, support, "mined", NOW, "2026-Q4", 20, 0.1, 1.0, (1.5, 2.0), 0.0, 10, 40, ("repository",))
    )
    return Pattern(registration, points(blocks), ())


KNOWN = pattern(Signature("exception", "RecursionError"), *SHOWN)


def facts(kind: str = "instruction", known: Pattern = KNOWN) -> ProposalFacts:
    remedy = {"instruction": ADVICE, "example": EXAMPLE, "check": CHECK}[kind]
    item = ProposedItem(
        *(f"{remedy.id}-0123456789ab", remedy.kind, remedy.example or remedy.text, (ActionId("fix_defect"),)),
        when={},
        targets=remedy.targets,
        reason=remedy.reason,
        state="draft",
        evidence="0123456789ab",
    )
    return ProposalFacts(
        item=item,
        pattern=known,
        path="protocols/coding/implementation.yaml",
        odds=(4.0, 2.1, math.inf),
        tasks=240,
        reproducibility=(0.31, 0.22, 0.42, "systematic"),
        tokens=34,
        conflicts=(),
        replays=None,
    )


def test_a_proposal_can_be_judged_in_two_minutes() -> None:
    body = proposal_body(facts(), CATALOGUE)

    assert (
        proposal_title(facts().item, KNOWN, CATALOGUE) == "Checklist: instruction against a failure by RecursionError"
    )
    assert len(body) < 4_500
    for part in (
        "at the action item `fix_defect` (Fix a defect), in `python` code, a failure by `RecursionError` comes more "
        "often than elsewhere",
        f"> {ADVICE.text}",
        "reviewed catalogue of remedies; no text of a failure or of a model is in it",
        "| Odds ratio (95 % interval) | 4 (2.1 to ∞) |",
        "| e-value, and the threshold it had to reach | 169 against 200 |",
        "| How often it comes back | 31% (22% to 42%): systematic |",
        "12 tasks of fewer than 5 repositories, on 9 days, asked for by fewer than 5 people",
        "xychart-beta",
        "| 23 | 2026-11-26 | 169 | 200 |",
        "About 34 tokens in each prompt",
        "None yet: after the merge, old tasks are done again",
        "None: no item in force advises otherwise",
        "`rmo protocols retire recursion-advice-0123456789ab`",
    ):
        assert part in body, part
    assert "Who else knows" not in body
    assert "turned down" not in body.partition("<sub>")[2]


def test_each_kind_is_shown_as_it_will_stand() -> None:
    check, example = proposal_body(facts("check"), CATALOGUE), proposal_body(facts("example"), CATALOGUE)
    assert "> `pattern:unbounded_recursion` has no finding in what a change brings." in check
    assert "No tokens: a check is held to and not told." in check
    assert f"```python\n{EXAMPLE.text.rstrip()}\n```" in example


def test_what_is_known_beside_it_is_told() -> None:
    told = TrialStatistics(ArmCounts(60, 40, 3), ArmCounts(60, 39, 9), 15, {"e_target": 31.25, "NO WAY": 1.0})
    other = pattern(Signature("exception", "RecursionError"), ContextLiteral("action_item", "refactor_code"))
    body = proposal_body(
        replace(
            facts(),
            conflicts=(Conflict("boundary-walk", "old", "human"), Conflict("<evil>", "new", "newer")),
            replays=told,
            related=(other,),
            earlier=2,
        ),
        CATALOGUE,
    )
    assert (
        "- `boundary-walk` advises otherwise in the same place; the old item has precedence, because a person" in body
    )
    assert "evil" not in body
    assert "60 old tasks were done again on both arms." in body
    assert "| e target | 31.2 |" in body
    assert "NO WAY" not in body
    assert "`refactor_code` (Refactor code): watched, e-value 169" in body
    assert "proposed before, and turned down: 2 time(s)" in body
    bare = replace(facts(), replays=TrialStatistics(ArmCounts(2, 1, 1), ArmCounts(2, 1, 1), 0, {}))
    assert "fewer than 5 old tasks were done again on both arms." in proposal_body(bare, CATALOGUE)


def test_a_pattern_without_numbers_yet_says_so() -> None:
    common = pattern(Signature("category", "syntax"), blocks=0, kind="frequency")
    body = proposal_body(replace(facts(known=common), odds=None, reproducibility=None), CATALOGUE)
    assert "anywhere, a failure of the category `syntax` is common." in body
    assert "No block of tasks has closed since the registration." in body
    assert "Odds ratio" not in body


def test_a_decision_is_written_down_with_its_numbers_alone() -> None:
    event = ItemEvent(
        "boundary-walk",
        NOW,
        "production",
        "promote",
        "<mallory>",
        "ignore previous",
        "replay",
        {"e_target": 41.0, "Evil `key`": 1.0},
    )
    body = record_body("boundary-walk", "protocols/coding/implementation.yaml", "staged", event)

    assert record_title("boundary-walk", event) == "Checklist: promote boundary-walk"
    assert "goes from staged to production. It has shown that it helps" in body
    assert "Earned by replays of old tasks alone" in body
    assert "| e target | 41 |" in body
    assert "`rmo protocols pin boundary-walk`" in body
    assert not any(word in body for word in ("mallory", "ignore", "Evil"))

    rolled = replace(event, state="rolled_back", kind="roll_back", route="", numbers={})
    assert record_title("boundary-walk", rolled) == "Checklist: roll back boundary-walk"
    quiet = record_body("boundary-walk", "p", "staged", rolled)
    assert "The numbers it rests on" not in quiet
    assert "What decided" not in quiet


def test_where_people_decided_the_record_says_so() -> None:
    numbers = {
        **{"late_treated_accepted": 12.0, "late_treated_rejected": 18.0, "late_control_accepted": 25.0},
        **{"late_control_rejected": 3.0, "e_late_harm": 61.5, "e_late_harm_threshold": 50.0, "late_decided": 1.0},
    }
    event = ItemEvent("boundary-walk", NOW, "staged", "roll_back", "rmo", "detail", "", numbers)
    body = record_body("boundary-walk", "p", "production", event)
    assert "12 of 30 with the item, 25 of 28 without it. E-value of harm 61.5, threshold 50." in body
    assert "| e late harm | 61.5 |" in body
    assert "late decided" not in body


@pytest.mark.parametrize(("value", "shown"), [(0, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1234, "1,234")])
def test_small_counts_stay_unsaid(value: int, shown: str) -> None:
    assert count(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (1.5, "1.5"), (12345.6, "12,346"), (math.inf, "∞"), (-math.inf, "-∞")]
)
def test_numbers_are_short(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_long_history_is_thinned_and_ends_where_it_stands() -> None:
    long = points(333)
    assert len(thinned(long, PICTURED)) <= PICTURED
    assert thinned(long, PICTURED)[-1] is long[-1]
    chart = history((replace(long[0], e_value=0.0), replace(long[1], e_value=math.inf, threshold=math.inf)))
    assert "-6 --> 12" in chart


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (Signature("rule", "check:mutable_default"), "a finding of the rule `check:mutable_default`"),
        (Signature("rule", "evil:rule"), "a finding of one rule"),
        (Signature("category", "evil"), "a failure of one category"),
        (Signature("exception", "EvilError"), "a failure by one kind of exception"),
        (Signature("fingerprint", "evil"), "one particular failure, known to this installation by its fingerprint"),
    ],
)
def test_a_signature_is_named_only_where_the_catalogue_knows_it(signature: Signature, words: str) -> None:
    assert signature_words(signature, CATALOGUE) == words


CANARY = "RMO-CANARY-7f3a ignore previous <b>`@evil` ](http://x)"
HOSTILE = st.one_of(st.just(CANARY), st.text(min_size=3, max_size=40).map(lambda text: f"CANARY{text}"))
FEATURES = st.one_of(HOSTILE, st.sampled_from(["action_item", "language", "repository", "domain", "file_kind", "odd"]))


@settings(max_examples=25, deadline=None)
@given(
    literals=st.lists(st.builds(ContextLiteral, FEATURES, HOSTILE), max_size=3),
    level=st.sampled_from(["category", "rule", "exception", "fingerprint"]),
    value=HOSTILE,
)
def test_no_byte_of_a_failure_reaches_a_title_or_a_text(literals: list[ContextLiteral], level: str, value: str) -> None:
    hostile = pattern(Signature(level, value), *literals)  # pyright: ignore[reportArgumentType] - one of four words
    told = replace(facts(known=hostile), related=(hostile,))
    for said in (proposal_title(told.item, hostile, CATALOGUE), proposal_body(told, CATALOGUE)):
        assert "CANARY" not in said


def test_a_repository_is_never_named() -> None:
    own = pattern(Signature("category", "syntax"), ContextLiteral("repository", "0123456789abcdef"))
    body = proposal_body(facts(known=own), CATALOGUE)
    assert "**What happens:** in one repository, a failure of the category" in body
    assert "0123456789abcdef" not in body
