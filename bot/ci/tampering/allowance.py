"""What a change may do although it makes its judge weaker: what the issue itself asks for and a person approved."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """Nothing, unless a person said so; an agent never fills it in."""

    removed_tests: frozenset[str] = frozenset()
    """Tests that may disappear, be skipped or be renamed: ids, or what an id starts with: a file, a class."""
    edited_tests: frozenset[str] = frozenset()
    """Tests whose text may change, in the same form."""
    paths: frozenset[str] = frozenset()
    """Protected files, configuration and recorded results that may change."""
    new_suppressions: int = 0
    """How many comments such as `noqa` may be added in all."""
    new_skips: int = 0
    """How many marks that skip a test may be added in all."""

    def may_vanish(self, test: str) -> bool:
        return _covers(self.removed_tests, test)

    def may_change(self, test: str) -> bool:
        return _covers(self.edited_tests | self.removed_tests, test)


def _covers(approved: frozenset[str], test: str) -> bool:
    """Whether the id itself, without its parameters, its class or its file is approved."""
    whole = test.partition("[")[0]
    parts = whole.split("::")
    return test in approved or any("::".join(parts[:count]) in approved for count in range(1, len(parts) + 1))
