"""Which paths an agent may name: every path of a model's reply passes here before anything else sees it.

A path is refused when any common system could read it as another place than the one it shows: outside the tree,
inside `.git`, a device, a stream, a short name. The same bytes may be checked out on any of them, so the strictest
reading of all counts. Paths that are sound but belong to the rules of the game, such as tests' configuration, are
named by `protected_reason`, so that a caller can say so in other words.
"""

import re
import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase

_MAX_LENGTH = 255
_WINDOWS_ONLY = frozenset('\\:*?"<>|')
_SHORT_NAME = re.compile(r"~\d")
_GIT_FILES = frozenset({".git", ".gitmodules", ".gitattributes", ".lfsconfig"})
_OURS = frozenset({".github", ".rmo"})
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs that show nothing; they are in no category of their own."""
_VARIATION_SELECTORS = re.compile("[\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_LOOKALIKES = str.maketrans(
    {
        **dict(zip("\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u043a\u04cf\u043c", "acdehijklm", strict=True)),
        **dict(zip("\u043e\u0440\u051b\u0455\u0442\u0475\u051d\u0445\u0443", "opqstvwxy", strict=True)),
        **dict(zip("\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7", "aikvoptux", strict=True)),
        **dict(zip("\u0561\u0578\u0585\u057d\u0570\u0581\u0131\u0261\u0251\u026a", "wnouhgigai", strict=True)),
    }
)
"""Cyrillic, Greek, Armenian and phonetic letters that look like an ASCII one (Unicode UTS #39, "confusables")."""

_TEST_CONFIGURATION = (
    "conftest.py",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "tox.ini",
    "tox.toml",
    "noxfile.py",
    "setup.cfg",
    ".coveragerc",
    ".coveragerc.toml",
    "codecov.yml",
    ".codecov.yml",
    "codecov.yaml",
    ".codecov.yaml",
)
_TOOL_CONFIGURATION = (
    "ruff.toml",
    ".ruff.toml",
    ".bandit",
    "mypy.ini",
    ".mypy.ini",
    "pyrightconfig.json",
    ".flake8",
    ".pylintrc",
    "pylintrc",
    ".pylintrc.toml",
    "pylintrc.toml",
    ".isort.cfg",
    ".importlinter",
    "ty.toml",
    "pyrefly.toml",
    "bandit.yml",
    "bandit.yaml",
    ".semgrepignore",
    ".gitleaks.toml",
    ".gitleaksignore",
    "cosmic-ray.toml",
    ".pre-commit*",
)
_START_UP = ("sitecustomize.py", "usercustomize.py", "*.pth")
_CONTINUOUS_INTEGRATION = (
    ".gitlab-ci.yml",
    ".gitlab-ci.yaml",
    ".travis.yml",
    ".drone.yml",
    ".cirrus.yml",
    ".cirrus.star",
    ".appveyor.yml",
    "appveyor.yml",
    "azure-pipelines.yml",
    "azure-pipelines.yaml",
    "bitbucket-pipelines.yml",
    "cloudbuild.yaml",
    "cloudbuild.yml",
    "jenkinsfile",
    ".woodpecker.yml",
    ".woodpecker.yaml",
)
_CONTINUOUS_INTEGRATION_DIRECTORIES = frozenset(
    {".circleci", ".buildkite", ".forgejo", ".gitea", ".gitlab", ".semaphore", ".teamcity", ".woodpecker"}
)
_LOCKFILES = (
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pipfile.lock",
    "pylock.toml",
    "pylock.*.toml",
    "conda-lock.yml",
    "pixi.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    "cargo.lock",
    "go.sum",
    "gemfile.lock",
    "composer.lock",
    "flake.lock",
)


@dataclass(frozen=True, slots=True)
class PathRefused:
    """Why a path is not accepted, in words that help the one who named it."""

    reason: str


def validate_path(path: str) -> str | PathRefused:
    """The path itself if it names one file inside the tree to every common system, else why it is refused.

    An accepted path is relative, in normal form (NFC, no empty, `.` or `..` part), at most 255 characters long and
    outside `.git`, `.github` and `.rmo`, whatever the case.
    """
    reason = _text_reason(path) or next(filter(None, map(_part_reason, path.split("/"))), None)
    if reason is None and _folded(path).partition("/")[0] in _OURS:
        reason = "it is part of the repository's own automation, which no run changes"
    return path if reason is None else PathRefused(f"{path[:80]!r}: {reason}")


def protected_reason(path: str) -> str | None:
    """Why a file that decides how work is judged may not be changed by the work; None for every other file.

    Any path may be asked for, also one of a diff that no `validate_path` let pass; the case of its letters does not
    matter.
    """
    *directories, name = _folded(path).split("/")
    for names, reason in (
        (_TEST_CONFIGURATION, "it configures how tests run"),
        (_TOOL_CONFIGURATION, "it configures the tools that check the work"),
        (_START_UP, "the interpreter runs it by itself at every start"),
        (("codeowners",), "it says who must review"),
        (_CONTINUOUS_INTEGRATION, "it configures continuous integration"),
        (_LOCKFILES, "it pins the dependencies that the checks run with"),
    ):
        if any(fnmatchcase(name, pattern) for pattern in names):
            return f"{path!r} is protected: {reason}"
    if directories and directories[0] in _CONTINUOUS_INTEGRATION_DIRECTORIES:
        return f"{path!r} is protected: it configures continuous integration"
    if directories and directories[0] in _OURS:
        return f"{path!r} is protected: it is part of the repository's own automation"
    return None


def _folded(path: str) -> str:
    """What a file system that ignores case and compatibility forms compares, and a reader who sees shapes alone."""
    return unicodedata.normalize("NFKC", path).casefold().translate(_LOOKALIKES)


def _text_reason(path: str) -> str | None:
    if not path:
        return "it is empty"
    if len(path) > _MAX_LENGTH:
        return f"it is longer than {_MAX_LENGTH} characters"
    if path.startswith("~"):
        return "it starts in a home directory; paths are relative to the top of the repository"
    if path.startswith("/"):
        return "it is absolute; paths are relative to the top of the repository"
    return next(filter(None, map(_character_reason, path)), None) or _form_reason(path)


def _character_reason(character: str) -> str | None:
    if character in _WINDOWS_ONLY:
        return f"it holds {character!r}, which some systems read as more than a letter"
    if character == " ":
        return None
    if (
        unicodedata.category(character) in _INVISIBLE_CATEGORIES
        or character in _BLANK_LETTERS
        or _VARIATION_SELECTORS.match(character)
    ):
        return f"it holds the invisible character U+{ord(character):04X}"
    if not character.isascii() and any(twin.isascii() and not twin.isalnum() for twin in _compatible(character)):
        return f"it holds {character!r}, which some systems read as punctuation"
    return None


def _compatible(character: str) -> str:
    return unicodedata.normalize("NFKC", character)


def _form_reason(path: str) -> str | None:
    if unicodedata.normalize("NFC", path) != path:
        return "it is not in Unicode normal form C"
    return None


def _part_reason(part: str) -> str | None:
    if not part:
        return "it has an empty part"
    if part in {".", ".."}:
        return f"it holds the part {part!r}; name the file directly"
    if part.startswith("-"):
        return f"its part {part!r} starts with a dash and could be read as an option"
    if part != part.strip(" ") or part.endswith("."):
        return f"its part {part!r} starts with a space or ends with a space or a dot, which some systems drop"
    if len(part.encode()) > _MAX_LENGTH:
        return f"one of its parts is longer than {_MAX_LENGTH} bytes"
    if _SHORT_NAME.search(part):
        return f"its part {part!r} could be the short name of another file"
    if _folded(part) in _GIT_FILES:
        return f"its part {part!r} belongs to git itself"
    return None
