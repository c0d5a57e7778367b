"""Tokens signed by hand, as an authentication service would (RFC 8224 4.1), and some that none would."""

import base64
import datetime
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.x509.oid import NameOID

URL = "https://certificates.example/shaken.pem"
NOW = 1_795_000_000


def part(document: object) -> str:
    octets = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def certificate_of(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    """A certificate of this key, from an authority that nobody knows."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key, 1, start, start + datetime.timedelta(days=3650))
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(
        serialization.Encoding.PEM
    )


@dataclass
class Signatory:
    """Signs with a key of its own."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def certificate(self) -> bytes:
        return certificate_of(self.key.public_key())

    def identity(self, caller: str, callee: str, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """An Identity header for a call; `header` and `claims` change the token, which is then signed."""
        first = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": URL, **(header or {})}
        second = {
            "attest": "A",
            "dest": {"tn": [callee.lstrip("+")]},
            "iat": NOW,
            "orig": {"tn": caller.lstrip("+")},
            **claims,
        }
        signed = f"{part(first)}.{part(second)}"
        r, s = utils.decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=").decode()
        return f"{signed}.{signature};info=<{URL}>;alg=ES256;ppt=shaken"
