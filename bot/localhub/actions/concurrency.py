"""The `concurrency` group of a run, as far as it is built from what is known before any job starts.

Pure. https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
"""

import re

from bot.localhub.actions.runs import Start
from bot.localhub.actions.workflow import Unreadable, Workflow
from bot.localhub.state.issues import Issue

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")


def group_of(workflow: Workflow | Unreadable, start: Start, issue: Issue | None) -> str | None:
    """The group with its expressions filled in; None where there is none, or where it asks for more than we know."""
    if isinstance(workflow, Unreadable) or workflow.group is None:
        return None
    known = {
        "github.workflow": workflow.name,
        "github.ref": start.ref,
        "github.ref_name": start.ref.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/"),
        "github.sha": start.checkout_sha,
        "github.actor": start.actor.login,
        "github.event_name": start.event,
        "github.head_ref": start.head_branch if issue is not None else "",
        "github.base_ref": issue.pull.base_ref if issue is not None and issue.pull is not None else "",
        "github.event.number": str(issue.number) if issue is not None else "",
        "github.event.pull_request.number": str(issue.number) if issue is not None else "",
    }
    unknown = False

    def fill(found: re.Match[str]) -> str:
        nonlocal unknown
        for alternative in found.group(1).split("||"):
            word = alternative.strip()
            quoted = re.fullmatch(r"'([^']*)'", word)
            value = quoted.group(1) if quoted else known.get(word)
            if value is None:
                unknown = True
            elif value:
                return value
        return ""

    group = _EXPRESSION.sub(fill, workflow.group)
    return None if unknown else group
