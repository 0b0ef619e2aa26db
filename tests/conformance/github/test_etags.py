"""Known answers: found again by asker and address, and bounded."""

from bot.github.etags import Answer, EtagCache


def answer(size: int) -> Answer:
    return Answer(b"x" * size, None)


def test_is_found_again_by_the_same_asker_only() -> None:
    cache = EtagCache()
    cache.keep("one", "/issues", '"a"', answer(3))
    assert cache.find("one", "/issues") == ('"a"', answer(3))
    assert cache.find("other", "/issues") is None
    assert cache.find("one", "/pulls") is None


def test_a_newer_answer_replaces_the_older() -> None:
    cache = EtagCache(capacity=10)
    for size in (9, 8, 7):
        cache.keep("one", "/issues", str(size), answer(size))
    assert cache.find("one", "/issues") == ("7", answer(7))
    cache.keep("one", "/pulls", "p", answer(3))
    assert cache.find("one", "/issues") is not None


def test_what_was_unused_for_longest_goes_first() -> None:
    cache = EtagCache(capacity=10)
    cache.keep("one", "/a", "a", answer(4))
    cache.keep("one", "/b", "b", answer(4))
    cache.find("one", "/a")
    cache.keep("one", "/c", "c", answer(4))
    assert cache.find("one", "/b") is None
    assert cache.find("one", "/a") is not None
    assert cache.find("one", "/c") is not None


def test_an_answer_larger_than_everything_is_not_kept() -> None:
    cache = EtagCache(capacity=10)
    cache.keep("one", "/a", "a", answer(11))
    assert cache.find("one", "/a") is None
