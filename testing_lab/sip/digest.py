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


class Login:
    """Credentials at one server, with the nonces that it has handed out.

    A nonce serves for one request after the other, counted, until the server calls it stale (RFC 7616 3.3, 3.4): only
    the first request pays a round trip for it.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._in_hand: dict[str, tuple[Challenge, int]] = {}  # by the header that answers: and how often it has served

    def prepare(self, request: Request) -> None:
        """Add credentials before they are asked for (RFC 3261 22.3), if there is a nonce for them."""
        for header, (challenge, count) in self._in_hand.items():
            if header not in request.headers:
                self._sign(request, header, challenge, count + 1)

    def retry(self, request: Request, response: Response, *, next_cseq: Callable[[], int]) -> Request | None:
        """The request again, every header kept, with the next CSeq and credentials for the 401 or 407 (RFC 3261 22.2).

        Returns None when no challenge can be answered, or when this realm refused our credentials for a nonce that it
        had just handed out, and does not say that only the nonce was stale.
        """
        challenge_header, header = _HEADERS[response.status]
        values = response.headers.all(challenge_header)
        parsed = [challenge for value in values if (challenge := parse_challenge(value))]
        if not parsed:
            return None
        challenge = min(parsed, key=lambda c: list(_HASHES.values()).index(c.hash_name))
        if header in request.headers and not challenge.stale and not _is_reused(request.headers.get(header) or ""):
            self._in_hand.pop(header, None)
            return None
        again = request.copy()
        again.headers.replace("CSeq", f"{next_cseq()} {request.method}")
        self._sign(again, header, challenge, 1)
        return again

    def _sign(self, request: Request, header: str, challenge: Challenge, count: int) -> None:
        answer = _answer(challenge, self._credentials, method=request.method, uri=request.uri, count=count)
        request.headers.replace(header, answer)
        if challenge.qop:  # without it requests are not counted, and a nonce is good for one
            self._in_hand[header] = challenge, count


def _is_reused(answer: str) -> bool:
    """Whether these credentials are of a nonce that has served before: it may have run out."""
    count = re.search(r"\bnc=([0-9a-fA-F]{8})\b", answer)
    return count is not None and int(count[1], 16) > 1


def _answer(challenge: Challenge, credentials: Credentials, *, method: str, uri: str, count: int) -> str:
    cnonce = secrets.token_hex(8)
    fields = {
        "username": credentials.username,
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": uri,
        "response": digest(challenge, credentials, method=method, uri=uri, cnonce=cnonce, count=count),
        "algorithm": challenge.algorithm,
    }
    if challenge.qop:
        fields.update(qop=challenge.qop, nc=f"{count:08x}", cnonce=cnonce)
    elif challenge.algorithm.upper().endswith("-SESS"):
        fields["cnonce"] = cnonce
    if challenge.opaque is not None:
        fields["opaque"] = challenge.opaque
    return "Digest " + ", ".join(f"{k}={v}" if k in _UNQUOTED else f'{k}="{v}"' for k, v in fields.items())


def digest(
    challenge: Challenge, credentials: Credentials, *, method: str, uri: str, cnonce: str, count: int = 1
) -> str:
    """`response` of RFC 7616 3.4.1 (RFC 2617 3.2.2.1 without qop), in lower-case hex."""

    def hashed(*parts: str) -> str:
        joined = ":".join(parts).encode()
        return hashlib.new(challenge.hash_name, joined, usedforsecurity=False).hexdigest()

    secret = hashed(credentials.username, challenge.realm, credentials.password)
    if challenge.algorithm.upper().endswith("-SESS"):
        secret = hashed(secret, challenge.nonce, cnonce)
    if not challenge.qop:
        return hashed(secret, challenge.nonce, hashed(method, uri))
    return hashed(secret, challenge.nonce, f"{count:08x}", cnonce, challenge.qop, hashed(method, uri))
