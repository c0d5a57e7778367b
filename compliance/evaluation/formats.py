"""How each type of field is written: a table from its type to its check."""

from collections.abc import Callable, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from compliance.evaluation.address_formats import library_format
from compliance.evaluation.days import day_of
from compliance.evaluation.outcome import Code, Fault
from compliance.evaluation.urls import is_public
from compliance.rulebook.catalogue import Field, FieldType
from numbering.e164 import E164, InvalidNumber

_OLDEST_YEARS = 120
_is_email = EmailValidator(allowlist=())

#: What a field of that type fails with when it is given and wrong; the other types share end_user_field_missing.
_CODES = {
    FieldType.EMAIL: Code.INVALID_EMAIL,
    FieldType.PHONE: Code.INVALID_PHONE_NUMBER,
    FieldType.DATE: Code.INVALID_BIRTH_DATE,
    FieldType.ENUM: Code.INVALID_ENUM_VALUE,
    FieldType.COUNTRY: Code.INVALID_NATIONALITY,
    FieldType.URL: Code.INVALID_URL,
    FieldType.VAT: Code.INVALID_VAT_NUMBER,
    FieldType.COMPANY_ID: Code.INVALID_REGISTRATION_NUMBER,
    FieldType.NATIONAL_TAX_ID: Code.INVALID_FISCAL_NUMBER,
}


def code_of(field: Field) -> Code:
    """The reason that a wrong value of the field fails with."""
    return _CODES.get(field.type, Code.END_USER_FIELD_MISSING)


def fault_of(field: Field, text: str, on: date) -> Fault | None:
    """What is wrong with how a filled field is written; None: nothing. `text` as `text_of` gives it."""
    wanted = _CHECKS.get(field.type, _string)(field, text, on)
    if not wanted:
        return None
    code = code_of(field)
    return Fault(code, wanted, _(field.friendly_name) if code == Code.END_USER_FIELD_MISSING else "")


def number_of(text: str) -> E164 | None:
    """The phone number that it is, if a numbering plan has such a number (with + and country code)."""
    try:
        number = E164.parse(text)
    except InvalidNumber:
        return None
    return number if number.is_valid else None


def _string(field: Field, text: str, _on: date) -> str:
    if field.is_a_persons_name and any(letter.isdigit() for letter in text):
        return _("it must be without digits")
    return ""


def _email(_field: Field, text: str, _on: date) -> str:
    try:
        _is_email(text)
    except ValidationError:
        return _("like name@company.com")
    return ""


def _phone(_field: Field, text: str, _on: date) -> str:
    return "" if number_of(text) else _("with + and country code, and as the numbering plan of the country has it")


def _birth_date(_field: Field, text: str, on: date) -> str:
    day = day_of(text)
    if day is None:
        return _("a day of the calendar, written YYYY-MM-DD")
    if day > on:
        return _("it lies in the future")
    if (day.year + _OLDEST_YEARS, day.month, day.day) < (on.year, on.month, on.day):
        return _("more than %(years)s years ago") % {"years": _OLDEST_YEARS}
    return ""


def _enum(field: Field, text: str, _on: date) -> str:
    return "" if text in field.choices else _("one of %(choices)s") % {"choices": ", ".join(field.choices)}


def _country(_field: Field, text: str, _on: date) -> str:
    return "" if library_format(text.upper()) else _("two letters, as ISO 3166-1 has them")


def _url(_field: Field, text: str, _on: date) -> str:
    return (
        ""
        if is_public(text)
        else _("http or https, with a name that leads somewhere in public, like https://www.company.com")
    )


_CHECKS: Mapping[FieldType, Callable[[Field, str, date], str]] = {
    FieldType.EMAIL: _email,
    FieldType.PHONE: _phone,
    FieldType.DATE: _birth_date,
    FieldType.ENUM: _enum,
    FieldType.COUNTRY: _country,
    FieldType.URL: _url,
}
