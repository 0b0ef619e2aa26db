"""Where in the repository a report speaks of: reports of hosted runners hold absolute paths."""

PATH_CHARACTERS = 300


def repository_path(path: str, checkout: str = "") -> str:
    """`path` relative to the repository's root as far as that can be told, with `/` between its parts.

    `checkout` is the directory that the checks ran in, where it is known. A runner of GitHub Actions checks out into
    `<work>/<repository>/<repository>` (docs.github.com, "Variables reference", `GITHUB_WORKSPACE`), so what stands
    before two equal parts behind a work directory is cut off too. Any other absolute path stays as it is.
    """
    path = path[: 4 * PATH_CHARACTERS].replace("\\", "/")
    if checkout and path.startswith(f"{checkout.rstrip('/')}/"):
        path = path.removeprefix(checkout.rstrip("/")).lstrip("/")
    if is_absolute(path):
        parts = path.split("/")
        for index in range(1, len(parts) - 2):
            if parts[index] == parts[index + 1] and parts[index - 1] in ("work", "_work", "a"):
                path = "/".join(parts[index + 2 :])
                break
        path = path.removeprefix("/github/workspace/")
    while path.startswith("./"):
        path = path[2:]
    return path[:PATH_CHARACTERS]


def is_absolute(path: str) -> bool:
    return path.startswith("/") or path[1:3] == ":/"
