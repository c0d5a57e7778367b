"""Our keys go to the vendor and to nobody else."""

from typing import Any

import httpx
import pytest

from accounts.outgoing import NotPublic
from inventory.models import Provider
from inventory.providers import outside
from inventory.providers.access import credential, needed, origin
from inventory.providers.base import ProviderUnavailable

PROVIDER = Provider(slug="acme", adapter="acme", options={"url": "https://evil.example", "api_key": "from the row"})
USUAL = "https://api.acme.example/v2"


@pytest.fixture(autouse=True)
def _production(settings: Any) -> None:
    settings.PROVIDER_ALLOWED_NETWORKS = []
    settings.PROVIDER_CREDENTIALS = {"acme": {"api_key": "secret"}}


def test_credentials_are_those_of_the_environment() -> None:
    assert (credential(PROVIDER, "api_key"), needed(PROVIDER, "api_key")) == ("secret", "secret")
    assert credential(PROVIDER, "public_key") == credential(Provider(slug="other"), "api_key") == ""
    with pytest.raises(ProviderUnavailable, match="no public_key for acme"):
        needed(PROVIDER, "public_key")


def test_the_row_does_not_say_where_our_key_goes() -> None:
    assert origin(PROVIDER, USUAL) == USUAL


def test_the_environment_does(settings: Any) -> None:
    settings.PROVIDER_CREDENTIALS["acme"]["url"] = "https://sandbox.acme.example/v2/"
    assert origin(PROVIDER, USUAL) == "https://sandbox.acme.example/v2"


@pytest.mark.parametrize("url", ["ftp://api.acme.example/v2", "api.acme.example", "https://", "https://[::1", "x"])
def test_what_is_no_address_of_the_web(settings: Any, url: str) -> None:
    settings.PROVIDER_CREDENTIALS["acme"]["url"] = url
    with pytest.raises(ProviderUnavailable, match="not one that we connect to") as refusal:
        origin(PROVIDER, USUAL)
    assert f"{url} " not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://1.1.1.1/v2",
        "http://127.0.0.1:8191/v2",
        "https://127.0.0.1/v2",
        "https://localhost/v2",
        "https://10.0.0.8/v2",
        "https://169.254.169.254/latest",
        "https://[::1]/v2",
        "https://[::ffff:10.0.0.8]/v2",
        "https://2130706433/v2",
        "https://0x7f000001/v2",
    ],
)
def test_neither_plain_http_nor_our_own_network(settings: Any, url: str) -> None:
    settings.CALLBACK_ALLOWED_NETWORKS = ["0.0.0.0/0", "::/0"]  # where customers may send us is another matter
    with pytest.raises(NotPublic):
        outside.judged(httpx.URL(url))


def test_what_the_operator_allows(settings: Any) -> None:
    settings.PROVIDER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    assert outside.judged(httpx.URL("http://127.0.0.1:8191/v2")) == ["127.0.0.1"]
    assert outside.judged(httpx.URL("https://1.1.1.1/v2")) == ["1.1.1.1"]
    with pytest.raises(NotPublic):
        outside.judged(httpx.URL("https://10.0.0.8/v2"))
