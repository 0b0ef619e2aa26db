"""Whether what GitHub tells the bot arrives: judged by what became of the newest deliveries."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from bot.doctor.finding import Finding, ok, problem, warning
from bot.github.registration import AppRegistration, DeliveryAttempt, Hook
from bot.setup.manifest import EVENTS

_LOOKED_AT: Final = 20


def judge_events(registered: AppRegistration, page: str) -> Finding:
    """Whether the App is told of all that it reacts to."""
    missing = sorted(set(EVENTS) - set(registered.events))
    if missing:
        said = f"not told of: {', '.join(missing)}; the bot finds out later by itself"
        return warning("events", said, f"subscribe to them at {page}")
    return ok("events", "told of all that it reacts to")


def judge_hook(hook: Hook | None, attempts: Sequence[DeliveryAttempt], page: str) -> Finding:
    """What the App's webhook and its newest deliveries say; `page` is where a person changes the webhook."""
    if (hook is None and not attempts) or (hook is not None and not hook.url):
        mend = f"set its URL and secret at {page}, or start `rmo serve --poll`, which needs none"
        return problem("webhook", "the App has no webhook", mend)
    if hook is not None and not hook.verifies_certificates:
        return problem(
            "webhook", "GitHub delivers without looking at the certificate", f"enable verification at {page}"
        )
    if hook is not None and urlsplit(hook.url).path.rstrip("/").rpartition("/")[2] != "webhook":
        said = f"GitHub delivers to {hook.url!r}, while `rmo serve` receives at /webhook"
        return problem("webhook", said, f"correct the URL at {page}, unless a proxy of yours does")
    return _judge_attempts(attempts, page)


def _judge_attempts(attempts: Sequence[DeliveryAttempt], page: str) -> Finding:
    if not attempts:
        return warning("webhook", "GitHub has delivered nothing in three days", "label an issue and look again")
    newest, recent = attempts[0], attempts[:_LOOKED_AT]
    failed = [each for each in recent if not _arrived(each)]
    if _arrived(newest):
        said = f"the newest delivery arrived ({newest.event}, {newest.delivered_at:%Y-%m-%d %H:%M} UTC)"
        if not failed:
            return ok("webhook", said)
        return warning("webhook", f"{said}; of the last {len(recent)} {len(failed)} did not", "see `rmo serve`'s log")
    said = f"the newest delivery failed: {newest.event}, {newest.status_code} {newest.status!r}"
    return problem("webhook", f"{said}; so did {len(failed)} of the last {len(recent)}", _mend(newest, page))


def _arrived(attempt: DeliveryAttempt) -> bool:
    return 200 <= attempt.status_code < 300


def _mend(newest: DeliveryAttempt, page: str) -> str:
    match newest.status_code:
        case 401:
            return f"RMO_WEBHOOK_SECRET is not the secret at {page}: set the same in both places"
        case 404 | 405:
            return f"there is no receiver at that address: let it end in /webhook at {page}"
        case 502 | 504:
            return "the proxy answers and the bot behind it does not: start `rmo serve`"
        case code if code >= 500:
            return "the bot could not store it: see the log of `rmo serve`, the disk and the database"
        case _:
            return f"start `rmo serve` and let GitHub reach it at the URL of {page}, through your proxy and firewall"
