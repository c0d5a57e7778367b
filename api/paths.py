"""Path converters: a SID of the wrong shape matches no route, so it is a resource that does not exist (404/20404)."""

from django.urls import register_converter
from django.urls.converters import StringConverter

ACCOUNT = "2010-04-01/Accounts/<account_sid:account_sid>"

_PREFIXES = {"account_sid": "AC", "key_sid": "SK", "number_sid": "PN", "reservation_sid": "RV", "test_sid": "LT"}


def _sid(prefix: str) -> type[StringConverter]:
    return type(f"{prefix}Converter", (StringConverter,), {"regex": f"{prefix}[0-9a-f]{{32}}"})


def register() -> None:
    """Make the converters known; `api.urls` does it once, before its routes are read."""
    for name, prefix in _PREFIXES.items():
        register_converter(_sid(prefix), name)
