"""A bundle, and what was assigned to it, as /v2/RegulatoryCompliance shows them (contract 3)."""

from typing import TypedDict

from api.bodies import CountryCode, Iso8601, Sid
from api.bundles.spelling import STATUS_OF, Status
from api.regulatory.words import address_of, hyphened
from api.rendering import iso8601
from compliance.models import Bundle, BundleEntry, ItemAssignment
from compliance.services.verdicts import Told, told_of


class BundleLinksBody(TypedDict):
    """Where the parts of a bundle are."""

    evaluations: str
    item_assignments: str
    bundle_copies: str


class BundleTermsBody(TypedDict):
    """What Twilio doesn't tell of a bundle: for whom it is, and how long things take."""

    iso_country: CountryCode
    number_type: str
    end_user_type: str
    is_test: bool
    date_status_changed: Iso8601 | None
    date_review_due: Iso8601 | None
    regulation_version: int | None
    copied_from: Sid | None


class BundleVerdictBody(TypedDict):
    """One item, and what became of it in review."""

    item_assignment_sid: Sid
    object_sid: Sid
    requirement_name: str | None
    status: str
    reason: str | None
    failure_reason: str | None
    how_to_fix: str | None


class SubmissionBody(TypedDict):
    """What the evaluation found when the bundle was handed in."""

    evaluation_sid: Sid
    status: str
    faults: list[str]
    flags: list[str]
    date_created: Iso8601 | None


class BundleEventBody(TypedDict):
    """One line of the ledger. `actor`: the account that did it, or which part of ours."""

    verb: str
    status: Status
    actor: str
    reason: str | None
    date: Iso8601 | None


class BundleDetailsBody(BundleTermsBody):
    """The same and more: items, submissions and all that happened, the newest last."""

    items: list[BundleVerdictBody]
    submissions: list[SubmissionBody]
    history: list[BundleEventBody]


class PlainBundleBody(TypedDict):
    """What a bundle has in common with its copies and clones."""

    account_sid: Sid
    regulation_sid: Sid
    friendly_name: str
    status: Status
    valid_until: Iso8601 | None
    email: str
    status_callback: str | None
    date_created: Iso8601 | None
    date_updated: Iso8601 | None


class BundleCopyBody(PlainBundleBody):
    """A copy of a bundle, or one whose items were replaced."""

    sid: Sid
    numberyard: BundleTermsBody


class BundleRowBody(BundleCopyBody):
    """A bundle in a list."""

    url: str
    links: BundleLinksBody


class BundleBody(PlainBundleBody):
    """A bundle."""

    sid: Sid
    url: str
    links: BundleLinksBody
    numberyard: BundleDetailsBody


class BundleCloneBody(PlainBundleBody):
    """A bundle in another account."""

    bundle_sid: Sid
    url: str


class ItemAssignmentExtrasBody(TypedDict):
    """Which requirement a document is meant for; null: whichever it serves best."""

    requirement_name: str | None


class ItemAssignmentBody(TypedDict):
    """An end user or a document in a bundle."""

    sid: Sid
    bundle_sid: Sid
    account_sid: Sid
    object_sid: Sid
    date_created: Iso8601 | None
    url: str
    numberyard: ItemAssignmentExtrasBody


def bundle(row: Bundle, items: list[ItemAssignment], history: list[BundleEntry]) -> BundleBody:
    """A bundle with its live items and its whole ledger, the oldest entry first."""
    details: BundleDetailsBody = {
        **terms(row),
        "items": [verdict(item, told_of(item, row, history)) for item in items],
        "submissions": [_submission(entry) for entry in history if entry.verb == "submit" and entry.data],
        "history": [event(entry) for entry in history],
    }
    return {**_plain(row), "sid": row.sid, "url": _url(row), "links": _links(row), "numberyard": details}


def bundle_row(row: Bundle) -> BundleRowBody:
    """A bundle in a list."""
    return {**copy(row), "url": _url(row), "links": _links(row)}


def copy(row: Bundle) -> BundleCopyBody:
    """A copy, or a bundle whose items were replaced: without its links, as the contract has it."""
    return {**_plain(row), "sid": row.sid, "numberyard": terms(row)}


def clone(row: Bundle) -> BundleCloneBody:
    """`bundle_sid` instead of `sid`."""
    return {**_plain(row), "bundle_sid": row.sid, "url": f"{_url(row)}/Clones"}


def terms(row: Bundle) -> BundleTermsBody:
    """What stands under our own key."""
    return {
        "iso_country": row.regulation.country,
        "number_type": hyphened(row.regulation.number_type),
        "end_user_type": row.regulation.end_user_type,
        "is_test": row.is_test,
        "date_status_changed": iso8601(row.state_since),
        "date_review_due": iso8601(row.due_at),
        "regulation_version": row.approved_under.rulebook.version if row.approved_under else None,
        "copied_from": row.copied_from.sid if row.copied_from else None,
    }


def verdict(item: ItemAssignment, told: Told) -> BundleVerdictBody:
    """How far an end user or a paper has come, and why it was rejected."""
    return {
        "item_assignment_sid": item.sid,
        "object_sid": _object_sid(item),
        "requirement_name": item.requirement_name or None,
        "status": hyphened(told.status),
        "reason": told.reason or None,
        "failure_reason": told.sentence or None,
        "how_to_fix": told.fix_hint or None,
    }


def event(entry: BundleEntry) -> BundleEventBody:
    """Staff are not named to customers."""
    kind, _, who = entry.actor.partition(":")
    return {
        "verb": entry.verb,
        "status": STATUS_OF[entry.target],
        "actor": who if kind == "account" else {"user": "reviewer"}.get(kind, kind),
        "reason": entry.reason or None,
        "date": iso8601(entry.at),
    }


def item(row: ItemAssignment, account_sid: str) -> ItemAssignmentBody:
    """An item of `row.bundle`."""
    return {
        "sid": row.sid,
        "bundle_sid": row.bundle.sid,
        "account_sid": account_sid,
        "object_sid": _object_sid(row),
        "date_created": iso8601(row.created_at),
        "url": f"{_url(row.bundle)}/ItemAssignments/{row.sid}",
        "numberyard": {"requirement_name": row.requirement_name or None},
    }


def _plain(row: Bundle) -> PlainBundleBody:
    return {
        "account_sid": row.account.sid,
        "regulation_sid": row.regulation.sid,
        "friendly_name": row.friendly_name,
        "status": STATUS_OF[row.state],
        "valid_until": iso8601(row.valid_until),
        "email": row.email,
        "status_callback": row.status_callback or None,
        "date_created": iso8601(row.created_at),
        "date_updated": iso8601(row.updated_at),
    }


def _links(row: Bundle) -> BundleLinksBody:
    url = _url(row)
    return {
        "evaluations": f"{url}/Evaluations",
        "item_assignments": f"{url}/ItemAssignments",
        "bundle_copies": f"{url}/Copies",
    }


def _url(row: Bundle) -> str:
    return address_of(f"Bundles/{row.sid}")


def _object_sid(row: ItemAssignment) -> str:
    held = row.end_user or row.document
    assert held is not None  # noqa: S101 - a constraint: it is one or the other
    return held.sid


def _submission(entry: BundleEntry) -> SubmissionBody:
    return {
        "evaluation_sid": entry.data["evaluation"],
        "status": "compliant" if entry.data["compliant"] else "noncompliant",
        "faults": entry.data["faults"],
        "flags": entry.data["flags"],
        "date_created": iso8601(entry.at),
    }
