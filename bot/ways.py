"""The ways out that the settings describe: to GitHub, and to the model's provider."""

from bot.config import Settings
from bot.network.addresses import parse_base_url
from bot.network.network import Network
from bot.network.proxies import proxies_of
from bot.network.trust import open_trust


def way_to(settings: Settings, url: str, setting: str) -> Network:
    """The way to a server that an operator named in `setting`.

    Raises NeedsHuman for a URL that is not taken, a proxy of another kind, or a file without certificates.
    """
    return Network(
        base=parse_base_url(url, setting, allow_private=settings.allow_private_hosts),
        trust=open_trust(settings.ssl_cert_file, settings.ca_bundle, settings.home),
        proxies=proxies_of(
            settings.https_proxy.get_secret_value(),
            settings.http_proxy.get_secret_value(),
            settings.all_proxy.get_secret_value(),
            settings.no_proxy,
        ),
        allow_private=settings.allow_private_hosts,
    )
