"""The forms of credentials that say by themselves what they are.

Each form begins with letters that are looked for as plain text first, so that a text without any is passed at the
speed of memory. No pattern can go back over what it has read: the time is linear in the text's length. Forms are those
that the issuers document, without their lengths: GitHub's tokens alone have changed theirs twice
(GitHub docs: "About authentication to GitHub", "Supported secret scanning patterns").
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "GitHub token",
    "Anthropic key",
    "OpenAI key",
    "AWS key",
    "Google key",
    "Slack token",
    "GitLab token",
    "Stripe key",
    "npm token",
    "PyPI token",
    "Hugging Face token",
    "private key",
    "JSON Web Token",
    "credentials in a URL",
    "authorization header",
    "password",
]
"""`password` is whatever is assigned to a name such as it and looks as if nobody had thought it up."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of credential: its pattern, and the letters without which no text can hold one."""

    kind: Kind
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    """Its group `secret`, where it has one, is what must not be seen; else all of it."""


_URL_SAFE = "[A-Za-z0-9_-]"

FORMS: tuple[Form, ...] = (
    Form(
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        # An installation's token may be ghs_APP_JWT, with the points of a JWT
        re.compile(
            rf"(?:gh[opsur]_(?<![A-Za-z0-9]gh._)|github_pat_(?<![A-Za-z0-9]github_pat_))"
            rf"(?:{_URL_SAFE}{{16,}}+|(?={_URL_SAFE}{{3,15}}\.){_URL_SAFE}++(?=(?:\.{_URL_SAFE}{{8,}}+){{2}}))"
            rf"(?:\.{_URL_SAFE}{{8,}}+)*+"
        ),
    ),
    # What git is told to send for `x-access-token:TOKEN`
    Form("GitHub token", ("eC1hY2Nlc3MtdG9rZW46",), re.compile(r"eC1hY2Nlc3MtdG9rZW46[A-Za-z0-9+/]{8,}+={0,2}")),
    Form("Anthropic key", ("sk-ant-",), re.compile(rf"sk-ant-(?<![A-Za-z0-9]sk-ant-){_URL_SAFE}{{16,}}+")),
    Form(
        "OpenAI key",
        ("sk-",),
        # Words with hyphens are none: somewhere in it stands a run that no word is
        re.compile(
            rf"sk-(?<![A-Za-z0-9_-]sk-)(?:(?:proj|svcacct|admin|or-v1|None)-)?+"
            rf"(?=[A-Za-z_-]{{0,60}}+[0-9]){_URL_SAFE}{{20,}}+"
        ),
    ),
    Form(
        "AWS key",
        ("AKIA", "ASIA"),
        re.compile(r"A[KS]IA(?<![A-Za-z0-9]A.IA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ),
    Form("Google key", ("AIza",), re.compile(rf"AIza(?<![A-Za-z0-9]AIza){_URL_SAFE}{{35}}(?!{_URL_SAFE})")),
    Form("Google key", ("GOCSPX-",), re.compile(rf"GOCSPX-{_URL_SAFE}{{20,}}+")),
    Form("Google key", ("ya29.",), re.compile(rf"ya29\.(?<![A-Za-z0-9]ya29\.){_URL_SAFE}{{20,}}+")),
    Form("Slack token", ("xox", "xapp-"), re.compile(r"(?:xox[abeoprs]|xapp)-(?:[0-9]-)?+[A-Za-z0-9-]{10,}+")),
    Form(
        "Slack token",
        ("hooks.slack.com/",),
        re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/]{20,}+)"),
    ),
    Form("GitLab token", ("glpat-",), re.compile(rf"glpat-(?<![A-Za-z0-9]glpat-){_URL_SAFE}{{20,}}+")),
    Form("Stripe key", ("k_live_",), re.compile(r"[rs]k_live_(?<![A-Za-z0-9].k_live_)[A-Za-z0-9]{16,}+")),
    Form("npm token", ("npm_",), re.compile(r"npm_(?<![A-Za-z0-9_]npm_)[A-Za-z0-9]{36}(?![A-Za-z0-9_])")),
    Form("PyPI token", ("pypi-AgE",), re.compile(rf"pypi-AgE{_URL_SAFE}{{40,}}+")),
    Form("Hugging Face token", ("hf_",), re.compile(r"hf_(?<![A-Za-z0-9_]hf_)[A-Za-z0-9]{34}(?![A-Za-z0-9_])")),
    Form(
        "JSON Web Token",
        ("eyJ",),
        # Not inside a longer word: each of a row of beginnings would read the row to its end
        re.compile(rf"eyJ(?<!{_URL_SAFE}eyJ){_URL_SAFE}{{8,}}+\.{_URL_SAFE}{{8,}}+\.{_URL_SAFE}{{8,}}+"),
    ),
    Form(
        "credentials in a URL",
        ("://",),
        re.compile(r"://(?<=[A-Za-z0-9]://)(?P<secret>[^\s/@:'\"<>]*+:[^\s/@'\"<>]++)@"),
    ),
    Form(
        "authorization header",
        ("uthorization", "UTHORIZATION"),
        re.compile(
            r"[Aa](?:uthorization|UTHORIZATION)[\"']?+\s{0,3}+[:=,]\s{0,3}+[\"']?+"
            r"(?:[Bb]asic|BASIC|[Bb]earer|BEARER|[Tt]oken)\s{1,3}+(?P<secret>[A-Za-z0-9+/=._~-]{8,}+)"
        ),
    ),
)
