"""What is asked before a number is assigned, as the API says it, and what an answer says that refuses to assign one."""

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from django.conf import settings

from api.bodies import Keyword, Sid
from api.bundles.spelling import STATUS_OF
from compliance.asked import Applying, Asked
from compliance.unmet import LiesIn, Unmet


class ApplyingRegulationBody(TypedDict):
    """A regulation that a bundle for such a number may be for."""

    sid: Sid
    end_user_type: Annotated[str, Keyword("enum", ("individual", "business"))]
    available: Annotated[str, Keyword("enum", ("yes", "no", "unknown"))]
    url: str


class AskedBody(TypedDict):
    """What is asked before the number is assigned; not confirmed: an operator decides."""

    address_requirement: Annotated[str, Keyword("enum", ("none", "any", "local", "foreign", "unknown"))]
    bundle_required: bool
    requirements_confirmed: bool
    regulations: list[ApplyingRegulationBody]


def body(asked: Asked) -> AskedBody:
    """For rows of a search, owned numbers and reservations."""
    return {
        "address_requirement": asked.address_requirement,
        "bundle_required": asked.needs_bundle,
        "requirements_confirmed": asked.confirmed,
        "regulations": [regulation(each) for each in asked.regulations],
    }


def regulation(applying: Applying) -> ApplyingRegulationBody:
    """Which it is, and where all of it is told."""
    return {
        "sid": applying.sid,
        "end_user_type": applying.end_user_type,
        "available": applying.available.value,
        "url": f"{settings.PUBLIC_URL}/v2/RegulatoryCompliance/Regulations/{applying.sid}",
    }


def details(error: Unmet, codes: Mapping[type[Exception], int]) -> dict[str, Any]:
    """Everything that is unmet, in Twilio's order, each with its own code."""
    return {"unmet": [_unmet(each, codes[type(each)]) for each in error.all]}


def _unmet(each: Unmet, code: int) -> dict[str, Any]:
    return {
        "code": code,
        "message": each.said(STATUS_OF),
        "requirement": each.requirement,
        "hint": each.hint,
        "address_must_lie_in": _lies_in(each.lies_in),
        "regulations": [regulation(applying) for applying in each.asked.regulations],
        "more_info": f"{settings.PUBLIC_URL}/docs/errors/{code}",
    }


def _lies_in(where: LiesIn | None) -> dict[str, Any] | None:
    return where and {"scope": where.scope.value, "country": where.country, "towns": list(where.towns)}
