"""Cut GitHub's description of its webhooks down to the events that the GitHub on loopback sends.

It says for each event and action what the payload must hold. GitHub spells the same objects out again in every event;
the cut says each of them once.

    python -m tests.contract.cut_webhooks            # fetches the package with `npm pack`
    python -m tests.contract.cut_webhooks FILE.tgz   # or takes a package that is already there
"""

import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path
from typing import cast

from tests.contract.cut_openapi import Json, component, references, stripped

PACKAGE = "@octokit/openapi-webhooks@12.1.0"
MEMBER = "package/generated/api.github.com.json"
TARGET = Path(__file__).with_name("github_webhooks.json")
WORTH_SHARING = 200
"""Characters from which an object that is said twice is said once."""
ACTIONS = {
    "check-run": ("completed", "created", "requested-action", "rerequested"),
    "check-suite": ("completed", "requested"),
    "installation": ("created", "deleted", "new-permissions-accepted", "suspend", "unsuspend"),
    "installation-repositories": ("added", "removed"),
    "issue-comment": ("created", "deleted", "edited"),
    "issues": (
        *("assigned", "closed", "edited", "labeled", "locked", "opened", "reopened", "transferred", "unlabeled"),
        "unlocked",
    ),
    "pull-request": (
        *("assigned", "closed", "converted-to-draft", "edited", "labeled", "locked", "opened", "ready-for-review"),
        *("reopened", "review-requested", "synchronize", "unlabeled", "unlocked"),
    ),
    "pull-request-review": ("submitted",),
    "pull-request-review-comment": ("created", "edited"),
    "repository": ("archived", "deleted", "publicized", "renamed", "transferred", "unarchived"),
    "workflow-run": ("completed", "in-progress", "requested"),
}
WITHOUT_ACTION = ("create", "delete", "ping", "push", "status")


def fetch(folder: Path) -> Path:
    """The package as npm packs it, inside `folder`."""
    subprocess.run(["npm", "pack", PACKAGE, "--silent", "--pack-destination", str(folder)], check=True)
    (packed,) = folder.glob("*.tgz")
    return packed


def load(packed: Path) -> dict[str, Json]:
    """GitHub's description for github.com out of the npm package."""
    with tarfile.open(packed) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            raise SystemExit(f"{packed} holds no file {MEMBER!r}; is it {PACKAGE}?")
        return cast(dict[str, Json], json.load(member))


def payload(document: dict[str, Json], name: str) -> Json:
    """The schema of a webhook's JSON body."""
    node: Json = document["webhooks"]
    for key in (name, "post", "requestBody", "content", "application/json", "schema"):
        node = cast(dict[str, Json], node)[key]
    return stripped(node)


def _is_object(node: Json) -> bool:
    return isinstance(node, dict) and isinstance(node.get("type"), str | list) and "properties" in node


def said_once(schemas: dict[str, Json]) -> dict[str, Json]:
    """The same schemas, in which an object that stands at several places is a reference to one definition."""
    seen: Counter[str] = Counter()

    def count(node: Json) -> None:
        if isinstance(node, dict | list):
            text = json.dumps(node, sort_keys=True) if _is_object(node) else ""
            if len(text) >= WORTH_SHARING:
                seen[text] += 1
                if seen[text] > 1:
                    return
            for child in node.values() if isinstance(node, dict) else node:
                count(child)

    for schema in schemas.values():
        count(schema)
    names: dict[str, str] = {}
    shared: dict[str, Json] = {}

    def refer(node: Json, *, top: bool = False) -> Json:
        if isinstance(node, list):
            return [refer(child) for child in node]
        if not isinstance(node, dict):
            return node
        text = json.dumps(node, sort_keys=True) if not top and _is_object(node) else ""
        if seen[text] > 1:
            if text not in names:
                names[text] = f"shared-{len(names) + 1}"
                shared[names[text]] = {key: refer(child) for key, child in node.items()}
            return {"$ref": f"#/components/schemas/{names[text]}"}
        return {key: refer(child) for key, child in node.items()}

    return {name: refer(schema, top=True) for name, schema in schemas.items()} | shared


def cut(document: dict[str, Json]) -> dict[str, Json]:
    """The wanted webhooks with every schema that they reach."""
    names = [f"{event}-{action}" for event, actions in ACTIONS.items() for action in actions]
    webhooks = {name: payload(document, name) for name in sorted((*names, *WITHOUT_ACTION))}
    schemas: dict[str, Json] = {}
    waiting = sorted(set(references(cast(Json, webhooks))))
    while waiting:
        _, name, definition = component(document, waiting.pop())
        if name not in schemas:
            schemas[name] = stripped(definition)
            waiting.extend(references(schemas[name]))
    return {
        "info": {"title": "cut of GitHub's description of its webhooks", "version": PACKAGE, "license": "MIT"},
        "webhooks": cast(Json, webhooks),
        "components": {"schemas": said_once(dict(sorted(schemas.items())))},
    }


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(arguments[0]) if arguments else fetch(Path(folder))
        document = load(packed)
    TARGET.write_text(json.dumps(cut(document), separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size / 1024:.0f} KiB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
