"""Whose certificates are trusted: the usual ones (or those of `SSL_CERT_FILE`), and one's own besides them."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import certifi

from bot.network.errors import BadNetwork


@dataclass(frozen=True, slots=True)
class Trust:
    """Certificates for the clients that are handed a context, and for git, which reads a file."""

    context: ssl.SSLContext
    file: Path | None
    """All trusted certificates; None where nothing is set, and git then trusts what its machine does."""


def open_trust(usual: Path | None, own: Path | None, directory: Path) -> Trust:
    """Trust the usual certificates and, besides them, those of `own` (PEM).

    For git both are written together into `directory`. Raises BadNetwork where a file holds no certificates.
    """
    files = (usual or Path(certifi.where()), *((own,) if own is not None else ()))
    context = ssl.create_default_context(cafile=_readable(files[0], "SSL_CERT_FILE"))
    if own is None:
        return Trust(context, usual)
    context.load_verify_locations(cafile=_readable(own, "RMO_CA_BUNDLE"))
    directory.mkdir(parents=True, exist_ok=True)
    together = directory / "ca-bundle.pem"
    fresh = directory / "ca-bundle.pem.new"
    fresh.write_text("\n".join(file.read_text("utf-8", "replace") for file in files), "utf-8")
    fresh.replace(together)
    return Trust(context, together)


def _readable(file: Path, setting: str) -> str:
    try:
        ssl.create_default_context(cafile=str(file))
    except (OSError, ssl.SSLError) as error:
        raise BadNetwork(f"{setting}={str(file)!r} can't be used ({error}); give a file of PEM certificates") from error
    return str(file)
