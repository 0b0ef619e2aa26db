"""Whether a webhook's payload is one that GitHub would send, by GitHub's own description of it."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import cast

import jsonschema_rs

from tests.contract.openapi import COMPONENTS, Json, Schema, modern

DOCUMENT = Path(__file__).with_name("github_webhooks.json")


class WebhookDescription:
    """The events of the cut; schemas are compiled when they are first needed."""

    def __init__(self, document: Schema) -> None:
        self._webhooks = cast(dict[str, Schema], modern(document["webhooks"]))
        resource = {"components": modern(document["components"])}
        self._registry = jsonschema_rs.Registry([(COMPONENTS, resource)])
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def faults(self, event: str, payload: Json) -> list[str]:
        """What is wrong with the payload of this event, at most five remarks; an unknown event is wrong too."""
        action = payload.get("action") if isinstance(payload, dict) else None
        name = "-".join(str(part) for part in (event, action) if part).replace("_", "-")
        if name not in self._webhooks:
            return [f"{name}: not an event that this project knows of GitHub"]
        if name not in self._compiled:
            validator = jsonschema_rs.Draft202012Validator(self._webhooks[name], registry=self._registry)
            self._compiled[name] = validator
        faults: list[str] = []
        for error in self._compiled[name].iter_errors(payload):
            place = "/".join(str(part) for part in error.instance_path) or "payload"
            faults.append(f"{name} at {place}: {error.message[:300]}")
            if len(faults) == 5:
                break
        return faults


@cache
def webhooks() -> WebhookDescription:
    """The description that lies beside this file."""
    return WebhookDescription(json.loads(DOCUMENT.read_text(encoding="utf-8")))


def faults_of(sent: Iterable[tuple[str, bytes]]) -> list[str]:
    """What is wrong with these (event, body) deliveries, each remark once."""
    return list(dict.fromkeys(fault for event, body in sent for fault in webhooks().faults(event, json.loads(body))))
