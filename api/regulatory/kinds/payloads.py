"""The two catalogues: what kinds of end user and of paper there are, and which fields they have."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Annotated, Any, NamedTuple, TypedDict

from api.bodies import Keyword, Sid
from api.regulatory.words import address_of
from compliance.rulebook.catalogue import DocumentType, EndUserType, Field, FieldType, catalogue

Constraint = Annotated[str, Keyword("enum", ("String", "List"))]


class FieldExtrasBody(TypedDict):
    """What Twilio tells in prose, if at all."""

    type: str
    max_length: int
    choices: list[str]
    pii: str


class FieldBody(TypedDict):
    """One detail that may be given."""

    friendly_name: str
    machine_name: str
    constraint: Constraint
    numberyard: FieldExtrasBody


class EndUserTypeBody(TypedDict):
    """A kind of end user."""

    sid: Sid
    friendly_name: str
    machine_name: str
    fields: list[FieldBody]
    url: str


class DocumentTypeExtrasBody(TypedDict):
    """What Twilio does not tell of a kind of paper."""

    category: str
    for_end_user: str
    expires: bool
    file_required: bool
    local_names: dict[str, str]


class DocumentTypeBody(EndUserTypeBody):
    """A kind of paper."""

    numberyard: DocumentTypeExtrasBody


class Catalogue(NamedTuple):
    """One of the two: its name in paths, that of its rows, its entries by machine name, and how one is shown."""

    path: str
    records: str
    entries: Callable[[], Mapping[str, Any]]
    shown: Callable[[Any], Any]
    body: Any


def type_sid(path: str, machine_name: str) -> str:
    """The SID of an entry: derived from its name, so it is the same in every installation."""
    return "OY" + sha256(f"{path}/{machine_name}".encode()).hexdigest()[:32]


def end_user_type(kind: EndUserType) -> EndUserTypeBody:
    """A kind of end user, with all the fields that any country asks of one."""
    return {
        "sid": type_sid("EndUserTypes", kind.machine_name),
        "friendly_name": kind.friendly_name,
        "machine_name": kind.machine_name,
        "fields": [field(each) for each in kind.fields],
        "url": address_of(f"EndUserTypes/{type_sid('EndUserTypes', kind.machine_name)}"),
    }


def document_type(kind: DocumentType) -> DocumentTypeBody:
    """A kind of paper, with all the fields that it can show."""
    return {
        "sid": type_sid("SupportingDocumentTypes", kind.machine_name),
        "friendly_name": kind.friendly_name,
        "machine_name": kind.machine_name,
        "fields": [field(each) for each in kind.fields],
        "url": address_of(f"SupportingDocumentTypes/{type_sid('SupportingDocumentTypes', kind.machine_name)}"),
        "numberyard": {
            "category": kind.category,
            "for_end_user": kind.for_end_user,
            "expires": kind.expires,
            "file_required": kind.file_required,
            "local_names": dict(kind.local_names),
        },
    }


def field(each: Field) -> FieldBody:
    """One field of a type."""
    return {
        "friendly_name": each.friendly_name,
        "machine_name": each.machine_name,
        "constraint": constraint(each),
        "numberyard": {
            "type": each.type,
            "max_length": each.max_length,
            "choices": list(each.choices),
            "pii": each.pii,
        },
    }


def constraint(each: Field) -> Constraint:
    """Twilio's word for how a value is written."""
    return "List" if each.type == FieldType.ADDRESS_SIDS else "String"


END_USER_TYPES = Catalogue(
    path="EndUserTypes",
    records="end_user_types",
    entries=lambda: catalogue().end_user_types,
    shown=end_user_type,
    body=EndUserTypeBody,
)
DOCUMENT_TYPES = Catalogue(
    path="SupportingDocumentTypes",
    records="supporting_document_types",
    entries=lambda: catalogue().document_types,
    shown=document_type,
    body=DocumentTypeBody,
)
