"""Who may start a run."""

import pytest

from bot.intake.permission import Labeller, Permitted, Refused, may_start

APP = 99


def person(permission: str) -> Labeller:
    return Labeller("ada", is_bot=False, app=None, permission=permission)


@pytest.mark.parametrize("permission", ["write", "maintain", "admin"])
def test_whoever_can_push_may(permission: str) -> None:
    assert may_start("rmo", person(permission), frozenset()) == Permitted()


@pytest.mark.parametrize("permission", ["none", "read", "triage", "", "WRITE", "admin "])
def test_nobody_else_may(permission: str) -> None:
    answer = may_start("rmo", person(permission), frozenset())
    assert isinstance(answer, Refused)
    assert "write access" in answer.reason


@pytest.mark.parametrize("label", ["RMO", "rmo ", " rmo", "rm\u043e", "rmo\u200b", "rmo-now", ""])
def test_a_look_alike_of_the_label_starts_nothing(label: str) -> None:
    assert isinstance(may_start(label, person("admin"), frozenset()), Refused)


@pytest.mark.parametrize("app", [None, APP + 1])
def test_a_bot_may_not_whatever_its_permission(app: int | None) -> None:
    bot = Labeller("some-app[bot]", is_bot=True, app=app, permission="admin")
    assert isinstance(may_start("rmo", bot, frozenset({APP})), Refused)


def test_an_app_that_the_operator_named_may() -> None:
    bot = Labeller("some-app[bot]", is_bot=True, app=APP, permission="none")
    assert may_start("rmo", bot, frozenset({APP})) == Permitted()
