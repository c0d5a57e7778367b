"""One paper against one requirement: its type, its file, its fields, its days, and the addresses that it refers to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext, ngettext

from compliance.evaluation.addresses import AddressCheck, address_findings
from compliance.evaluation.case import Case, Paper
from compliance.evaluation.days import day_of, is_older
from compliance.evaluation.issuers import EU_MEMBERS, accepted_issuers
from compliance.evaluation.outcome import Code, Fault, Finding, Note, NoteCode
from compliance.evaluation.party import attributes_of, valid_field
from compliance.evaluation.text import Unreadable, text_of
from compliance.rulebook.catalogue import DOCUMENT_TYPE_ALIASES, Field, FieldType, catalogue
from compliance.rulebook.rules import AcceptedDocument, CountryRules, DocumentRequirement, EndUserRules, NumberTypeRules
from numbering.countries import called

#: Looked at whenever they are given, listed or not.
ALWAYS_READ = ("expiration_date", "issue_date", "issuing_country")
_NOT_GIVEN = (Code.DOCUMENT_FIELD_MISSING, Code.ADDRESS_MISSING)


@dataclass(frozen=True, slots=True)
class Question:
    """One evaluation: the rules, what the customer gave, the day. Each address is looked at once."""

    country: CountryRules
    rules: NumberTypeRules
    wanted: EndUserRules
    case: Case
    on: date
    _addresses: dict[str, AddressCheck] = field(default_factory=dict)

    def address(self, sid: str) -> AddressCheck:
        """What was found of an address of the case. Raises KeyError: it is not in the case."""
        if sid not in self._addresses:
            record = self.case.addresses[sid]
            self._addresses[sid] = address_findings(self.country, self.rules, record, self.case.area)
        return self._addresses[sid]

    def party_text(self, name: str) -> str:
        """A field of the end user; "" where it has none that can be read."""
        party = self.case.end_user
        if party is None:
            return ""
        try:
            return text_of(attributes_of(party.attributes).get(name), catalogue().field(name).max_length)
        except Unreadable:
            return ""


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """What was found of a paper for a requirement."""

    paper: Paper
    fault: Fault | None = None
    findings: tuple[Finding, ...] = ()
    flags: tuple[Note, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it meets the requirement."""
        return self.fault is None and all(finding.fault is None for finding in self.findings)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The less, the nearer it is to meeting it: its type is accepted, and little else is wrong. Of what is wrong, a
        detail that was given tells of the paper's purpose, one that is missing does not."""
        not_accepted = self.fault is not None and self.fault.code == Code.DOCUMENT_TYPE_NOT_ACCEPTED
        codes = [finding.code for finding in self.findings if finding.fault is not None]
        return not_accepted, (self.fault is not None) + len(codes), sum(code in _NOT_GIVEN for code in codes)


def type_of(paper: Paper) -> str:
    """The machine name of its document type, of several spellings the one that the rules use."""
    return DOCUMENT_TYPE_ALIASES.get(paper.type, paper.type)


def check_paper(question: Question, requirement: DocumentRequirement, paper: Paper) -> PaperCheck:
    """Everything that is wrong with the paper, at once; of a type that is not accepted nothing else is looked at."""
    accepted = requirement.accepting(type_of(paper))
    if accepted is None:
        return PaperCheck(paper, Fault(Code.DOCUMENT_TYPE_NOT_ACCEPTED, names_of(requirement)))
    fault = None
    if accepted.file_required and not paper.has_file:
        fault = Fault(Code.DOCUMENT_FILE_MISSING, gettext(catalogue().document_name(accepted.type)))
    look = _Look(question, requirement, accepted, paper, attributes_of(paper.attributes))
    findings = tuple(look.findings())
    return PaperCheck(paper, fault, findings, tuple(look.flags(findings)))


def names_of(requirement: DocumentRequirement) -> str:
    """The accepted kinds of paper, in words."""
    names = [gettext(catalogue().document_name(paper.type)) for paper in requirement.accepted]
    kinds = gettext(" or ").join(filter(None, (", ".join(names[:-1]), names[-1])))
    # Translators: what must be proved, and by which kinds of paper.
    return gettext("%(what)s, by %(papers)s") % {"what": gettext(requirement.name), "papers": kinds}


def wanted_fields(requirement: DocumentRequirement, accepted: AcceptedDocument) -> tuple[str, ...]:
    """What the paper must show: the fields that are listed, and its day of issue where it may not be old."""
    if requirement.max_age_of(accepted.type) is None or "issue_date" in accepted.fields:
        return accepted.fields
    return (*accepted.fields, "issue_date")


def missing_field(name: str) -> Finding:
    """A field of which nothing was given."""
    about = catalogue().field(name)
    code = Code.ADDRESS_MISSING if about.type == FieldType.ADDRESS_SIDS else Code.DOCUMENT_FIELD_MISSING
    return Finding(name, about.friendly_name, Fault(code, gettext(about.friendly_name)))


@dataclass(frozen=True, slots=True)
class _Look:
    """A paper of an accepted type, looked at field by field."""

    question: Question
    requirement: DocumentRequirement
    accepted: AcceptedDocument
    paper: Paper
    attributes: Mapping[str, Any]
    doubts: list[Note] = field(default_factory=list)

    def findings(self) -> Iterator[Finding]:
        wanted = wanted_fields(self.requirement, self.accepted)
        for name in wanted:
            if name == "address_sids":
                yield from self._addresses()
            else:
                yield self._field(catalogue().field(name)) or missing_field(name)
        for name in ALWAYS_READ:
            if name in self.attributes and name not in wanted and (given := self._field(catalogue().field(name))):
                yield given

    def flags(self, findings: tuple[Finding, ...]) -> Iterator[Note]:
        """What a person must look at: what was noted on the way, then what no machine can see."""
        yield from self.doubts
        requirement, given = self.requirement, {finding.field for finding in findings}
        if not requirement.documented:
            yield self._note(NoteCode.ACCEPTED_LIST_GENERIC)
        must_match = requirement.must_match_document or self.question.rules.address_must_match_document
        if must_match and "address_sids" in given and self.accepted.file_required:
            yield self._note(NoteCode.ADDRESS_ON_PAPER, "address_sids")
        if requirement.issuing_country and "issuing_country" not in given:
            yield self._note(NoteCode.ISSUING_COUNTRY_NOT_GIVEN, "issuing_country")
        if requirement.sides:
            yield self._note(NoteCode.SIDES, detail=gettext(requirement.sides))

    def _note(self, code: NoteCode, field: str = "", detail: str = "") -> Note:
        return Note(code, self.requirement.requirement_name, self.paper.sid, field, detail)

    def _field(self, about: Field) -> Finding | None:
        """The field with its fault; None: it is not given."""
        try:
            text = text_of(self.attributes.get(about.machine_name), about.max_length)
        except Unreadable as why:
            unreadable = Fault(Code.DOCUMENT_FIELD_MISSING, str(why), gettext(about.friendly_name))
            return Finding(about.machine_name, about.friendly_name, unreadable)
        if not text:
            return None
        fault = self._fault(about, text)
        return Finding(about.machine_name, about.friendly_name, fault) if fault else valid_field(about.machine_name)

    def _fault(self, about: Field, text: str) -> Fault | None:
        if about.machine_name == "issuing_country":
            return self._issuer_fault(text)
        if about.type != FieldType.DATE:
            return self._mismatch(about, text)
        day = day_of(text)
        if day is None:
            wanted = gettext("it must be a day of the calendar, written YYYY-MM-DD")
            return Fault(Code.DOCUMENT_FIELD_MISSING, wanted, gettext(about.friendly_name))
        if about.machine_name == "expiration_date":
            return Fault(Code.DOCUMENT_EXPIRED) if day < self.question.on else None
        if about.machine_name == "issue_date":
            return self._age_fault(day)
        return self._mismatch(about, text)

    def _age_fault(self, issued: date) -> Fault | None:
        if issued > self.question.on:
            return Fault(Code.DOCUMENT_ISSUE_DATE_IN_FUTURE)
        months = self.requirement.max_age_of(self.accepted.type)
        if months is not None and is_older(issued, months, self.question.on):
            most = ngettext("at most %(months)s month", "at most %(months)s months", months)
            return Fault(Code.DOCUMENT_TOO_OLD, most % {"months": months})
        return None

    def _issuer_fault(self, text: str) -> Fault | None:
        rule = self.requirement.issuing_country
        if not rule:
            return None
        accepted = accepted_issuers(rule, self.question.country.country, self.accepted.type)
        if text.upper() in accepted:
            return None
        said = gettext("it must be a member state of the European Union")
        if accepted is not EU_MEMBERS:
            said = gettext("it must be %(countries)s") % {"countries": ", ".join(map(called, accepted))}
        return Fault(Code.DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED, said)

    def _mismatch(self, about: Field, text: str) -> Fault | None:
        """Against the same field of the end user, if it has one: upper and lower case alone is left to a person, and so
        is a field of the end user that the regulation does not list."""
        name = about.machine_name
        other = self.question.party_text(name)
        if not other or other == text:
            return None
        if other.casefold() == text.casefold():
            self.doubts.append(self._note(NoteCode.CASE_DIFFERS, name))
        elif name not in self.question.wanted.listed:
            self.doubts.append(self._note(NoteCode.UNLISTED_DIFFERS, name))
        else:
            return Fault(Code.DOCUMENT_FIELD_MISMATCH, gettext(about.friendly_name))
        return None

    def _addresses(self) -> Iterator[Finding]:
        """One finding for each fault of each address; those that the case does not have are told of once."""
        about = catalogue().field("address_sids")
        sids, strange = self._sids()
        faults = [finding for sid in sids for finding in self._address(sid, about)]
        if strange:
            wanted = gettext("%(field)s, a list of addresses of this account") % {"field": gettext(about.friendly_name)}
            faults.append(Finding(about.machine_name, about.friendly_name, Fault(Code.ADDRESS_MISSING, wanted)))
        yield from faults or [valid_field(about.machine_name) if sids else missing_field(about.machine_name)]

    def _sids(self) -> tuple[list[str], bool]:
        """The addresses of the case that the paper refers to, each once; and whether it refers to anything else."""
        given = self.attributes.get("address_sids")
        if not isinstance(given, list | tuple):
            return [], bool(given)
        known = [sid for sid in given if isinstance(sid, str) and sid in self.question.case.addresses]
        return list(dict.fromkeys(known)), len(known) < len(given)

    def _address(self, sid: str, about: Field) -> Iterator[Finding]:
        found = self.question.address(sid)
        self.doubts.extend(
            Note(flag.code, self.requirement.requirement_name, sid, flag.field, flag.detail) for flag in found.flags
        )
        for failure in found.failures:
            yield Finding(about.machine_name, about.friendly_name, failure.fault, failure.part, sid)
