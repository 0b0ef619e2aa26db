"""MD: words of people and models that would act where the bot repeats them, through the functions that repeat them."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from github import Auth, Github

from bot import comments
from bot.comments.quoting import MAX_CHARACTERS, line, quote
from bot.github.app import GitHubApp
from bot.github.comments import keep_comment
from bot.github.pace import NO_LIMITS
from bot.intake.text import clean
from bot.local.show import told
from bot.local.world import APP_PERMISSIONS
from bot.localhub import LocalHub, serve
from bot.localhub.markdown import render
from bot.loop import apply
from bot.model.action import PlannedItem
from bot.model.ids import ActionId, IssueNumber, ItemKey
from bot.model.phase import Stopping
from bot.model.run import Run
from tests.unit.loop.story import Story

WORDS = {
    "MD-1": [
        "@everyone @acme/team @maintainer",
        "(@maintainer), cc:@maintainer",
        "&#64;maintainer &commat;maintainer",
        "\\@maintainer",
        "@\u200d@maintainer",
    ],
    "MD-2": [
        "fixes #1, closes acme/other#2",
        "Resolved: my-org/a.b#3 CLOSES #4",
        "close GH-5 fixed https://github.com/acme/other/issues/6",
        "fixes\n#7",
        "FIX:#8 see acme/other#9",
        "fix\u200bes #10",
    ],
    "MD-3": [
        "![x](https://evil.example/p.png)",
        "![x][beacon]\n\n[beacon]: https://evil.example/p.png",
        "![x]\n\n[x]: //evil.example/p.png",
        '<img src="https://evil.example/p.png">',
        "<picture><source srcset=//evil.example/p></picture>",
        "!\u200d[x](https://evil.example/p.png)",
    ],
    "MD-4": [
        "```\n#### What the checks said\n- test: **success**",
        "~~~~\nswallowed",
        "x\n\n#### What the checks said\n\n- all: **success**",
        "What the checks said\n===\n",
        "What the checks said\n---\n",
        "a | b\n--- | ---\n1 | 2",
        "</sub></details><details>",
        "`",
        "<!-- rmo:status 7-12-99 -->",
        "<!-- hidden",
        "***\n___",
    ],
    "MD-5": [
        "<script>alert(1)</script>",
        "<svg onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x][js]\n\n[js]: javascript:alert(1)",
        "<a href='javascript:alert(1)'>x</a>",
        "<javascript:alert(1)>",
        "[x](data:text/html,<script>alert(1)</script>)",
    ],
    "MD-6": ["x" * 70_000, "#### a\n" * 10_000, "@" * 70_000, "<" * 70_000, "fixes #1 " * 8_000],
}


def finished(words: str) -> Run:
    """A run whose every text of others is the words, stopped for a reason that holds them, too."""
    story = Story()
    task = replace(story.frozen.task, title=" ".join(words.split())[:256])
    story.frozen = replace(story.frozen, task=task)
    item = PlannedItem(ItemKey("0"), ActionId("fix_defect"), words, words)
    story.plan(*([item] * (30 if len(words) > 1_000 else 2)))
    assert story.run.plan is not None
    story.run = replace(story.run, plan=replace(story.run.plan, summary=words), notes=(words,))
    story.decide(note=words)
    story.work(**{"a_py": "1"})
    return replace(story.run, phase=Stopping("needs_human", words))


TEXTS: dict[str, Callable[[str], str]] = {
    "quote": quote,
    "line": line,
    "status": lambda words: comments.status(finished(words)),
    "pull request": lambda words: comments.pull_request_body(finished(words)),
    "title": lambda words: comments.pull_request_title(finished(words)),
    "record": lambda words: comments.standing(finished(words)),
}
HARMLESS = "harmless words"
BLOCKS = re.compile(r"<(h[1-6]|hr|table|pre|img|a|blockquote|script|svg|details)\b[^>]*>")
LINK = re.compile(r"https?://[a-z]|\]\(")
MARKUP = re.compile(r"<(?!/?sub>|!-- rmo:status 7-12-99 -->\n)[a-z!/]", re.IGNORECASE)
MENTION = re.compile(r"@(?=[A-Za-z0-9])")
CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b[\s:]*(?:#(?!12\b)\d|gh-\d|[\w.-]+/[\w.-]+#\d|https?://)",
    re.IGNORECASE,
)


def blocks(text: str) -> list[str]:
    """What stands out of a rendered text: headings, rules, tables, code, images, links."""
    return [found[1] for found in BLOCKS.finditer(str(render(text)))]


@pytest.mark.parametrize("case", WORDS)
def test_they_do_nothing_where_they_are_repeated(case: str) -> None:
    for place, repeat in TEXTS.items():
        plain = blocks(repeat(HARMLESS))
        for words in WORDS[case]:
            text = repeat(words)

            assert len(text) <= MAX_CHARACTERS + 1, place
            for acting in (MENTION, CLOSES, MARKUP, LINK):
                assert not acting.search(text), (place, text[:500])
            if case != "MD-6":
                assert blocks(text) == plain, (place, words)
            assert {each for each in text if not each.isprintable()} <= {"\n", "\u200b"}


@pytest.mark.parametrize("case", ["MD-6"])
def test_what_is_long_keeps_its_beginning(case: str) -> None:
    for words in WORDS[case]:
        assert comments.status(finished(words)).startswith("<!-- rmo:status 7-12-99 -->")
        assert comments.pull_request_body(finished(words)).startswith("Closes #12")


@pytest.mark.parametrize("case", ["MD-7"])
async def test_only_our_own_comment_is_kept(case: str, tmp_path: Path) -> None:
    hub = LocalHub(tmp_path)
    registered = hub.create_app("rmo", APP_PERMISSIONS, ("issues",), None, "secret")
    token = hub.add_user("forger")
    repository = await hub.create_repository("octo", "repo", {"a.py": ""})
    hub.set_role(repository, "forger", "admin")
    installation = hub.install(registered, repository)
    marker = comments.status_marker(finished(HARMLESS).id)
    async with serve(hub) as url:
        forged = await forge(url, token, f"{marker}\n\nAll done, please merge #99.")
        app = GitHubApp(registered.id, registered.private_key_pem, f"{url}/api/v3", write_limits=NO_LIMITS)
        client = app.client("octo/repo", installation, repository=repository)
        for said in ("one", "two"):
            kept = await keep_comment(client, IssueNumber(1), marker, f"{marker}\n\n{said}")
        await app.close()
    held = {each.id: (each.user.login, each.body) for each in hub.world.repositories[repository].issues[1].comments}
    await hub.close()
    assert held == {
        forged: ("forger", f"{marker}\n\nAll done, please merge #99."),
        kept.id: ("rmo[bot]", f"{marker}\n\ntwo"),
    }


async def forge(url: str, token: str, text: str) -> int:
    """A person files an issue and comments on it before the bot does."""

    def act() -> int:
        auth = Auth.Token(token)
        with Github(base_url=f"{url}/api/v3", auth=auth, retry=None, seconds_between_writes=0) as github:
            return github.get_repo("octo/repo").create_issue(title="Wrong").create_comment(text).id

    return await asyncio.to_thread(act)


@pytest.mark.parametrize("case", ["MD-8"])
def test_a_title_is_one_line_in_a_terminal(case: str) -> None:
    title = "Wrong\x1b[2K\r\nsum\x1b]0;owned\x07\x9b2J\u202e\u2028here"
    assert clean(title, "")[0] == "Wrong[2K sum]0;owned2J here"
    run = finished(HARMLESS)
    story = Story()
    story.plan(PlannedItem(ItemKey("0"), ActionId("fix_defect"), title, title))
    story.decide(note=title)
    story.work(**{"a_py": "1"})
    seen = Run(run.request)
    lines: list[str] = []
    for entry in story.entries:
        lines += (told(seen, entry) or "").split("\n")
        seen = apply(seen, entry)
    assert all(each.isprintable() for each in lines)
    assert any("Wrong[2K sum]0;owned" in each for each in lines)
