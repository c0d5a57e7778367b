"""Vouching for the caller: a PASSporT in the Identity header, signed with this process's own test certificate.

RFC 8224, RFC 8225, RFC 8588; ATIS-1000074. No authority stands behind the certificate: whoever verifies must trust the
address `x5u` where this sandbox serves it.
"""

from __future__ import annotations

import base64
import datetime
import json
import time
import uuid
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

FRAMEWORKS = ("+1", "+33")  # SHAKEN of the NANP, and the French MAN: tokens stay within one


def is_signed(caller: str, callee: str) -> bool:
    """Whether a call between the two is signed."""
    return any(caller.startswith(code) and callee.startswith(code) for code in FRAMEWORKS)


class Signer:
    """`address` is where the certificates are served: host:port of the HTTP door, known once that is open.

    `certificates` by path: one that is valid, and one of the same key that has run out.
    """

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.address = ""
        self.certificates: dict[str, bytes] = {}
        self._valid, self._run_out = (self._publish(valid_for) for valid_for in (365, -1))

    def identity(
        self, caller: str, callee: str, attestation: str, *, claimed: str | None = None, valid: bool = True
    ) -> str:
        """The Identity header. `claimed` is the attestation that stands in the token in place of the signed one."""
        url = f"http://{self.address}{self._valid if valid else self._run_out}"
        header = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": url}
        claims = {
            "attest": attestation,
            "dest": {"tn": [callee.lstrip("+")]},
            "iat": int(time.time()),
            "orig": {"tn": caller.lstrip("+")},
            "origid": str(uuid.uuid4()),
        }
        signature = self._sign(f"{_part(header)}.{_part(claims)}")
        shown = claims if claimed is None else {**claims, "attest": claimed}
        return f"{_part(header)}.{_part(shown)}.{signature};info=<{url}>;alg=ES256;ppt=shaken"

    def _publish(self, valid_for: int) -> str:
        """Make a certificate that ends in so many days; its path. A new process has a new key, hence other paths."""
        pem = _certificate(self._key, valid_for)
        path = f"/certificates/{x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()}.pem"
        self.certificates[path] = pem
        return path

    def _sign(self, text: str) -> str:
        """ES256: the two integers of the signature, 32 octets each (RFC 7518 3.4)."""
        r, s = utils.decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return _base64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def _certificate(key: ec.EllipticCurvePrivateKey, valid_for: int) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SHAKEN test of the sandbox carrier")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - datetime.timedelta(days=2),
        not_valid_after=now + datetime.timedelta(days=valid_for),
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _part(document: dict[str, Any]) -> str:
    """Keys in order, no white space (RFC 8225 9)."""
    return _base64(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
