"""An evaluation in Twilio's shape (contract 3.3); our own reasons and hints stand under `numberyard`."""

from typing import Any, Literal, TypedDict

from api.bodies import Iso8601, Sid
from api.bundles.results import RequirementResultBody, result
from api.regulatory.words import address_of
from api.rendering import iso8601
from compliance.models import Evaluation


class EvaluationNoteBody(TypedDict):
    """Something that fails nothing: a reviewer looks at it, or the customer should know it."""

    code: str
    requirement_name: str | None
    object_sid: str | None
    object_field: str | None
    message: str


class EvaluationExtrasBody(TypedDict):
    """The version of the country's rules, what a reviewer will look at (flags), and warnings."""

    regulation_version: int
    flags: list[EvaluationNoteBody]
    warnings: list[EvaluationNoteBody]


class EvaluationBody(TypedDict):
    """What the rules in force said of a bundle."""

    sid: Sid
    account_sid: Sid
    regulation_sid: Sid
    bundle_sid: Sid
    status: Literal["compliant", "noncompliant"]
    results: list[RequirementResultBody]
    date_created: Iso8601 | None
    url: str
    numberyard: EvaluationExtrasBody


def evaluation(row: Evaluation) -> EvaluationBody:
    """One that was made and kept."""
    bundle = row.bundle
    return {
        "sid": row.sid,
        "account_sid": bundle.account.sid,
        "regulation_sid": bundle.regulation.sid,
        "bundle_sid": bundle.sid,
        "status": "compliant" if row.compliant else "noncompliant",
        "results": [result(each) for each in row.results],
        "date_created": iso8601(row.created_at),
        "url": address_of(f"Bundles/{bundle.sid}/Evaluations/{row.sid}"),
        "numberyard": {
            "regulation_version": row.version.rulebook.version,
            "flags": [_note(note) for note in row.flags if note["kind"] == "flag"],
            "warnings": [_note(note) for note in row.flags if note["kind"] == "warning"],
        },
    }


def _note(kept: dict[str, Any]) -> EvaluationNoteBody:
    return {
        "code": kept["code"],
        "requirement_name": kept["requirement_name"] or None,
        "object_sid": kept["object_sid"] or None,
        "object_field": kept["field"] or None,
        "message": kept["sentence"],
    }
