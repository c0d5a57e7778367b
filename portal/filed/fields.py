"""Between what a form holds and what the attributes of a person or a paper are."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Account
from compliance.models import Address
from compliance.services.documents import address_sids

MOST_ADDRESSES = 100
ADDRESS = "address_sids"


def initial_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, as the form shows it."""
    return {**attributes, ADDRESS: next(iter(address_sids(attributes)), "")}


def attributes_of(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What was written, as attributes hold it."""
    return {name: _listed(value) if name == ADDRESS else value for name, value in cleaned.items()}


def merged(before: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """What was given before, with what was written now in its place; what was emptied is gone."""
    return {name: value for name, value in {**before, **written}.items() if value not in ("", None, [])}


def address_field(account: Account) -> forms.Field:
    """One of the account's addresses, the newest first."""
    rows = Address.objects.of(account).order_by("-pk")[:MOST_ADDRESSES]
    choices: list[tuple[str, str | Promise]] = [(row.sid, in_one_line(row)) for row in rows]
    return forms.ChoiceField(
        choices=[("", lazy("Choose one")), *choices],
        required=False,
        label=lazy("The address on it"),
        help_text=lazy("One of your addresses, as the document shows it."),
        widget=forms.Select(attrs={"translate": "no"}),
    )


def in_one_line(row: Address) -> str:
    """ "Musterfirma GmbH, Unter den Linden 77, 10117 Berlin, DE"."""
    town = f"{row.postal_code} {row.city}".strip()
    parts = (row.customer_name, row.street, row.street_secondary, town, row.region, row.iso_country)
    return ", ".join(part for part in parts if part)


def _listed(value: Any) -> list[Any]:
    return [value] if value else []
