"""An installation learns how the package index is reached, and nothing else of the host's environment."""

from bot.model.command import Mount
from bot.sandbox.package_settings import package_settings, setting_mounts


def test_nothing_else_is_passed() -> None:
    host = {"HOME": "/h", "GITHUB_TOKEN": "t", "ANTHROPIC_API_KEY": "k", "HTTPS_PROXY": "http://p:1", "PIP_CERT": ""}

    assert package_settings(host) == {"HTTPS_PROXY": "http://p:1"}


def test_settings_of_pip_reach_uv() -> None:
    host = {
        "PIP_INDEX_URL": "https://index.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://one.example https://two.example",
        "PIP_FIND_LINKS": "/wheels https://three.example",
        "PIP_CERT": "/certificates/ca.pem",
    }

    assert package_settings(host) == host | {
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "UV_EXTRA_INDEX_URL": "https://one.example https://two.example",
        "UV_FIND_LINKS": "/wheels,https://three.example",
        "SSL_CERT_FILE": "/certificates/ca.pem",
    }


def test_a_setting_of_uv_is_not_overruled() -> None:
    host = {"PIP_INDEX_URL": "https://pip.example", "UV_INDEX_URL": "https://uv.example"}

    assert package_settings(host) == host


def test_what_the_settings_point_to_can_be_seen_inside() -> None:
    settings = {
        "SSL_CERT_FILE": "/etc/ssl/certs/ca.pem",
        "REQUESTS_CA_BUNDLE": "/home/me/ca.pem",
        "UV_FIND_LINKS": "/wheels,https://x.example,/wheels/more",
        "UV_EXTRA_INDEX_URL": "file:///my%20index/simple https://y.example",
        "UV_INDEX": "named=file:///named/simple",
    }

    assert setting_mounts(settings) == tuple(
        Mount(path, path) for path in ("/home/me/ca.pem", "/my index/simple", "/named/simple", "/wheels")
    )
