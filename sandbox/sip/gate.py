"""Who may call over a trunk: digest authentication as a proxy asks for it (RFC 3261 22.3, RFC 7616)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, field

from sandbox.sip.message import Message

REALM = "sandbox"
NONCE_SECONDS = 60.0  # then it is stale
MOST_NONCES = 10_000
_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(slots=True)
class _Nonce:
    made_at: float = field(default_factory=time.monotonic)
    served: set[str] = field(default_factory=set)  # counts that have been used


class Gate:
    """One user. Each nonce serves for many requests, each under a count of its own, until it is stale."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._secret = user, _md5(f"{user}:{REALM}:{password}")
        self._nonces: dict[str, _Nonce] = {}

    def refusal(self, request: Message) -> str | None:
        """The Proxy-Authenticate of a 407, or None to let the request pass."""
        given = {m[1].lower(): m[2] or m[3] or "" for m in _PAIR.finditer(request.first("proxy-authorization") or "")}
        if not given or not self._is_right(given, request):
            return self._challenge(stale=False)
        nonce = self._nonces.get(given.get("nonce", ""))
        if nonce is None or time.monotonic() - nonce.made_at > NONCE_SECONDS or given["nc"] in nonce.served:
            return self._challenge(stale=True)
        nonce.served.add(given["nc"])
        return None

    def _is_right(self, given: dict[str, str], request: Message) -> bool:
        if given.get("username") != self._user or given.get("uri") != request.uri or given.get("qop") != "auth":
            return False
        what = _md5(f"{request.method}:{request.uri}")
        fields = (given.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        right = _md5(":".join([self._secret, *fields, what]))
        return hmac.compare_digest(right, given.get("response", "")) and bool(given.get("nc"))

    def _challenge(self, *, stale: bool) -> str:
        while len(self._nonces) >= MOST_NONCES:
            del self._nonces[next(iter(self._nonces))]
        nonce = secrets.token_hex(16)
        self._nonces[nonce] = _Nonce()
        return f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm=MD5{", stale=true" if stale else ""}'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
