"""How the host reaches its package index, passed into an installation: these settings and no others.

They are the operator's own, so a build script that runs during the installation could read a password in an index
address; there is no way to install without them where they are set. Settings of pip are translated for uv, which
does not read them.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from bot.model.command import Mount

_PASSED: Final = (
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "PIP_CERT",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_HTTP_TIMEOUT",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_INSECURE_HOST",
    "UV_NATIVE_TLS",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)
_TRANSLATED: Final = (
    ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", ("UV_DEFAULT_INDEX", "UV_INDEX_URL")),
    ("PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL", ("UV_EXTRA_INDEX_URL", "UV_INDEX")),
    ("PIP_FIND_LINKS", "UV_FIND_LINKS", ("UV_FIND_LINKS",)),
    ("PIP_CERT", "SSL_CERT_FILE", ("SSL_CERT_FILE",)),
)
"""(pip's name, uv's name, names that already decide it)."""
_FILES: Final = ("CURL_CA_BUNDLE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE")
_PLACES: Final = (
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX",
    "UV_INDEX_URL",
)
_SHOWN: Final = ("/usr", "/etc/ssl/certs")


def package_settings(variables: Mapping[str, str]) -> dict[str, str]:
    """Of some environment variables, those that lead to the package index, with pip's also under uv's names."""
    settings = {name: variables[name] for name in _PASSED if variables.get(name)}
    for source, target, deciding in _TRANSLATED:
        if source in settings and not any(name in settings for name in deciding):
            words = settings[source].split()
            settings[target] = ",".join(words) if target == "UV_FIND_LINKS" else " ".join(words)
    return settings


def setting_mounts(settings: Mapping[str, str]) -> tuple[Mount, ...]:
    """The host's files and directories that the settings point to, read-only at their own paths."""
    paths = {settings[name] for name in _FILES if name in settings}
    for name in _PLACES:
        for word in settings.get(name, "").replace(",", " ").split():
            address = word.partition("=")[2] if name == "UV_INDEX" and "=" in word.partition("://")[0] else word
            if address.startswith("/"):
                paths.add(address)
            elif address.startswith("file://"):
                paths.add(unquote(urlsplit(address).path))
    outermost: list[str] = []
    for path in sorted(str(PurePosixPath(path)) for path in paths):
        if not any(PurePosixPath(path).is_relative_to(shown) for shown in (*_SHOWN, *outermost)):
            outermost.append(path)
    return tuple(Mount(path, path) for path in outermost)
