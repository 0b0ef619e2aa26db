"""A test that was to show the issue and does not: it passes where the issue is said to be."""

from bot.failures.fingerprint import fingerprint
from bot.model.failure import Failure

TOOL = "red_on_base"
RULE = "PassesOnBase"


def reproduction_failure(test: str) -> Failure:
    """Of a new test that passes on the base commit; `test` is its id."""
    return Failure(
        source="sandbox",
        category="logic",
        tool=TOOL,
        rule=RULE,
        message="the test passes on the base commit, so it does not show the issue; it must fail there",
        path=test.partition("::")[0],
        line=None,
        test=test,
        fingerprint=fingerprint(TOOL, RULE),
    )
