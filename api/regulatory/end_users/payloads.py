"""An end user as RegulatoryCompliance shows it, to its owner: whole, with everything that he gave."""

from typing import Annotated, Any, TypedDict

from api.bodies import Iso8601, Keyword, Sid
from api.regulatory.warnings import WarningsBody, unlisted
from api.regulatory.words import address_of
from api.rendering import iso8601
from compliance.models import EndUser, EndUserType
from compliance.rulebook.catalogue import catalogue

EndUserTypeText = Annotated[str, Keyword("enum", tuple(EndUserType.values))]


class EndUserBody(TypedDict):
    """The person or business that will use a number."""

    sid: Sid
    account_sid: Sid
    friendly_name: str
    type: EndUserTypeText
    attributes: dict[str, Any]
    date_created: Iso8601 | None
    date_updated: Iso8601 | None
    url: str
    numberyard: WarningsBody


def end_user(row: EndUser, account_sid: str) -> EndUserBody:
    """An end user of that account."""
    kind = catalogue().end_user_types[row.type]
    return {
        "sid": row.sid,
        "account_sid": account_sid,
        "friendly_name": row.friendly_name,
        "type": row.type,
        "attributes": row.attributes,
        "date_created": iso8601(row.created_at),
        "date_updated": iso8601(row.updated_at),
        "url": address_of(f"EndUsers/{row.sid}"),
        "numberyard": {"warnings": unlisted(row.attributes, kind.fields, f"End users of type {row.type}")},
    }
