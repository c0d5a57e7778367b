"""Whether a website is one that others can look at."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
_TOP_LEVEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}", re.ASCII)
#: Names that lead nowhere in public: RFC 2606, 6761, 6762, 7686, 9476, ICANN's `internal`, and common home networks.
_NOT_PUBLIC = frozenset(
    {
        *("alt", "arpa", "corp", "example", "home", "internal", "invalid", "lan", "local", "localdomain"),
        *("localhost", "onion", "test"),
    }
)


def is_public(text: str) -> bool:
    """Whether it is an http or https address whose host is a public name or address; nothing is looked up."""
    if " " in text or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        host, _, user = parts.hostname or "", parts.port, parts.username
        name = (host if host.isascii() else host.encode("idna").decode()).removesuffix(".")
    except ValueError:  # brackets, a port that is none, a name that IDNA does not have
        return False
    if parts.scheme not in ("http", "https") or user is not None:
        return False
    return _is_global(host) if ":" in host or host[-1:].isdigit() else _is_public_name(name)


def _is_global(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return False


def _is_public_name(name: str) -> bool:
    labels = name.split(".")
    return (
        len(labels) > 1
        and all(map(_LABEL.fullmatch, labels))
        and labels[-1] not in _NOT_PUBLIC
        and _TOP_LEVEL.fullmatch(labels[-1]) is not None
    )
