"""The end user against what the regulation lists of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils.translation import gettext

from compliance.evaluation import identifiers
from compliance.evaluation.case import Party
from compliance.evaluation.days import day_of
from compliance.evaluation.formats import code_of, fault_of, number_of
from compliance.evaluation.outcome import Code, Fault, Finding, Note, NoteCode, Result
from compliance.evaluation.text import Unreadable, mixes_scripts, text_of
from compliance.rulebook.catalogue import Field, FieldType, catalogue
from compliance.rulebook.rules import AddressScope, CountryRules, EndUserRules, IdentifierCheck, NumberTypeRules
from numbering.countries import called
from numbering.types import NumberType

_LOCAL_SCOPES = (AddressScope.COUNTRY, AddressScope.AREA_CODE)


@dataclass(frozen=True, slots=True)
class PartyCheck:
    """What was found of the end user."""

    result: Result
    flags: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


def check_party(
    country: CountryRules, rules: NumberTypeRules, end_user_type: str, party: Party | None, on: date
) -> PartyCheck:
    """Every field that is listed: given where it must be, written as it should be, and an identifier that holds."""
    wanted = rules.of(end_user_type)
    if party is None or party.type != end_user_type:
        return PartyCheck(_missing(wanted, end_user_type, party))
    findings: list[Finding] = []
    flags: list[Note] = []
    attributes = attributes_of(party.attributes)
    given = _Given(country, rules, wanted, attributes, on)
    for name in wanted.listed:
        finding, doubts = given.judged(catalogue().field(name))
        if finding is not None:
            findings.append(finding)
        flags += (Note(code, wanted.requirement_name, party.sid, name) for code in doubts)
    result = _result(wanted, end_user_type, party.sid, None, findings)
    return PartyCheck(result, tuple(flags), tuple(_unlisted(wanted, party.sid, attributes)))


def attributes_of(given: object) -> Mapping[str, Any]:
    """The attributes, whatever JSON they are: what is no object has none."""
    return given if isinstance(given, Mapping) else {}


@cache
def valid_field(name: str) -> Finding:
    """A field that rules name, with nothing wrong."""
    return Finding(name, catalogue().field(name).friendly_name)


def missing_field(field: Field) -> Finding:
    """A field of the end user of which nothing was given."""
    return Finding(
        field.machine_name, field.friendly_name, Fault(Code.END_USER_FIELD_MISSING, gettext(field.friendly_name))
    )


def requirement_name(wanted: EndUserRules, end_user_type: str) -> str:
    """ "business_info": also where the rules say nothing of that kind of end user."""
    return wanted.requirement_name or f"{end_user_type}_info"


@dataclass(frozen=True, slots=True)
class _Given:
    """What was given of the end user, beside what is wanted."""

    country: CountryRules
    rules: NumberTypeRules
    wanted: EndUserRules
    attributes: Mapping[str, Any]
    on: date

    def judged(self, field: Field) -> tuple[Finding | None, Iterable[NoteCode]]:
        """A listed field with its fault (None: it need not be given, and is not). Of one that passes: what a person
        must look at."""
        try:
            text = text_of(self.attributes.get(field.machine_name), field.max_length)
        except Unreadable as why:
            return _found(field, Fault(code_of(field), str(why), gettext(field.friendly_name))), ()
        if not text:
            return (missing_field(field) if field.machine_name in self.wanted.fields else None), ()
        fault = fault_of(field, text, self.on) or self._identifier_fault(field, text, hard=True)
        return (_found(field, fault), ()) if fault else (valid_field(field.machine_name), self._doubts(field, text))

    def _doubts(self, field: Field, text: str) -> Iterator[NoteCode]:
        if self._identifier_fault(field, text, hard=False):
            yield NoteCode.IDENTIFIER_DOUBTFUL
        if field.type == FieldType.STRING and mixes_scripts(text):
            yield NoteCode.MIXED_SCRIPTS
        if field.type == FieldType.PHONE and self.country.country == "GB" and not _is_mobile(text):
            yield NoteCode.PHONE_NOT_MOBILE  # end_user_types.yaml: a real mobile number

    def _beside(self, name: str) -> str:
        """Another field; "" where the regulation does not list it, or cannot be read: that has a finding of its own."""
        if name not in self.wanted.listed:
            return ""
        try:
            return text_of(self.attributes.get(name), catalogue().field(name).max_length)
        except Unreadable:
            return ""

    def _identifier_fault(self, field: Field, text: str, *, hard: bool) -> Fault | None:
        """By the hard check of the field, or by the soft one. Neither is made where the address may lie anywhere: a
        foreign business may carry the number."""
        check = self.country.identifiers.get(field.machine_name)
        if check is None or check.hard != hard or self.rules.address_scope not in _LOCAL_SCOPES:
            return None
        code = Code.INVALID_FISCAL_NUMBER if (code := code_of(field)) == Code.END_USER_FIELD_MISSING else code
        if not self._is_accepted(check, field, text):
            country = called(self.country.country, self.country.name)
            return Fault(code, gettext("it must have the form and check digits of %(country)s") % {"country": country})
        if not identifiers.agrees(check, text, day_of(self._beside("birth_date")), self._beside("gender")):
            said = gettext("it states another date of birth or gender")
            return Fault(code, said, gettext(field.friendly_name))
        return None

    def _is_accepted(self, check: IdentifierCheck, field: Field, text: str) -> bool:
        if field.type == FieldType.VAT:
            return identifiers.is_accepted_vat(check, text, self.country.country)
        return identifiers.is_accepted(check, text)


def _found(field: Field, fault: Fault) -> Finding:
    return Finding(field.machine_name, field.friendly_name, fault)


def _is_mobile(text: str) -> bool:
    number = number_of(text)
    return number is not None and number.number_type == NumberType.MOBILE


def _missing(wanted: EndUserRules, end_user_type: str, party: Party | None) -> Result:
    name = catalogue().end_user_name(end_user_type)
    said = gettext("%(kind)s is the kind that is wanted")
    if party:
        said = gettext(
            "%(kind)s is the kind that is wanted, and the one in it is of another: "
            "take that out first, a bundle has one"
        )
    findings = [missing_field(catalogue().field(name)) for name in wanted.fields]
    fault = Fault(Code.END_USER_MISSING, said % {"kind": gettext(name)})
    return _result(wanted, end_user_type, None, fault, findings)


def _result(
    wanted: EndUserRules, end_user_type: str, sid: str | None, fault: Fault | None, findings: list[Finding]
) -> Result:
    name = catalogue().end_user_name(end_user_type)
    return Result(
        requirement_name=requirement_name(wanted, end_user_type),
        requirement_friendly_name=name,
        object_type=end_user_type,
        object_friendly_name=name,
        object_sid=sid or None,
        fault=fault,
        valid=tuple(finding for finding in findings if not finding.fault),
        invalid=tuple(finding for finding in findings if finding.fault),
    )


def _unlisted(wanted: EndUserRules, sid: str, attributes: Mapping[str, Any]) -> Iterator[Note]:
    for field in unlisted(attributes, wanted.listed):
        yield Note(NoteCode.FIELD_NOT_LISTED, wanted.requirement_name, sid, field)


def unlisted(attributes: Mapping[str, Any], listed: Collection[str]) -> list[str]:
    """Fields that are given and not listed (Twilio refuses them). "" for those that we do not know: their names are
    not repeated, for they are the customer's own words."""
    beyond = attributes.keys() - set(listed)
    known = sorted(beyond & catalogue().fields.keys())
    return [*known, ""] if len(beyond) > len(known) else known
