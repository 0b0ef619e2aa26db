"""What documentation writes in a secret's place: it opens nothing, and must not stop a change or spoil an example."""

import re

from bot.secrets.kinds import Kind

_STRONG = 8
_VARIABLE = re.compile(r"[{}<>$*%]|\.\.\.")


def opens_something(kind: Kind, value: str) -> bool:
    """Whether `value` may be somebody's; in doubt it is."""
    match kind:
        case "credentials in a URL":
            password = value.partition(":")[2]
            strong = len(password) >= _STRONG and any(map(str.isdigit, password)) and any(map(str.isalpha, password))
            return strong and _VARIABLE.search(password) is None
        case "authorization header":
            return len(value) >= _STRONG * 2
        case "AWS key":
            return not value.endswith("EXAMPLE")
        case _:
            return True
