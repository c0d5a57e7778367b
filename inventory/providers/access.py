"""Where a provider is, and what opens its door: from the environment, never from its row.

Whoever may change the row of a provider must not be able to send our keys elsewhere, so the address stands with them.
"""

import httpx
from django.conf import settings

from accounts.outgoing import STANDARD_PORTS
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

    Only its form is looked at. Whether we connect is for `outside` to say, which knows the addresses of the host.
    """
    url = (credential(provider, "url") or usual).rstrip("/")
    if _is_web_address(url):
        return url
    raise ProviderUnavailable(f"the url of {provider.slug} in PROVIDER_CREDENTIALS is not one that we connect to")


def _is_web_address(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in STANDARD_PORTS and bool(url.host)
