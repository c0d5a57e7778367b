"""Fields of the catalogue as fields of a form. Whether what is written will do, only the evaluation says."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Account
from compliance.models import Address
from compliance.rulebook.catalogue import Field, FieldType, catalogue
from compliance.services.documents import address_sids
from numbering.countries import every
from portal.papers.words import CHOICES, of_field

MOST_ADDRESSES = 100
Choices = list[tuple[str, str | Promise]]


def form_fields(names: Iterable[str], account: Account, *, required: Iterable[str]) -> dict[str, forms.Field]:
    """A field for each name, in that order."""
    needed = set(required)
    return {name: form_field(catalogue().field(name), account, is_required=name in needed) for name in names}


def form_field(field: Field, account: Account, *, is_required: bool) -> forms.Field:
    """The field as its type is typed in."""
    called = of_field(field)
    more = {"label": called.label, "help_text": called.hint, "required": is_required}
    if field.type == FieldType.ADDRESS_SIDS:
        return forms.ChoiceField(choices=addresses_of(account), **more)  # type: ignore[arg-type]  # mypy mixes the three
    if field.type in (FieldType.ENUM, FieldType.COUNTRY):
        choices = [(each, CHOICES.get(each, each)) for each in field.choices] if field.choices else every()
        return forms.ChoiceField(choices=[("", lazy("choose")), *choices], **more)  # type: ignore[arg-type]  # likewise
    return _WRITTEN.get(field.type, _text)(field, more)


def initial_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, as the form shows it."""
    return {**attributes, "address_sids": next(iter(address_sids(attributes)), "")}


def attributes_of(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What was written, as attributes hold it."""
    return {name: _kept(name, value) for name, value in cleaned.items()}


def merged(before: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """What was given before, with what was written now in its place; what was emptied is gone."""
    return {name: value for name, value in {**before, **written}.items() if value not in ("", None, [])}


def addresses_of(account: Account) -> Choices:
    """The account's addresses, the newest first, to choose from."""
    rows = Address.objects.of(account).order_by("-pk")[:MOST_ADDRESSES]
    return [("", lazy("choose an address")), *((row.sid, in_one_line(row)) for row in rows)]


def in_one_line(row: Address) -> str:
    """ "Musterfirma GmbH, Unter den Linden 77, 10117 Berlin, DE"."""
    town = f"{row.postal_code} {row.city}".strip()
    parts = (row.customer_name, row.street, row.street_secondary, town, row.region, row.iso_country)
    return ", ".join(part for part in parts if part)


def _kept(name: str, value: Any) -> Any:
    if name == "address_sids":
        return [value] if value else []
    return value.isoformat() if isinstance(value, date) else value


def _text(field: Field, more: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=field.max_length, widget=forms.TextInput(attrs={"autocomplete": "off"}), **more)


def _area(field: Field, more: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=field.max_length, widget=forms.Textarea(attrs={"rows": 3}), **more)


def _tel(field: Field, more: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=field.max_length, widget=forms.TextInput(attrs={"type": "tel"}), **more)


def _day(field: Field, more: dict[str, Any]) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _mail(field: Field, more: dict[str, Any]) -> forms.Field:
    return forms.EmailField(max_length=field.max_length, **more)


def _url(field: Field, more: dict[str, Any]) -> forms.Field:
    return forms.URLField(max_length=field.max_length, assume_scheme="https", **more)


_WRITTEN: Mapping[FieldType, Callable[[Field, dict[str, Any]], forms.Field]] = {
    FieldType.TEXT: _area,
    FieldType.PHONE: _tel,
    FieldType.DATE: _day,
    FieldType.EMAIL: _mail,
    FieldType.URL: _url,
}
