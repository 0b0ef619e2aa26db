"""Commands in comments: what a reader sees as one, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.command import MAX_COMMANDS, parse_commands
from bot.model.ids import MicroDollars
from bot.model.steering import (
    Approve,
    ChangeBudget,
    Explain,
    Help,
    Misunderstood,
    Retry,
    Rollback,
    ShowPlan,
    ShowStatus,
    Steer,
    StopRun,
)


def budget(dollars: float) -> ChangeBudget:
    return ChangeBudget(MicroDollars(round(dollars * 1_000_000)))


@pytest.mark.parametrize(
    ("text", "steer"),
    [
        ("/rmo", Help()),
        ("/rmo help", Help()),
        ("/rmo plan", ShowPlan()),
        ("/rmo approve", Approve()),
        ("/rmo Approve!", Approve()),
        ("/rmo stop", StopRun()),
        ("/rmo approve\u200b", Approve()),
        ("/rmo stop, please: it goes in circles", StopRun()),
        ("/rmo retry", Retry()),
        ("/rmo status", ShowStatus()),
        ("/rmo explain", Explain()),
        ("/rmo rollback 3", Rollback(3)),
        ("/rmo rollback #3.", Rollback(3)),
        ("/rmo rollback step 12", Rollback(12)),
        ("/rmo budget 7.5", budget(7.5)),
        ("/rmo budget 7", budget(7)),
        ("/rmo budget $7.25", budget(7.25)),
        ("/rmo budget 0.01 dollars", budget(0.01)),
        ("/rmo budget 99999.99 USD", budget(99_999.99)),
        ("   /rmo\tstop  ", StopRun()),
        ("Thank you!\r\n\r\n/rmo retry\r\n", Retry()),
        ("```\ncode\n```\n/rmo stop", StopRun()),
        ("> quoted\n\n/rmo stop", StopRun()),
        ("> quoted\n```\ncode\n```\n/rmo stop", StopRun()),
        ("~~~~ a\n~~~\n~~~~~\n/rmo stop", StopRun()),
        ("`` ` ``` `\n/rmo stop", StopRun()),
        ("<!-- hidden -->\n/rmo stop", StopRun()),
    ],
)
def test_a_command(text: str, steer: Steer) -> None:
    assert parse_commands(text) == (steer,)


@pytest.mark.parametrize(
    "text",
    [
        *("", "thanks", "please /rmo stop", "`/rmo stop`", "- /rmo stop", "> /rmo stop", "/rmostop", "/rmo-stop"),
        *(
            "\u200b/rmo stop",
            "/rm\u00ado stop",
            "/RMO stop",
            "/rm\u043e stop",
            "    /rmo stop",
            "\t/rmo stop",
            "> a\n/rmo stop",
            " >/rmo stop",
        ),
        *(
            "```\n/rmo stop\n```",
            "```text\n/rmo stop",
            "~~~\n/rmo stop\n```\n/rmo stop\n~~~",
            "- ```\n/rmo stop\n  ```",
        ),
        *("````\n```\n/rmo stop\n````", "```\n``` x\n/rmo stop\n```", "1. - ~~~\n/rmo stop"),
        *("<!-- /rmo stop -->", "<!--\n/rmo stop\n-->", "<!--\n/rmo stop", "/ rmo stop", "\\/rmo stop"),
        "".join(chr(0xE0000 + ord(letter)) for letter in "/rmo stop"),
    ],
)
def test_no_command(text: str) -> None:
    assert parse_commands(text) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("/rmo stpo", "there is no such command; did you mean `/rmo stop`?"),
        ("/rmo aprove", "there is no such command; did you mean `/rmo approve`?"),
        ("/rmo qqqqqq", "there is no such command"),
        ("/rmo approve, but change the second item", "`/rmo approve` stands alone on its line"),
        ("/rmo retry now", "`/rmo retry` stands alone on its line"),
        *(
            (f"/rmo rollback{said}", "it needs the number of a step, from 1 on, such as `/rmo rollback 3`")
            for said in ("", " 0", " -1", " x", " 3 4", " step", " 99999", " \u0663", " 1.5")
        ),
        *(
            (f"/rmo budget{said}", "it needs an amount in US dollars, such as `/rmo budget 7.50`")
            for said in (
                "",
                " much",
                " 5,50",
                " -5",
                " 1e9",
                " 5 6",
                " dollars",
                " 100000",
                " 5.001",
                " \u0665",
                " inf",
            )
        ),
        ("/rmo budget 0", "a budget is more than nothing; `/rmo stop` ends the run"),
        ("/rmo budget 0.00", "a budget is more than nothing; `/rmo stop` ends the run"),
    ],
)
def test_a_line_that_is_no_command_is_answered(text: str, reason: str) -> None:
    assert parse_commands(text) == (Misunderstood(text, reason),)


def test_a_long_line_is_cut() -> None:
    (steer,) = parse_commands("/rmo " + "x" * 10_000)
    assert isinstance(steer, Misunderstood)
    assert len(steer.said) == 200


def test_each_wish_once_in_order_and_no_more_than_the_limit() -> None:
    assert parse_commands("/rmo status\n/rmo stop\n/rmo status") == (ShowStatus(), StopRun())
    many = "\n".join(f"/rmo rollback {number}" for number in range(1, 10))
    assert parse_commands(many) == tuple(Rollback(number) for number in range(1, MAX_COMMANDS + 1))


pieces = st.sampled_from(
    [
        "/rmo",
        " ",
        "\n",
        "stop",
        "budget",
        "9",
        "```",
        "~~~",
        ">",
        "-",
        "<!--",
        "-->",
        "    ",
        "\u200b",
        "\r",
        "#",
        "rollback",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(pieces, max_size=30).map("".join)))
def test_whatever_is_written_is_read(text: str) -> None:
    steers = parse_commands(text)
    assert len(steers) <= MAX_COMMANDS
    assert len(set(steers)) == len(steers)


@pytest.mark.parametrize(
    "text",
    [
        "/rmo rollback " + "9" * 5_000,
        "```" * 50_000 + "\n/rmo stop",
        "/rmo " + ">" * 100_000,
        "- " * 50_000 + "/rmo",
        "/rmo x\n" * 20_000,
    ],
    ids=["digits", "fence", "quotes", "lists", "commands"],
)
def test_what_is_large_is_read_in_time(text: str) -> None:
    assert len(parse_commands(text)) <= MAX_COMMANDS


@given(st.lists(pieces, max_size=30).map("".join))
def test_what_is_quoted_or_fenced_commands_nothing(text: str) -> None:
    assert parse_commands("\n".join(f"> {line}" for line in text.splitlines())) == ()
    assert parse_commands(f"``````\n{text.replace('`', '')}\n``````") == ()
