"""What tests of my numbers send to the pages, and read from them."""

import re

from inventory.models import Did

CALLS = "https://example.com/calls"


def settings_of(did: Did, **changed: str) -> dict[str, str]:
    """The form as the page shows it, with changes."""
    names = ("friendly_name", "voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method")
    others = ("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method", "voice_receive_mode")
    columns = (*names, *others, "trunk_sid", "status_callback", "status_callback_method")
    return {name: getattr(did, name) for name in columns} | changed


def shown(page: str) -> list[str]:
    """The numbers of the list, in its order."""
    return re.findall(r"ny-e164[^>]*>(\+\d+)<", page)
