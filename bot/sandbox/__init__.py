"""The sandbox edge: nothing of a repository is executed except through `Sandbox.run`.

`qualify` attacks the backend before it is trusted; where none withstands, there is no `Sandbox` and callers keep to
static checks. There is no way to run a `Command` without one.
"""

from bot.sandbox.select import Choice, Sandbox, qualify

__all__ = ["Choice", "Sandbox", "qualify"]
