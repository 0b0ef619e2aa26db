"""The bench's maintainers at the local GitHub: PyGithub, a client that has nothing to do with the bot's own."""

from collections.abc import Sequence

from github import Auth, Github
from github.Repository import Repository

LABEL = "rmo"


class People:
    """They file issues and merge; every call blocks, so make it in a thread."""

    def __init__(self, url: str, tokens: Sequence[str]) -> None:
        """One person a token."""
        self._clients = [
            Github(
                base_url=url, auth=Auth.Token(token), retry=None, seconds_between_requests=0, seconds_between_writes=0
            )
            for token in tokens
        ]

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def file(self, repository: str, title: str, body: str, *, by: int) -> int:
        """File an issue and label it; its number. `by` says whose turn it is."""
        issue = self._repository(repository, by).create_issue(title=title, body=body)
        issue.add_to_labels(LABEL)
        return issue.number

    def merge_all(self, repository: str) -> int:
        """Merge every open pull request; how many there were."""
        pulls = list(self._repository(repository, 0).get_pulls(state="open"))
        for pull in pulls:
            pull.merge()
        return len(pulls)

    def _repository(self, name: str, by: int) -> Repository:
        return self._clients[by % len(self._clients)].get_repo(name)
