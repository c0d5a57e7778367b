"""Digest authentication of a user agent client (RFC 3261 22, RFC 2617, RFC 7616 as applied by RFC 8760)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from .message import Request, Response

_PAIR = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES = {"SHA-256": "sha256", "MD5": "md5"}  # strongest first: RFC 8760 2.4 lets the client choose
_HEADERS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}
_UNQUOTED = {"algorithm", "qop", "nc"}  # RFC 7616 3.4


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a trunk provider hands out."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One WWW-Authenticate or Proxy-Authenticate value that we can answer."""

    realm: str
    nonce: str
    algorithm: str  # as written, "MD5" when absent
    qop: str  # "auth" or "" (RFC 2069 style)
    opaque: str | None
    stale: bool

    @property
    def hash_name(self) -> str:
        return _HASHES[self.algorithm.upper().removesuffix("-SESS")]


def parse_challenge(value: str) -> Challenge | None:
    """None when it is no Digest, or wants a hash or a quality of protection that we do not speak."""
    scheme, _, rest = value.strip().partition(" ")
    pairs = {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PAIR.finditer(rest)}
    offered = {token.strip().lower() for token in pairs.get("qop", "").split(",") if token.strip()}
    algorithm = pairs.get("algorithm", "MD5")
    usable = algorithm.upper().removesuffix("-SESS") in _HASHES and (not offered or "auth" in offered)
    if scheme.lower() != "digest" or not usable or not pairs.get("nonce"):
        return None
    stale = pairs.get("stale", "").lower() == "true"
    qop = "auth" if offered else ""
    return Challenge(pairs.get("realm", ""), pairs["nonce"], algorithm, qop, pairs.get("opaque"), stale)


def authorise(
    request: Request, response: Response, credentials: Credentials, *, next_cseq: Callable[[], int]
) -> Request | None:
    """The request again, every header kept, with the next CSeq and credentials for the 401 or 407 (RFC 3261 22.2).

    Returns None when no challenge can be answered, or when this realm already refused our credentials
    and does not say that only the nonce was stale.
    """
    challenge_header, answer_header = _HEADERS[response.status]
    parsed = [challenge for value in response.headers.all(challenge_header) if (challenge := parse_challenge(value))]
    if not parsed:
        return None
    challenge = min(parsed, key=lambda c: list(_HASHES.values()).index(c.hash_name))
    if answer_header in request.headers and not challenge.stale:
        return None
    retry = request.copy()
    retry.headers.replace("CSeq", f"{next_cseq()} {request.method}")
    answer = _answer(challenge, credentials, method=request.method, uri=request.uri)
    retry.headers.replace(answer_header, answer)
    return retry


def _answer(challenge: Challenge, credentials: Credentials, *, method: str, uri: str) -> str:
    cnonce, count = secrets.token_hex(8), "00000001"  # every nonce is used once
    fields = {
        "username": credentials.username,
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": uri,
        "response": digest(challenge, credentials, method=method, uri=uri, cnonce=cnonce),
        "algorithm": challenge.algorithm,
    }
    if challenge.qop:
        fields.update(qop=challenge.qop, nc=count, cnonce=cnonce)
    elif challenge.algorithm.upper().endswith("-SESS"):
        fields["cnonce"] = cnonce
    if challenge.opaque is not None:
        fields["opaque"] = challenge.opaque
    return "Digest " + ", ".join(f"{k}={v}" if k in _UNQUOTED else f'{k}="{v}"' for k, v in fields.items())


def digest(challenge: Challenge, credentials: Credentials, *, method: str, uri: str, cnonce: str) -> str:
    """`response` of RFC 7616 3.4.1 for nonce count 1 (RFC 2617 3.2.2.1 without qop), in lower-case hex."""

    def hashed(*parts: str) -> str:
        joined = ":".join(parts).encode()
        return hashlib.new(challenge.hash_name, joined, usedforsecurity=False).hexdigest()

    secret = hashed(credentials.username, challenge.realm, credentials.password)
    if challenge.algorithm.upper().endswith("-SESS"):
        secret = hashed(secret, challenge.nonce, cnonce)
    if not challenge.qop:
        return hashed(secret, challenge.nonce, hashed(method, uri))
    return hashed(secret, challenge.nonce, "00000001", cnonce, challenge.qop, hashed(method, uri))
