"""What the paths of this room take: a SID of the wrong shape matches none of them, so it is no page (404)."""

from django.urls import register_converter
from django.urls.converters import StringConverter

_PREFIXES = {
    "papers_bundle": "BU",
    "papers_item": "BV",
    "papers_document": "RD",
    "papers_person": "IT",
    "papers_address": "AD",
}


def register() -> None:
    """Make the converters known, once, before the routes are read."""
    for name, prefix in _PREFIXES.items():
        register_converter(type(f"{name}_sid", (StringConverter,), {"regex": f"{prefix}[0-9a-f]{{32}}"}), name)
