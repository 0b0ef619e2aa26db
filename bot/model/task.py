"""The task: an issue's text, frozen at the moment it was labelled."""

import hashlib
from dataclasses import dataclass

from bot.model.ids import InstallationId, IssueNumber, LabelEventId, RunId
from bot.model.repository import Repository


@dataclass(frozen=True, slots=True)
class Label:
    """The act of labelling that started a run."""

    event: LabelEventId
    """Of `/rmo retry`: the id of that comment."""
    actor: str
    app: int | None = None
    """The App that acted for `actor`, where it was one."""


@dataclass(frozen=True, slots=True)
class CleaningReport:
    """What was taken out of an issue's text before anyone read it; shown in the pull request."""

    html_comments: int = 0
    invisible_characters: int = 0
    truncated_characters: int = 0
    secrets: int = 0
    """What looks like a credential; never shown to an agent, never repeated."""

    @property
    def is_clean(self) -> bool:
        return not any((self.html_comments, self.invisible_characters, self.truncated_characters, self.secrets))


@dataclass(frozen=True, slots=True)
class Task:
    """A labelled issue: cleaned title and body, and the digest of the raw text that they were made from."""

    repository: Repository
    issue: IssueNumber
    title: str
    body: str
    label: Label
    digest: str
    """SHA-256 of the raw title and body; a later edit of the issue changes it."""
    cleaning: CleaningReport

    @property
    def run_id(self) -> RunId:
        return run_id_for(self.repository, self.issue, self.label.event)

    @property
    def branch(self) -> str:
        return branch_for(self.issue, self.label.event)

    @property
    def state_ref(self) -> str:
        return f"refs/rmo/runs/{self.run_id}"

    @property
    def installation(self) -> InstallationId:
        return self.repository.installation


def run_id_for(repository: Repository, issue: IssueNumber, event: LabelEventId) -> RunId:
    """One label event starts one run, whichever webhook or sweep saw it first."""
    return RunId(f"{repository.id}-{issue}-{event}")


def branch_for(issue: IssueNumber, event: LabelEventId) -> str:
    """The work branch of the run that one label event starts."""
    return f"rmo/issue-{issue}-{event}"


def text_digest(title: str, body: str) -> str:
    """SHA-256 over the raw title and body, unambiguous about where one ends."""
    return hashlib.sha256(f"{len(title)}:{title}{body}".encode("utf-8", "surrogatepass")).hexdigest()
