"""Commits that say their kind first, where the repository's own do (conventionalcommits.org, 1.0.0)."""

import re
from collections.abc import Sequence

LEAST_COMMITS = 5
SHARE = 0.7
_CONVENTIONAL = re.compile(
    r"(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([^()\n]{1,50}\))?!?: "
)
_KINDS = {
    **dict.fromkeys(("reproduce_issue", "write_test", "write_integration_test", "write_property_test"), "test"),
    **dict.fromkeys(("adapt_test", "design_test"), "test"),
    **dict.fromkeys(("implement_function", "implement_type", "implement_interface", "add_behaviour"), "feat"),
    **dict.fromkeys(("integrate_component", "change_interface"), "feat"),
    **dict.fromkeys(
        ("refactor_code", "extract_function", "rename_symbol", "remove_code", "annotate_types"), "refactor"
    ),
    **dict.fromkeys(("document_code",), "docs"),
    **dict.fromkeys(("improve_performance",), "perf"),
    **dict.fromkeys(("update_configuration", "update_dependency", "update_base", "roll_back"), "chore"),
    **dict.fromkeys(("plan", "review_plan", "review_verdict", "judge"), "chore"),
}
"""The kind that stands for an item of the taxonomy; `fix` where there is none."""


def is_conventional(messages: Sequence[str]) -> bool:
    """Whether most of these commits say their kind first; merges and reverts made by a button do not count."""
    subjects = [message.partition("\n")[0] for message in messages]
    own = [subject for subject in subjects if subject and not subject.startswith(("Merge ", "Revert "))]
    found = sum(_CONVENTIONAL.match(subject) is not None for subject in own)
    return len(own) >= LEAST_COMMITS and found >= SHARE * len(own)


def with_kind(subject: str, action_item: str) -> str:
    """The subject of a commit for `action_item`, with its kind before it, unless it says one by itself."""
    if _CONVENTIONAL.match(subject):
        return subject
    is_name = subject[1:2].isupper()
    return f"{_KINDS.get(action_item, 'fix')}: {subject if is_name else subject[:1].lower() + subject[1:]}"
