"""Erasures as /compliance/v1 shows them."""

from typing import Any, TypedDict

from api.bodies import Iso8601, Sid
from api.rendering import iso8601
from compliance.models import Erasure


class ErasureBody(TypedDict):
    """The proof: what was erased, as SIDs and digests of the last ciphertexts, and what was kept for others."""

    end_user_sid: Sid
    account_sid: Sid
    reason: str
    erased: list[dict[str, Any]]
    kept: list[str]
    date_erased: Iso8601 | None


def erasure(proof: Erasure) -> ErasureBody:
    """The body of one."""
    return {
        "end_user_sid": proof.subject_sid,
        "account_sid": proof.account.sid,
        "reason": proof.reason,
        "erased": proof.items,
        "kept": proof.kept,
        "date_erased": iso8601(proof.at),
    }
