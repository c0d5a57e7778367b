"""What the commands are told: a provider, and a month."""

from argparse import ArgumentTypeError
from datetime import date

from inventory.models import Provider


def month(text: str) -> date:
    """The first day of "2026-10". Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no month such as 2026-10") from None


def provider_called(slug: str) -> Provider:
    """The provider of that slug. Raises ArgumentTypeError."""
    provider = Provider.objects.filter(slug=slug).first()
    if provider is None:
        raise ArgumentTypeError(f"there is no provider {slug!r}")
    return provider
