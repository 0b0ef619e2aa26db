"""Evidence: which tests a run executed and how it ended, in the form in which two runs are compared."""

from collections.abc import Mapping, Sequence

from bot.model.failure import Source
from bot.model.report import TestResult
from bot.model.validation import TestEvidence, TestState


def evidence_of(tests: Sequence[TestResult], *, exit_code: int | None, reported: bool, source: Source) -> TestEvidence:
    """What the reports of one run name, sorted by id.

    `tests` has one result a test, as `collect` gives them; `exit_code` is None where it is not known, or where the
    run was ended by a limit; `reported` says whether there was a report that could be read, even one without tests.
    """
    outcomes: Mapping[str, TestState] = {test.id: test.outcome for test in tests}
    return TestEvidence(tuple(sorted(outcomes.items())), exit_code=exit_code, reported=reported, source=source)
