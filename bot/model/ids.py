"""Identifiers as distinct types, so that a tree's SHA can never be passed where a commit's is meant."""

from typing import NewType

RunId = NewType("RunId", str)
"""Deterministic: `<repository id>-<issue number>-<label event id>`; one label event starts one run."""

CommitSha = NewType("CommitSha", str)
TreeSha = NewType("TreeSha", str)
IssueNumber = NewType("IssueNumber", int)
PullRequestNumber = NewType("PullRequestNumber", int)
CommentId = NewType("CommentId", int)
LabelEventId = NewType("LabelEventId", int)
InstallationId = NewType("InstallationId", int)
RepositoryId = NewType("RepositoryId", int)
DeliveryId = NewType("DeliveryId", str)
"""GitHub's `X-GitHub-Delivery`; a redelivery carries the same one."""

ItemKey = NewType("ItemKey", str)
"""Names a planned action item inside one run: `1`, `2`, ... in the order of the plan that introduced it."""

ActionId = NewType("ActionId", str)
"""Names an action item of the taxonomy, such as `implement_function`."""

Fingerprint = NewType("Fingerprint", str)
EnvironmentKey = NewType("EnvironmentKey", str)
"""Hash of the files that decide which dependencies are installed."""

MicroDollars = NewType("MicroDollars", int)
"""Money is a whole number of millionths of a US dollar; floats lose cents."""
