"""An address against what a number type asks of it, and against how its own country writes addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext

from compliance.evaluation import identifiers, towns
from compliance.evaluation.address_formats import AddressFormat, format_of, library_format
from compliance.evaluation.case import AddressRecord, Area
from compliance.evaluation.outcome import Code, Fault, Finding, Note, NoteCode
from compliance.evaluation.text import Unreadable, mixes_scripts, text_of
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.rules import AddressScope, CountryRules, NumberTypeRules
from numbering.countries import called

NAMES = {
    "street": "Street",
    "street_secondary": "Second line of the street",
    "city": "City",
    "region": "Region",
    "postal_code": "Postal code",
    "iso_country": "Country",
}
_LONGEST = 500
_TOWNS_NAMED = 8
_GLUED_NUMBER = re.compile(r"(?<=[^\W\d_])(?=\d)")  # the pattern of the data wants whole words: Postfach12


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What was found of an address. `failures`: `field` and `part` name the part of the address record."""

    failures: tuple[Finding, ...] = ()
    flags: tuple[Note, ...] = ()


def address_findings(
    country: CountryRules, rules: NumberTypeRules, address: AddressRecord, area: Area | None
) -> AddressCheck:
    """Whether the address will do for a number of that country and type, in that area.

    In this order: country against the scope (a wrong one ends it), area, post office box, missing parts, postal code.
    """
    given = _Given(address)
    if fault := _scope_fault(country, rules, given.country):
        return AddressCheck((given.failure("iso_country", fault),))
    failures: list[Finding] = []
    flags = [Note(code, object_sid=address.sid) for code in _scope_doubts(rules, area)]
    form = format_of(given.country, country)
    if rules.address_scope == AddressScope.AREA_CODE and area and area.localities:
        failures += _out_of_area(country, given, form, area)
    if rules.po_box_allowed is False:
        failures += _po_box(given)
    failures += _format_failures(given, form, code_required=rules.postal_code_required)
    flags += _doubts(country, given)
    return AddressCheck(tuple(failures), tuple(flags))


def check_address(address: AddressRecord, country: CountryRules | None = None) -> AddressCheck:
    """Whether an address is written as its own country writes them: when a customer gives it, whatever it is for.

    `country`: the rules of the country that the address lies in, if there are any. Where one of its number types wants
    a postal code that the format does not (Ireland: the Eircode), it is wanted here too.
    """
    given = _Given(address)
    asked = country is not None and any(rules.postal_code_required for rules in country.number_types.values())
    form = format_of(given.country, country) if country else library_format(given.country)
    return AddressCheck(tuple(_format_failures(given, form, code_required=asked)))


class _Given:
    """The parts of an address record as text, each read once."""

    def __init__(self, address: AddressRecord) -> None:
        self.sid = address.sid
        self.parts: dict[str, str] = {}
        self.unreadable: dict[str, str] = {}
        for name in NAMES:
            try:
                self.parts[name] = text_of(getattr(address, name), _LONGEST)
            except Unreadable as why:
                self.parts[name], self.unreadable[name] = "", str(why)
        self.country = self.parts["iso_country"].upper()

    def failure(self, part: str, fault: Fault) -> Finding:
        return Finding(part, NAMES[part], fault, part, self.sid)


def _scope_fault(country: CountryRules, rules: NumberTypeRules, lies_in: str) -> Fault | None:
    is_inside = lies_in == country.country
    if rules.address_scope in (AddressScope.COUNTRY, AddressScope.AREA_CODE) and not is_inside:
        return Fault(Code.ADDRESS_WRONG_COUNTRY, called(country.country, country.name))
    if rules.address_scope == AddressScope.NOT_IN_COUNTRY and is_inside:
        return Fault(Code.ADDRESS_IN_COUNTRY_NOT_ALLOWED, called(country.country, country.name))
    return None


def _scope_doubts(rules: NumberTypeRules, area: Area | None) -> Iterator[NoteCode]:
    if rules.address_scope == AddressScope.UNKNOWN:
        yield NoteCode.SCOPE_NOT_KNOWN
    if rules.address_scope == AddressScope.AREA_CODE and not (area and area.localities):
        yield NoteCode.AREA_NOT_KNOWN


def _out_of_area(country: CountryRules, given: _Given, form: AddressFormat | None, area: Area) -> Iterator[Finding]:
    """By the city. Where the country's addresses may do without one (Japan, Singapore), the region will do as well."""
    parts = ("city",) if form is None or "city" in form.required else ("city", "region")
    found = [given.parts[part] for part in parts if given.parts[part]]
    if found and not any(towns.lies_in(town, area, country.country) for town in found):
        yield given.failure("city", Fault(Code.ADDRESS_OUT_OF_AREA, towns.some_of(area.towns, _TOWNS_NAMED)))


def _po_box(given: _Given) -> Iterator[Finding]:
    for part in ("street", "street_secondary", "city"):
        if catalogue().po_box.search(_GLUED_NUMBER.sub(" ", given.parts[part])):
            yield given.failure(part, Fault(Code.PO_BOX_NOT_ALLOWED, gettext(NAMES[part])))


def _format_failures(given: _Given, form: AddressFormat | None, *, code_required: bool) -> Iterator[Finding]:
    for part, why in given.unreadable.items():
        yield given.failure(part, Fault(_missing_code(part), why, gettext(NAMES[part])))
    if form is None:
        if "iso_country" not in given.unreadable:
            wanted = gettext("it must be two letters, as ISO 3166-1 has them")
            fault = Fault(Code.ADDRESS_FIELD_MISSING, wanted, gettext(NAMES["iso_country"]))
            yield given.failure("iso_country", fault)
        return
    for part in ("street", "city", "region"):
        if part in form.required and not given.parts[part] and part not in given.unreadable:
            yield given.failure(part, Fault(Code.ADDRESS_FIELD_MISSING, gettext(NAMES[part])))
    if "postal_code" not in given.unreadable:
        yield from _postal_code(given, form, required=code_required or "postal_code" in form.required)


def _missing_code(part: str) -> Code:
    return Code.POSTAL_CODE_INVALID if part == "postal_code" else Code.ADDRESS_FIELD_MISSING


def _postal_code(given: _Given, form: AddressFormat, *, required: bool) -> Iterator[Finding]:
    code = given.parts["postal_code"].upper()
    wanted = called(form.country)
    if form.example:
        wanted = gettext("%(country)s, for example %(code)s") % {"country": wanted, "code": form.example}
    if required and not code:
        yield given.failure("postal_code", Fault(Code.POSTAL_CODE_MISSING, wanted))
    elif code and form.fits and not form.fits(code):
        yield given.failure("postal_code", Fault(Code.POSTAL_CODE_INVALID, wanted))


def _doubts(country: CountryRules, given: _Given) -> Iterator[Note]:
    check, code = country.identifiers.get("postal_code"), given.parts["postal_code"]
    if check and code and given.country == country.country and not identifiers.is_accepted(check, code):
        yield Note(NoteCode.IDENTIFIER_DOUBTFUL, object_sid=given.sid, field="postal_code")
    for part in ("street", "street_secondary", "city"):
        if mixes_scripts(given.parts[part]):
            yield Note(NoteCode.MIXED_SCRIPTS, object_sid=given.sid, field=part)
