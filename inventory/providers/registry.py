"""From a provider's row to its adapter."""

from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from inventory.models import Provider
from inventory.providers.base import OwnRanges, ProviderAdapter, Wanted


def adapter_of(provider: Provider) -> ProviderAdapter:
    """The adapter that speaks to this provider. Raises ImproperlyConfigured when the settings name none."""
    try:
        path = settings.PROVIDER_ADAPTERS[provider.adapter]
    except KeyError:
        raise ImproperlyConfigured(f"no adapter {provider.adapter!r} in PROVIDER_ADAPTERS for {provider}") from None
    return cast(ProviderAdapter, import_string(path)(provider))


def may_have(provider: Provider, wanted: Wanted) -> bool:
    """Whether it may sell this kind, as far as its adapter knows of itself. Asks no network."""
    adapter = adapter_of(provider) if provider.adapter in settings.PROVIDER_ADAPTERS else None
    return not isinstance(adapter, OwnRanges) or adapter.may_have(wanted)
