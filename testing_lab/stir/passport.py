"""PASSporT, the token in an Identity header: who calls whom, how surely, and who signs for it (RFC 8225, RFC 8588)."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

LONGEST = 8192  # characters of an Identity header that we read
_TOKEN = re.compile(r"\s*([\w-]+)\.([\w-]+)\.([\w-]+)\s*(?:;.*)?", re.ASCII | re.DOTALL)


class BadPassport(ValueError):
    """The Identity header carries no token that can be read."""


class BadCertificate(ValueError):
    """The certificate is none, or has no key for ES256."""


@dataclass(frozen=True, slots=True)
class Passport:
    """`orig` and `dest` are E.164 with plus, `issued_at` unix seconds; what a token leaves out is empty or 0."""

    orig: str
    dest: tuple[str, ...]
    attestation: str
    issued_at: int
    certificate_url: str
    signed: bytes
    signature: bytes

    def is_signed_with(self, certificate: bytes) -> bool:
        """Whether the token is as it was when the certificate's key signed it (ES256, RFC 8225 6; PEM, RFC 8226).

        Raises BadCertificate.
        """
        key = _key_of(certificate)
        if len(self.signature) != 64:
            return False
        r, s = (int.from_bytes(half, "big") for half in (self.signature[:32], self.signature[32:]))
        try:
            key.verify(utils.encode_dss_signature(r, s), self.signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def is_issued_under(self, certificate: bytes) -> bool:
        """Whether the certificate was valid at `issued_at` (X.509's dates, RFC 5280 4.1.2.5). Raises BadCertificate."""
        try:
            signer = x509.load_pem_x509_certificate(certificate)
            return signer.not_valid_before_utc.timestamp() <= self.issued_at <= signer.not_valid_after_utc.timestamp()
        except ValueError as error:
            raise BadCertificate("not a certificate") from error


def read(identity: str) -> Passport:
    """The token of an Identity header, unverified. SHAKEN uses the full form (ATIS-1000074).

    Raises BadPassport for anything else.
    """
    found = _TOKEN.fullmatch(identity) if len(identity) <= LONGEST else None
    if found is None:
        raise BadPassport("not a token in full form")
    header, claims = _document(found[1]), _document(found[2])
    if header.get("alg") != "ES256":
        raise BadPassport("not signed with ES256")
    return Passport(
        orig=_numbers(claims, "orig")[0] if _numbers(claims, "orig") else "",
        dest=_numbers(claims, "dest"),
        attestation=str(claims.get("attest", "")),
        issued_at=claims["iat"] if isinstance(claims.get("iat"), int) else 0,
        certificate_url=str(header.get("x5u", "")),
        signed=f"{found[1]}.{found[2]}".encode(),
        signature=_octets(found[3]),
    )


def shaken(identities: Sequence[str]) -> str | None:
    """Of several Identity headers the one that is SHAKEN's (RFC 8588 `ppt=shaken`), or else the first."""
    marked = [value for value in identities if re.search(r';\s*ppt="?shaken\b', value)]
    return next(iter([*marked, *identities]), None)


def _key_of(certificate: bytes) -> ec.EllipticCurvePublicKey:
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
    except ValueError as error:
        raise BadCertificate("not a certificate") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadCertificate("not a key for ES256")
    return key


def _document(part: str) -> dict[str, Any]:
    try:
        document = json.loads(_octets(part))
    except (ValueError, RecursionError) as error:
        raise BadPassport("not JSON") from error
    if not isinstance(document, dict):
        raise BadPassport("not a JSON object")
    return document


def _octets(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise BadPassport("not base64url") from error


def _numbers(claims: dict[str, Any], name: str) -> tuple[str, ...]:
    """`{"tn": "12025550142"}` or a list of them, as E.164 (RFC 8225 5.2.1; canonical numbers carry no plus)."""
    party = claims.get(name)
    found = party.get("tn", ()) if isinstance(party, dict) else ()
    listed = found if isinstance(found, list | tuple) else (found,)
    return tuple(f"+{number.lstrip('+')}" for number in listed if isinstance(number, str))
