"""What all countries share: end-user and document types, their fields, reasons of refusal, address and file rules.

Typed values of the four common files of `compliance/data/regulations`, read once per process. Pure: no models.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext

from compliance.rulebook.country_files import COUNTRY_FILES

#: Another integration's spelling of a document type; taken on input (supporting_document_types.yaml).
DOCUMENT_TYPE_ALIASES = {"rent_receipt": "rental_receipt"}


class FieldType(StrEnum):
    """How a field is written, and what is checked of it."""

    STRING = "string"
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    ENUM = "enum"
    COUNTRY = "country"
    URL = "url"
    VAT = "vat"
    COMPANY_ID = "company_id"
    NATIONAL_TAX_ID = "national_tax_id"
    ADDRESS_SIDS = "address_sids"


#: Characters that a value may have where its field states no limit of its own. An email: RFC 5321 section 4.5.3.1.
_LONGEST = {FieldType.TEXT: 5_000, FieldType.EMAIL: 254, FieldType.URL: 2_048}
_LONGEST_OTHERWISE = 255


@dataclass(frozen=True, slots=True)
class Field:
    """One detail of an end user or of a paper. `pii`: none, personal or sensitive."""

    machine_name: str
    friendly_name: str
    type: FieldType
    description: str = ""
    max_length: int = _LONGEST_OTHERWISE
    choices: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    pii: str = "none"

    @property
    def is_a_persons_name(self) -> bool:
        """Whether it may hold no digits."""
        return "no digits" in self.checks


@dataclass(frozen=True, slots=True)
class EndUserType:
    """Who asks for the number: an individual or a business."""

    machine_name: str
    friendly_name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A kind of paper. `category`: identity, business, address, address_record, authority, form ..."""

    machine_name: str
    friendly_name: str
    category: str
    for_end_user: str  # individual, business or both
    fields: tuple[Field, ...]
    expires: bool
    file_required: bool
    local_names: Mapping[str, str]  # by country: what the paper is called there
    note: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something fails. `stage`: evaluation, review or lifecycle; `twilio_code` where Twilio has one."""

    code: str
    stage: str
    twilio_code: int | None
    explanation: str
    how_to_fix: str

    def sentence(self, detail: str = "") -> str:
        """The explanation, in the language that is spoken now, and behind a colon what it is about here."""
        explanation = gettext(self.explanation)
        return f"{explanation.rstrip('.')}: {detail}." if detail else explanation

    def retold(self, kept: str) -> str:
        """A sentence of it that was kept in English, in the language that is spoken now; what a person wrote instead,
        and a detail that nobody translated, stay as they are."""
        explanation, _, detail = kept.partition(": ")
        if detail and explanation == self.explanation.rstrip("."):
            return self.sentence(gettext(detail.removesuffix(".")))
        return gettext(kept) if kept else ""


@dataclass(frozen=True, slots=True)
class FileRules:
    """What an uploaded file may be."""

    mime_types: tuple[str, ...]
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The four common files, by machine name or code."""

    fields: Mapping[str, Field]
    end_user_types: Mapping[str, EndUserType]
    document_types: Mapping[str, DocumentType]
    reasons: Mapping[str, Reason]
    address_scopes: Mapping[str, str]
    po_box: re.Pattern[str]
    files: FileRules

    def field(self, name: str) -> Field:
        """The field of that name; one that no file describes is plain text."""
        return self.fields.get(name) or Field(name, _friendly(name), FieldType.STRING)

    def document_type(self, name: str) -> DocumentType | None:
        """The document type of that name or alias."""
        return self.document_types.get(DOCUMENT_TYPE_ALIASES.get(name, name))

    def document_name(self, name: str) -> str:
        """What a document type is called; for one that no file describes, its machine name as words."""
        found = self.document_type(name)
        return found.friendly_name if found else _friendly(name)

    def retold(self, code: str, kept: str) -> str:
        """A sentence that was kept for the reason of that code, in the language that is spoken now."""
        reason = self.reasons.get(code)
        return reason.retold(kept) if reason else kept

    def end_user_name(self, name: str) -> str:
        """What an end-user type is called."""
        found = self.end_user_types.get(name)
        return found.friendly_name if found else _friendly(name)


@cache
def catalogue() -> Catalogue:
    """The catalogue of this process."""
    return read_catalogue(COUNTRY_FILES)


def read_catalogue(folder: Path) -> Catalogue:
    """Read the four common files of a folder. Raises OSError, KeyError or yaml.YAMLError for what is not there."""
    people, papers = _read(folder, "end_user_types"), _read(folder, "supporting_document_types")
    addresses, reasons = _read(folder, "address_rules"), _read(folder, "rejection_reasons")["reasons"]
    fields = dict(map(_field, people["fields"])) | _PAPER_FIELDS
    return Catalogue(
        fields=fields,
        end_user_types={given["machine_name"]: _end_user_type(given, fields) for given in people["types"]},
        document_types={given["machine_name"]: _document_type(given, fields) for given in papers["types"]},
        reasons={given["code"]: _reason(given) for given in reasons},
        address_scopes=addresses["address_scopes"],
        po_box=re.compile(addresses["po_box_pattern"]),
        files=FileRules(tuple(papers["file_rules"]["mime_types"]), papers["file_rules"]["max_bytes"]),
    )


#: Fields that only papers have: the common files name them, and describe none of them.
_PAPER_FIELDS = {
    field.machine_name: field
    for field in (
        Field("address_sids", "Address sid(s)", FieldType.ADDRESS_SIDS, "The addresses that the paper shows."),
        Field("issue_date", "Issue date", FieldType.DATE, "Day of issue, ISO 8601."),
        Field("expiration_date", "Expiration date", FieldType.DATE, "Last day on which it is valid, ISO 8601."),
        Field("issuing_country", "Issuing country", FieldType.COUNTRY, "ISO 3166-1 alpha-2 code."),
    )
}


def _read(folder: Path, name: str) -> dict[str, Any]:
    text = folder.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=yaml.CSafeLoader))


def _field(given: Mapping[str, Any]) -> tuple[str, Field]:
    kind = FieldType(given["type"])
    return given["machine_name"], Field(
        machine_name=given["machine_name"],
        friendly_name=given["friendly_name"],
        type=kind,
        description=given.get("description") or "",
        max_length=given.get("max_length") or _LONGEST.get(kind, _LONGEST_OTHERWISE),
        choices=tuple(map(str, given.get("choices") or ())),
        checks=tuple(given.get("checks") or ()),
        pii=given.get("pii") or "none",
    )


def _end_user_type(given: Mapping[str, Any], fields: Mapping[str, Field]) -> EndUserType:
    return EndUserType(
        machine_name=given["machine_name"],
        friendly_name=given["friendly_name"],
        description=given["description"],
        fields=_named(given["fields"], fields),
    )


def _document_type(given: Mapping[str, Any], fields: Mapping[str, Field]) -> DocumentType:
    return DocumentType(
        machine_name=given["machine_name"],
        friendly_name=given["friendly_name"],
        category=given["category"],
        for_end_user=given["for_end_user"],
        fields=_named(given["fields"], fields),
        expires=bool(given.get("expires")),
        file_required=bool(given.get("file_required", True)),
        local_names=given.get("local_names") or {},
        note=given.get("note") or "",
    )


def _named(names: Iterable[str], fields: Mapping[str, Field]) -> tuple[Field, ...]:
    return tuple(fields[name] for name in names)


def _reason(given: Mapping[str, Any]) -> Reason:
    return Reason(given["code"], given["stage"], given["twilio_error_code"], given["explanation"], given["how_to_fix"])


def _friendly(name: str) -> str:
    return name.replace("_", " ").capitalize()
