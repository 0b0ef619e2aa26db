"""What a signature is besides, on both databases: the broader ones, when it was first seen, and by whom tasks came."""

from bot.model.pattern import Signature
from bot.store.database import Database
from bot.store.failure_groups import merge, split
from bot.store.failures import write_evidence
from bot.store.labellers import count_labellers
from bot.store.signatures import first_seen, parents_of
from tests.conformance.store.learning import HOUR, NOON, REMARK, found, task


async def test_the_newest_failure_tells_what_a_signature_is_besides(database: Database) -> None:
    both = {"category": "logic", "tool": "pytest", "rule": "KeyError", "exception": "KeyError"}
    await database.transact(write_evidence, [task("a", found("1", "f")), task("b", found("1", "f", **both))])
    category, rule, exception = (
        Signature("category", "logic"),
        Signature("rule", "pytest:KeyError"),
        Signature("exception", "KeyError"),
    )

    async def parents(signature: Signature) -> set[Signature]:
        return set(await database.transact(parents_of, signature))

    assert await parents(Signature("fingerprint", "f")) == {category, rule, exception}
    assert await parents(Signature("fingerprint", "g")) == set()
    assert await parents(category) == set()


async def test_merged_and_divided_groups_are_found(database: Database) -> None:
    tasks = [task("a", found("1", "f")), task("b", found("1", "g"), at=NOON + HOUR), task("c", at=NOON - HOUR)]
    await database.transact(write_evidence, tasks)
    seen = await database.transact(first_seen, Signature("fingerprint", "g"))
    assert seen == NOON + HOUR
    await database.transact(merge, "f", "g", REMARK)
    assert await database.transact(first_seen, Signature("fingerprint", "g")) == NOON
    assert await database.transact(first_seen, Signature("fingerprint", "f")) is None
    await database.transact(split, "g", "path", REMARK)
    assert await database.transact(first_seen, Signature("fingerprint", "g")) is None
    assert await database.transact(first_seen, Signature("fingerprint", "g/h")) == NOON
    assert await database.transact(parents_of, Signature("fingerprint", "g/h")) != ()
    assert await database.transact(first_seen, Signature("category", "style")) is None


async def test_people_are_counted_once_each(database: Database) -> None:
    assert await database.transact(count_labellers) == 0
    labellers = {"a": "one", "b": "one", "c": "two", "d": ""}
    await database.transact(write_evidence, [task(name, labeller=who) for name, who in labellers.items()])
    assert await database.transact(count_labellers) == 2
