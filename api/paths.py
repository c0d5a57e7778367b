"""Path converters: a SID of the wrong shape matches no route, so it is a resource that does not exist (404/20404)."""

from django.urls import register_converter
from django.urls.converters import StringConverter

ACCOUNT = "2010-04-01/Accounts/<account_sid:account_sid>"

_PREFIXES = {
    "account_sid": "AC",
    "address_sid": "AD",
    "document_sid": "RD",
    "end_user_sid": "IT",
    "bundle_sid": "BU",
    "evaluation_sid": "EL",
    "item_sid": "BV",
    "key_sid": "SK",
    "number_sid": "PN",
    "regulation_sid": "RN",
    "reservation_sid": "RV",
    "test_sid": "LT",
    "type_sid": "OY",
    "waitlist_sid": "WL",
}


class NumberConverter(StringConverter):
    """E.164 with its plus sign."""

    regex = r"\+[1-9][0-9]{6,14}"


def _sid(prefix: str) -> type[StringConverter]:
    return type(f"{prefix}Converter", (StringConverter,), {"regex": f"{prefix}[0-9a-f]{{32}}"})


def register() -> None:
    """Make the converters known; `api.urls` does it once, before its routes are read."""
    for name, prefix in _PREFIXES.items():
        register_converter(_sid(prefix), name)
    register_converter(NumberConverter, "e164")
