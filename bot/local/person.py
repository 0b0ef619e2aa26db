"""A person at the local GitHub: PyGithub, a client that has nothing to do with the bot's own."""

from github import Auth, Github

MAINTAINER = "maintainer"
LABEL = "rmo"


def file_and_label(url: str, token: str, full_name: str, title: str, body: str) -> int:
    """File an issue and put the label on it; the issue's number. Blocks: call it in a thread."""
    client = Github(base_url=url, auth=Auth.Token(token), retry=None, seconds_between_writes=0)
    try:
        repository = client.get_repo(full_name)
        issue = repository.create_issue(title=title, body=body)
        issue.add_to_labels(LABEL)
        return issue.number
    finally:
        client.close()
