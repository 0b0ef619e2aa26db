"""A GitHub on loopback: REST, git, webhooks and Actions over real bare repositories, for demo, local runs and tests.

It is served over real HTTP, so that whatever speaks to github.com speaks to it unchanged.
"""

from bot.localhub.actions.runner import act_runner
from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.hub import LocalHub
from bot.localhub.serving import serve
from bot.localhub.state.accounts import RegisteredApp

__all__ = ["LocalHub", "RegisteredApp", "act_runner", "scripted_runner", "serve"]
