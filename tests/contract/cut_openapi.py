"""Cut GitHub's own OpenAPI description down to the paths this project uses.

The npm package that carries the description weighs 385 MB and takes minutes to index; the tests need some eighty
paths of it. The cut keeps what decides whether a request or an answer is valid and drops prose and examples, so that
it can be committed and read in a diff when GitHub changes something.

    python tests/contract/cut_openapi.py            # fetches the package with `npm pack`
    python tests/contract/cut_openapi.py FILE.tgz   # or takes a package that is already there
"""

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

PACKAGE = "@octokit/openapi@23.0.2"
MEMBER = "package/generated/api.github.com.json"
TARGET = Path(__file__).with_name("github_openapi.json")

REPOSITORY = "/repos/{owner}/{repo}"
APP_PATHS = (
    "/app",
    "/app-manifests/{code}/conversions",
    "/app/hook/config",
    "/app/hook/deliveries",
    "/app/hook/deliveries/{delivery_id}",
    "/app/hook/deliveries/{delivery_id}/attempts",
    "/app/installations",
    "/app/installations/{installation_id}",
    "/app/installations/{installation_id}/access_tokens",
    "/installation/repositories",
    "/rate_limit",
    "/user",
    "/users/{username}",
)
REPOSITORY_PATHS = (
    "",
    "/actions/artifacts/{artifact_id}",
    "/actions/artifacts/{artifact_id}/{archive_format}",
    "/actions/jobs/{job_id}",
    "/actions/jobs/{job_id}/logs",
    "/actions/runs",
    "/actions/runs/{run_id}",
    "/actions/runs/{run_id}/artifacts",
    "/actions/runs/{run_id}/jobs",
    "/actions/runs/{run_id}/rerun-failed-jobs",
    "/branches",
    "/branches/{branch}",
    "/check-runs",
    "/check-runs/{check_run_id}",
    "/check-runs/{check_run_id}/annotations",
    "/check-runs/{check_run_id}/rerequest",
    "/check-suites/{check_suite_id}",
    "/collaborators/{username}/permission",
    "/commits",
    "/commits/{ref}",
    "/commits/{ref}/check-runs",
    "/commits/{ref}/check-suites",
    "/commits/{ref}/status",
    "/commits/{ref}/statuses",
    "/compare/{basehead}",
    "/contents/{path}",
    "/git/blobs",
    "/git/blobs/{file_sha}",
    "/git/commits",
    "/git/commits/{commit_sha}",
    "/git/matching-refs/{ref}",
    "/git/ref/{ref}",
    "/git/refs",
    "/git/refs/{ref}",
    "/git/trees",
    "/git/trees/{tree_sha}",
    "/installation",
    "/issues",
    "/issues/comments/{comment_id}",
    "/issues/comments/{comment_id}/reactions",
    "/issues/{issue_number}",
    "/issues/{issue_number}/comments",
    "/issues/{issue_number}/events",
    "/issues/{issue_number}/labels",
    "/issues/{issue_number}/labels/{name}",
    "/issues/{issue_number}/lock",
    "/issues/{issue_number}/reactions",
    "/labels",
    "/labels/{name}",
    "/merges",
    "/pulls",
    "/pulls/comments/{comment_id}",
    "/pulls/comments/{comment_id}/reactions",
    "/pulls/{pull_number}",
    "/pulls/{pull_number}/comments",
    "/pulls/{pull_number}/commits",
    "/pulls/{pull_number}/files",
    "/pulls/{pull_number}/merge",
    "/pulls/{pull_number}/requested_reviewers",
    "/pulls/{pull_number}/reviews",
    "/rules/branches/{branch}",
    "/statuses/{sha}",
)
PROSE = frozenset({"description", "summary", "example", "examples", "externalDocs", "tags", "title", "deprecated"})

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


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


def stripped(node: Json, *, named: bool = False) -> Json:
    """`node` without prose; `named` says that its keys are names (of properties, paths, statuses), not keywords."""
    if isinstance(node, list):
        return [stripped(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    return {
        key: stripped(value, named=key in ("properties", "schemas", "paths", "responses", "parameters") and not named)
        for key, value in node.items()
        if named or not (key in PROSE or key.startswith("x-") or key in ("headers", "servers", "callbacks"))
    }


def references(node: Json) -> Iterator[str]:
    """Every `#/components/...` that `node` points to."""
    if isinstance(node, list):
        for entry in node:
            yield from references(entry)
    elif isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str):
            yield target
        for value in node.values():
            yield from references(value)


def component(document: dict[str, Json], reference: str) -> tuple[str, str, Json]:
    """(kind, name, definition) of a `#/components/<kind>/<name>` reference."""
    matched = re.fullmatch(r"#/components/([^/]+)/([^/]+)", reference)
    if matched is None:
        raise SystemExit(f"unexpected reference {reference!r}: teach this script to follow it")
    kind, name = matched.groups()
    kinds = cast(dict[str, dict[str, Json]], document["components"])
    return kind, name, kinds[kind][name]


def mend(document: dict[str, Json]) -> None:
    """Undo a slip of GitHub's, which makes an answer impossible that GitHub itself gives.

    The list of installations asks that an account be a user and an enterprise at once; a single installation's
    schema says either.
    """
    paths = cast(dict[str, Any], document["paths"])
    answer = paths["/app/installations"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"]["items"] = {"$ref": "#/components/schemas/installation"}


def cut(document: dict[str, Json]) -> dict[str, Json]:
    """The wanted paths with every component that they reach, directly or not."""
    every_path = cast(dict[str, Json], document["paths"])
    wanted = [*APP_PATHS, *(REPOSITORY + path for path in REPOSITORY_PATHS)]
    paths = {path: stripped(every_path[path]) for path in wanted}
    components: dict[str, dict[str, Json]] = {}
    waiting = sorted(set(references(cast(Json, paths))))
    while waiting:
        kind, name, definition = component(document, waiting.pop())
        if kind == "examples" or name in components.get(kind, {}):
            continue
        bare = stripped(definition)
        components.setdefault(kind, {})[name] = bare
        waiting.extend(references(bare))
    return {
        "openapi": document["openapi"],
        "info": {"title": "cut of GitHub's REST API description", "version": PACKAGE, "license": {"name": "MIT"}},
        "paths": paths,
        "components": {kind: dict(sorted(components[kind].items())) for kind in sorted(components)},
    }


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(arguments[0]) if arguments else fetch(Path(folder))
        document = load(packed)
    mend(document)
    small = cut(document)
    TARGET.write_text(json.dumps(small, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size / 1024:.0f} KiB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
