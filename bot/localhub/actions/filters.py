"""Whether an event starts a workflow: its branch, path and type filters, and the words that skip it.

Pure. Patterns: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

import re
from collections.abc import Sequence
from typing import cast

from bot.localhub.actions.workflow import Settings, Workflow

SKIP_WORDS = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
PULL_TYPES = ("opened", "synchronize", "reopened")
"""The types that a bare `pull_request` listens to."""


def skipped_by_message(message: str) -> bool:
    """Whether a commit's message asks for no workflows: a word anywhere, or the last trailer block.

    https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
    """
    if any(word in message for word in SKIP_WORDS):
        return True
    block = message.rstrip().rsplit("\n\n", 1)[-1]
    return re.search(r"(?mi)^skip-checks:\s*true\s*$", block) is not None


def starts_on_push(workflow: Workflow, ref: str, paths: Sequence[str] | None) -> bool:
    """Whether a push of this branch starts the workflow; `paths` None means that they are not known."""
    filters = workflow.triggers.get("push")
    if filters is None:
        return False
    if not ref.startswith("refs/heads/"):
        return ref.startswith("refs/tags/") and _tag_passes(filters, ref.removeprefix("refs/tags/"))
    if (
        "branches" not in filters
        and "branches-ignore" not in filters
        and ("tags" in filters or "tags-ignore" in filters)
    ):
        return False
    return _branch_passes(filters, ref.removeprefix("refs/heads/")) and _paths_pass(filters, paths)


def starts_on_pull(workflow: Workflow, action: str, base: str, paths: Sequence[str]) -> bool:
    """Whether this action of a pull request into `base` starts the workflow."""
    filters = workflow.triggers.get("pull_request")
    if filters is None:
        return False
    types = _strings(filters.get("types")) or list(PULL_TYPES)
    return action in types and _branch_passes(filters, base) and _paths_pass(filters, paths)


def _tag_passes(filters: Settings, tag: str) -> bool:
    if "tags" in filters:
        return matches(_strings(filters["tags"]), tag)
    if "tags-ignore" in filters:
        return not matches(_strings(filters["tags-ignore"]), tag)
    return "branches" not in filters and "branches-ignore" not in filters


def _branch_passes(filters: Settings, branch: str) -> bool:
    if "branches" in filters:
        return matches(_strings(filters["branches"]), branch)
    if "branches-ignore" in filters:
        return not matches(_strings(filters["branches-ignore"]), branch)
    return True


def _paths_pass(filters: Settings, paths: Sequence[str] | None) -> bool:
    if paths is None:
        return True
    if "paths" in filters:
        return any(matches(_strings(filters["paths"]), path) for path in paths)
    if "paths-ignore" in filters:
        return any(not matches(_strings(filters["paths-ignore"]), path) for path in paths)
    return True


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(each) for each in cast("list[object]", value)] if isinstance(value, list) else []


def matches(patterns: Sequence[str], name: str) -> bool:
    """Whether the last pattern that fits `name` is a positive one (`!` negates)."""
    verdict = False
    for pattern in patterns:
        if re.fullmatch(_regex(pattern.removeprefix("!")), name):
            verdict = not pattern.startswith("!")
    return verdict


def _regex(pattern: str) -> str:
    """Actions' globs: `*` stays within a segment, `**` does not, `?` and `+` repeat what stands before them."""
    out: list[str] = []
    rest = pattern
    while rest:
        if rest.startswith("**/"):
            out.append("(?:.*/)?")
            rest = rest[3:]
        elif rest.startswith("**"):
            out.append(".*")
            rest = rest[2:]
        elif rest[0] == "*":
            out.append("[^/]*")
            rest = rest[1:]
        elif rest[0] in "?+":
            out.append(rest[0] if out else re.escape(rest[0]))
            rest = rest[1:]
        elif rest[0] == "[" and "]" in rest:
            end = rest.index("]")
            out.append("[" + rest[1:end].replace("\\", "\\\\") + "]")
            rest = rest[end + 1 :]
        else:
            out.append(re.escape(rest[0]))
            rest = rest[1:]
    return "".join(out)
