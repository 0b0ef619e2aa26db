"""`python -m tests.linter_rules > protocols/rules.yaml`: the closed list of rules that a check can name.

Ids and names come from the installed ruff (its stable rules) and bandit, so the file is written anew when they are.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast

from bandit.core import extension_loader


class Plugin(Protocol):
    name: str


Plugins = Mapping[str, Plugin]
Lists = Mapping[str, Mapping[str, str]]
_MANAGER: Any = extension_loader.MANAGER  # bandit has no types

HEADER = """\
# The rules that a check can name, by id, with the name that the linter itself gives them. Written by
# `python -m tests.linter_rules` from the installed ruff (its stable rules) and bandit; not by hand.
"""


def rules_text() -> str:
    """The whole file."""
    return HEADER + "".join(
        f"{tool}:\n" + "".join(f"  {rule}: {name}\n" for rule, name in sorted(rules))
        for tool, rules in (("ruff", _ruff()), ("bandit", _bandit()))
    )


def _ruff() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        [sys.executable, "-m", "ruff", "rule", "--all", "--output-format", "json"],
        check=True,
        capture_output=True,
        text=True,
    )
    for rule in json.loads(listed.stdout):
        if "Stable" in rule["status"]:
            yield rule["code"], rule["name"]


def _bandit() -> Iterator[tuple[str, str]]:
    plugins, lists = cast("tuple[Plugins, Lists]", (_MANAGER.plugins_by_id, _MANAGER.blacklist_by_id))
    yield from ((rule, plugin.name) for rule, plugin in plugins.items())
    yield from ((rule, entry["name"]) for rule, entry in lists.items())


if __name__ == "__main__":
    sys.stdout.write(rules_text())
