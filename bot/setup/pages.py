"""What the browser shows while an App is registered: three small pages that need no script."""

import json
from collections.abc import Mapping

from jinja2 import DictLoader, Environment, StrictUndefined

_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title><style nonce="{{ nonce }}">
body{max-width:40rem;margin:3rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color-scheme:light dark}
button{font:inherit;padding:.5rem 1rem} li code{font-size:1rem}
</style></head><body><main><h1>{{ title }}</h1>{% block content %}{% endblock %}</main></body></html>
"""
_FORM = """{% extends "frame" %}{% block content %}
<p>GitHub at <b>{{ place }}</b> will show the App once more and register it when you confirm. It asks for</p>
<ul>{% for name, level in permissions.items() %}<li>{{ name }}: {{ level }}</li>{% endfor %}</ul>
<p>and never for workflows, administration or secrets. {{ told }}</p>
<form action="{{ action }}" method="post">
<input type="hidden" name="manifest" value="{{ manifest }}">
<button type="submit">Register at {{ place }}</button>
</form>{% endblock %}
"""
_DONE = """{% extends "frame" %}{% block content %}
<p>Its credentials are kept on the machine where <code>rmo setup</code> runs.</p>
<p><a href="{{ install }}">Install it on a repository</a>, then run <code>rmo doctor --repo OWNER/NAME</code>.</p>
{% endblock %}
"""
_REFUSED = """{% extends "frame" %}{% block content %}<p>{{ why }}</p>{% endblock %}
"""

_TEMPLATES = Environment(
    loader=DictLoader({"frame": _FRAME, "form": _FORM, "done": _DONE, "refused": _REFUSED}),
    autoescape=True,
    undefined=StrictUndefined,
)


def headers(nonce: str) -> dict[str, str]:
    """Nothing is loaded, framed, kept or told to other sites."""
    return {
        "content-security-policy": f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none';"
        " frame-ancestors 'none'",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


def form(
    nonce: str, place: str, action: str, manifest: Mapping[str, object], permissions: Mapping[str, str], told: str
) -> str:
    """The page whose button sends the manifest."""
    return _TEMPLATES.get_template("form").render(
        title="Register the App",
        nonce=nonce,
        place=place,
        action=action,
        manifest=json.dumps(manifest),
        permissions=permissions,
        told=told,
    )


def done(nonce: str, slug: str, install: str) -> str:
    """The last page."""
    return _TEMPLATES.get_template("done").render(title=f"The App {slug} is registered", nonce=nonce, install=install)


def refused(nonce: str, why: str) -> str:
    """Why, and what to do."""
    return _TEMPLATES.get_template("refused").render(title="This did not work", nonce=nonce, why=why)
