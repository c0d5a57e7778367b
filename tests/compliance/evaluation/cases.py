"""Cases that pass, and what makes them fail: each test changes one thing of a case that is whole."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import phonenumbers

from compliance.evaluation import evaluate
from compliance.evaluation.address_formats import AddressFormat, library_format
from compliance.evaluation.case import AddressRecord, Area, Case, Paper, Party
from compliance.evaluation.outcome import Code, Outcome, Result
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.reading import read
from compliance.rulebook.rules import (
    AcceptedDocument,
    AddressScope,
    CountryRules,
    DocumentRequirement,
    IdentifierCheck,
    NumberTypeRules,
    country_rules,
)

ON = date(2026, 11, 21)
TOWN = "Springfield"

#: Numbers of python-stdnum's own documentation that the hard checks of the country files accept.
_NUMBERS = {
    "stdnum.be.vat": "BE 428759497",
    "stdnum.br.cnpj": "16.727.230/0001-97",
    "stdnum.br.cpf": "390.533.447-05",
    "stdnum.es.nif": "54362315-K",
    "stdnum.es.cif": "J99216582",
    "stdnum.gr.vat": "EL 094259216",
    "stdnum.dk.cvr": "DK 13585628",
    "stdnum.fr.siren": "552 008 443",
    "stdnum.gt.nit": "576937-K",
    "stdnum.no.orgnr": "988 077 917",
    "stdnum.se.orgnr": "123456-7897",
    "stdnum.hr.oib": "HR 33392005961",
    "stdnum.it.codicefiscale": "RCCMNL83S18D969H",
    "stdnum.it.iva": "IT 00743110157",
    "stdnum.pt.nif": "PT 501 964 843",
}
_VALUES = {
    "first_name": "Emanuela",
    "last_name": "Ricci",
    "email": "office@acme-telecom.com",
    "birth_date": "1983-11-18",
    "birth_place": "Genova",
    "gender": "male",
    "nationality": "IT",
    "document_number": "C01X00T47",
    "business_name": "Acme Telecom GmbH",
    "business_website": "https://www.acme-telecom.com/about",
    "business_identity": "DIRECT_CUSTOMER",
    "is_subassigned": "NO",
    "issue_date": "2026-11-11",
    "expiration_date": "2030-01-01",
}


@cache
def rules_of(country: str) -> CountryRules:
    """The rules of a shipped country file."""
    return country_rules(read((COUNTRY_FILES / f"{country.lower()}.yaml").read_bytes()).document)


def countries() -> list[str]:
    """Every country that a file is shipped of."""
    return sorted(path.stem.upper() for path in COUNTRY_FILES.glob("??.yaml"))


def valid_case(country: CountryRules, number_type: str, end_user_type: str) -> Case:
    """A case with everything that the regulation wants, each paper of the first kind that is accepted."""
    rules = country.of(number_type)
    wanted = rules.of(end_user_type)
    party = Party(end_user_type, {name: _value(country, name) for name in wanted.fields}, "IT1")
    address = _address(country, rules)
    papers = tuple(
        _paper(country, f"RD{index}", requirement, requirement.accepted[0], party.attributes)
        for index, requirement in enumerate(wanted.documents)
    )
    return Case(party, papers, {address.sid: address}, Area((TOWN,), TOWN))


def verdict(country: str, number_type: str, end_user_type: str, case: Case, on: date = ON) -> Outcome:
    """The outcome by the shipped rules."""
    return evaluate(rules_of(country), number_type, end_user_type, case, on)


def with_party(case: Case, **attributes: object) -> Case:
    """The case with other details of its end user; None takes one away."""
    assert case.end_user is not None
    kept = {**case.end_user.attributes, **attributes}
    return replace(case, end_user=replace(case.end_user, attributes={k: v for k, v in kept.items() if v is not None}))


def with_paper(case: Case, index: int, *, attributes: Mapping[str, object] | None = None, **changes: Any) -> Case:
    """The case with one paper changed; an attribute that is None is taken away."""
    paper = replace(case.papers[index], **changes)
    kept = {**paper.attributes, **(attributes or {})}
    paper = replace(paper, attributes={k: v for k, v in kept.items() if v is not None})
    return replace(case, papers=(*case.papers[:index], paper, *case.papers[index + 1 :]))


def with_address(case: Case, **changes: str) -> Case:
    """The case with its one address changed."""
    return replace(case, addresses={sid: replace(record, **changes) for sid, record in case.addresses.items()})


def result_of(outcome: Outcome, requirement_name: str) -> Result:
    """The result of one requirement."""
    return next(result for result in outcome.results if result.requirement_name == requirement_name)


def faults(outcome: Outcome) -> set[tuple[str, str, Code]]:
    """Everything that is wrong: (requirement, field or "", reason)."""
    whole = {(result.requirement_name, "", result.fault.code) for result in outcome.results if result.fault}
    return whole | {
        (result.requirement_name, finding.field, finding.fault.code)
        for result in outcome.results
        for finding in result.invalid
        if finding.fault
    }


def told(outcome: Outcome) -> list[str]:
    """Every sentence and hint of it."""
    notes = [note.sentence for note in (*outcome.flags, *outcome.warnings)]
    whole = [text for result in outcome.results for text in (result.sentence, result.hint)]
    fields = [text for result in outcome.results for each in result.invalid for text in (each.sentence, each.hint)]
    return [*notes, *whole, *fields]


def _value(country: CountryRules, name: str) -> str:
    if name == "phone_number":
        return _phone(country.country)
    if name in country.identifiers:
        return _number(country.identifiers[name])
    return _VALUES.get(name, f"Some {catalogue().field(name).friendly_name}")


def _number(check: IdentifierCheck) -> str:
    return next((_NUMBERS[module] for module in check.modules if module in _NUMBERS), "12345678")


def _phone(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert number is not None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _address(country: CountryRules, rules: NumberTypeRules) -> AddressRecord:
    abroad = "FR" if country.country == "DE" else "DE"
    lies_in = abroad if rules.address_scope == AddressScope.NOT_IN_COUNTRY else country.country
    form = library_format(lies_in)
    assert isinstance(form, AddressFormat)
    return AddressRecord("AD1", "1 Main Street", "", TOWN, "Some Region", form.example, lies_in, "Acme Telecom GmbH")


def _paper(
    country: CountryRules,
    sid: str,
    requirement: DocumentRequirement,
    accepted: AcceptedDocument,
    party: Mapping[str, Any],
) -> Paper:
    attributes: dict[str, Any] = {name: party.get(name, _value(country, name)) for name in accepted.fields}
    if "address_sids" in attributes:
        attributes["address_sids"] = ["AD1"]
    if requirement.max_age_of(accepted.type) is not None:
        attributes["issue_date"] = _VALUES["issue_date"]
    if rule := requirement.issuing_country:
        attributes["issuing_country"] = rule if len(rule) == 2 else country.country
    return Paper(sid, accepted.type, attributes, has_file=accepted.file_required)
