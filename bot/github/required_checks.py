"""Which checks a branch's rules demand, read without administration rights.

Rulesets answer to `metadata: read`, classic protection shows in the branch itself with `contents: read`
(GitHub docs: "REST API endpoints for rules", "REST API endpoints for branches").
"""

from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, TypeAdapter

from bot.github.client import Client
from bot.github.errors import NotFound, NotPermitted
from bot.model.forge import RequiredCheck


class _Demanded(BaseModel):
    context: str
    integration_id: int | None = None


class _RuleParameters(BaseModel):
    required_status_checks: list[_Demanded] = []


class _Rule(BaseModel):
    type: str
    parameters: _RuleParameters | None = None


class _ProtectedCheck(BaseModel):
    context: str
    app_id: int | None = None


class _StatusProtection(BaseModel):
    contexts: list[str] = []
    checks: list[_ProtectedCheck] = []


class _Protection(BaseModel):
    required_status_checks: _StatusProtection | None = None


class _Branch(BaseModel):
    protection: Annotated[_Protection, BeforeValidator(lambda value: value or {})] = _Protection()


_RULES = TypeAdapter(list[_Rule])
_BRANCH = TypeAdapter(_Branch)


async def required_checks(client: Client, branch: str) -> tuple[RequiredCheck, ...]:
    """What must pass before anything is merged into `branch`: rulesets and classic protection, without admin rights."""
    name = quote(branch, safe="")
    found = dict.fromkeys(await _by_rules(client, name))
    described = await client.find(_BRANCH, f"{client.repository}/branches/{name}")
    protection = described.protection.required_status_checks if described is not None else None
    if protection is not None:
        bound = [RequiredCheck(check.context, _any_app(check.app_id)) for check in protection.checks]
        named = {check.name for check in bound}
        bound += [RequiredCheck(context, None) for context in protection.contexts if context not in named]
        found.update(dict.fromkeys(bound))
    return tuple(found)


async def _by_rules(client: Client, name: str) -> list[RequiredCheck]:
    """Empty where GitHub has no rulesets: an older server, or a plan without them."""
    try:
        rules = [
            rule for page in await client.every(_RULES, f"{client.repository}/rules/branches/{name}") for rule in page
        ]
    except (NotFound, NotPermitted):
        return []
    return [
        RequiredCheck(check.context, _any_app(check.integration_id))
        for rule in rules
        if rule.type == "required_status_checks" and rule.parameters is not None
        for check in rule.parameters.required_status_checks
    ]


def _any_app(app: int | None) -> int | None:
    """GitHub says -1 where any App may make the check."""
    return None if app == -1 else app
