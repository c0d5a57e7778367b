"""Where a provider is, and what opens its door: from the environment, never from its row.

Whoever may change the row of a provider must not be able to send our keys elsewhere, so the address stands with them.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from accounts.outgoing import may_be_called
from inventory.models import Provider
from inventory.providers.base import ProviderUnavailable


def credential(provider: Provider, name: str) -> str:
    """One of the provider's entries in PROVIDER_CREDENTIALS, "" when there is none."""
    return str(settings.PROVIDER_CREDENTIALS.get(provider.slug, {}).get(name, ""))


def needed(provider: Provider, name: str) -> str:
    """The same, for what nothing works without. Raises ProviderUnavailable: staff may add it at any time."""
    if value := credential(provider, name):
        return value
    raise ProviderUnavailable(f"PROVIDER_CREDENTIALS has no {name} for {provider.slug}")


def origin(provider: Provider, usual: str) -> str:
    """The base URL of its API: `url` of PROVIDER_CREDENTIALS, else the vendor's own. Raises ProviderUnavailable.

    It must be https to a public host, as far as the URL tells; the certificate proves the rest. http goes to loopback
    only, where CALLBACK_ALLOWED_NETWORKS allows it: in development and in tests.
    """
    url = (credential(provider, "url") or usual).rstrip("/")
    if may_be_called(url) and (url.startswith("https://") or _is_loopback(url)):
        return url
    raise ProviderUnavailable(f"the url of {provider.slug} in PROVIDER_CREDENTIALS is not one that we connect to")


def _is_loopback(url: str) -> bool:
    try:
        return ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:
        return False
