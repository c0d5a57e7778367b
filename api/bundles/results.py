"""What was found of each requirement, in Twilio's shape (contract 3.3): in evaluations, and in a refusal to submit."""

from typing import Any, TypedDict

from api.bodies import Sid


class EvaluatedFieldExtrasBody(TypedDict):
    """Our reason, and how to mend it; `part` and `object_sid` of an address that a field refers to."""

    reason: str | None
    how_to_fix: str | None
    part: str | None
    object_sid: str | None


class EvaluatedFieldBody(TypedDict):
    """One field of an end user or of a document."""

    friendly_name: str
    object_field: str
    failure_reason: str | None
    error_code: int | None
    numberyard: EvaluatedFieldExtrasBody


class RequirementResultExtrasBody(TypedDict):
    """Which object serves the requirement, our reason, and how to mend it."""

    object_sid: Sid | None
    reason: str | None
    how_to_fix: str | None


class RequirementResultBody(TypedDict):
    """One requirement of the regulation."""

    friendly_name: str
    object_type: str
    passed: bool
    failure_reason: str | None
    error_code: int | None
    requirement_friendly_name: str
    requirement_name: str
    valid: list[EvaluatedFieldBody]
    invalid: list[EvaluatedFieldBody]
    numberyard: RequirementResultExtrasBody


def result(kept: dict[str, Any]) -> RequirementResultBody:
    """One requirement, as `compliance.services.evaluations` keeps it."""
    return {
        "friendly_name": kept["object_friendly_name"],
        "object_type": kept["object_type"],
        "passed": kept["passed"],
        "failure_reason": kept["sentence"] or None,
        "error_code": kept["twilio_code"],
        "requirement_friendly_name": kept["requirement_friendly_name"],
        "requirement_name": kept["requirement_name"],
        "valid": [_field(each) for each in kept["valid"]],
        "invalid": [_field(each) for each in kept["invalid"]],
        "numberyard": {
            "object_sid": kept["object_sid"],
            "reason": kept["reason"],
            "how_to_fix": kept["hint"] or None,
        },
    }


def _field(kept: dict[str, Any]) -> EvaluatedFieldBody:
    return {
        "friendly_name": kept["friendly_name"],
        "object_field": kept["field"],
        "failure_reason": kept["sentence"] or None,
        "error_code": kept["twilio_code"],
        "numberyard": {
            "reason": kept["reason"],
            "how_to_fix": kept["hint"] or None,
            "part": kept["part"] or None,
            "object_sid": kept["object_sid"] or None,
        },
    }
