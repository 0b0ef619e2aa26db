"""Every parser on random bytes, and on real beginnings that were damaged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import SEEDS, TARGETS

cuts = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 30), st.binary(max_size=10)), max_size=5)


def damaged(content: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, replacement in changes:
        start = place % (len(content) + 1)
        content = content[:start] + replacement + content[start + length :]
    return content


@pytest.mark.parametrize("name", TARGETS)
@settings(deadline=None, max_examples=60)
@given(content=st.binary(max_size=300) | st.builds(damaged, st.sampled_from(SEEDS), cuts))
def test_law_no_bytes_break_a_parser(name: str, content: bytes) -> None:
    TARGETS[name](content)


@pytest.mark.parametrize("name", TARGETS)
def test_real_beginnings_are_read(name: str) -> None:
    for seed in SEEDS:
        TARGETS[name](seed)
