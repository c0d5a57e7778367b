"""Requests to addresses that customers name: to the public internet only, and to the very address that was checked.

Whoever may choose where our servers send something may choose our own network (server-side request forgery, CWE-918).
What counts is the address that a name stands for, whatever the name looks like (127.1, 0x7f000001, a name that answers
differently each time), so it is resolved once, judged, and connected to; TLS still proves the name. Redirects are not
followed, proxies of the environment not used, answers not read beyond their head.
"""

import asyncio
import re
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from ssl import SSLContext
from urllib.parse import urlsplit

import httpx
from django.conf import settings

SECONDS = 10.0  # for all of it, from the first name server to the head of the answer
TRIED = 3  # addresses of one name
STANDARD_PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2048
_NO_URL = "expected an absolute http:// or https:// URL"
_NOT_IN_A_URL = re.compile(r"[\s\x00-\x1f\x7f]")
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291, 2.4
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address of a name, seen from an IPv6-only network
#: What `ipaddress` takes for global: protocol assignments (RFC 6890; Oracle's clouds keep their metadata there), relays
#: of 6to4 (RFC 7526), and the host agent of Azure's clouds.
_NOT_GLOBAL = [IPv4Network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")]

#: Not the loop's own threads: when a loop ends it waits for them, and for the slowest name server of a customer's.
_RESOLVERS = ThreadPoolExecutor(32, "resolver")  # so many silent ones hold up nobody else

Address = IPv4Address | IPv6Address


class NotPublic(Exception):
    """The URL leads where customers may not send us. The message has no part of it."""


class Unreachable(Exception):
    """There was no answer; the message is the kind of trouble, without any part of the URL."""


@dataclass(frozen=True)
class Answer:
    """The head of an answer. `retry_after`: seconds that it asks for, if it does so in seconds (RFC 9110, 10.2.3)."""

    status: int
    retry_after: int | None = None


def post(url: str, fields: Mapping[str, str], headers: Mapping[str, str], *, seconds: float = SECONDS) -> Answer:
    """Send a form. Raises NotPublic, Unreachable."""
    return asyncio.run(_post(url, fields, headers, seconds))


def storable(url: str) -> str:
    """An absolute http(s) URL (RFC 3986) of at most 2048 characters, or empty to clear the setting; else ValueError.

    Without user and password (RFC 9110, 4.2.4): they would be stored and shown in clear.
    """
    if len(url) > LONGEST_URL:
        raise ValueError(f"at most {LONGEST_URL} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # no IPv6 host within the brackets, or no such port: said in Python's words
        raise ValueError(_NO_URL) from None
    if url and (parts.scheme not in ("http", "https") or not _is_host(parts.hostname) or _NOT_IN_A_URL.search(url)):
        raise ValueError(_NO_URL)
    if "@" in parts.netloc:
        raise ValueError("a user and a password are not allowed in a URL")
    if port == 0:
        raise ValueError("there is no port 0")
    return url


def may_be_called(url: str) -> bool:
    """Whether `post` could ever go there, as far as the URL tells without asking a name server."""
    try:
        target = httpx.URL(url)
        name = target.host.removesuffix(".")
        address = _literal("127.0.0.1" if name.split(".")[-1] == "localhost" else name)  # RFC 6761, 6.3
    except (httpx.InvalidURL, UnicodeError):
        return False
    standard = STANDARD_PORTS.get(target.scheme)
    if standard is None or not name:
        return False
    port = target.port or standard
    if address:
        return _may_be_reached(address, port)
    return port in settings.CALLBACK_PORTS or bool(settings.CALLBACK_ALLOWED_NETWORKS)


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the internet: not ours, not this network's, not a group's.

    IPv4 inside of IPv6 (mapped, 6to4, NAT64) is what is meant by it.
    """
    if isinstance(address, IPv6Address) and (inner := _inner(address)):
        return is_public(inner)
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    if any(address in network for network in _NOT_GLOBAL):
        return False
    return address.is_global and not address.is_multicast


async def _post(url: str, fields: Mapping[str, str], headers: Mapping[str, str], seconds: float) -> Answer:
    try:
        target = httpx.URL(url)
        async with asyncio.timeout(seconds):
            addresses = await _checked(target)
            async with httpx.AsyncClient(verify=_tls(), timeout=seconds, trust_env=False) as client:
                return await _send(client, target, addresses, fields, headers)
    except httpx.InvalidURL:
        raise NotPublic("not a URL") from None
    except TimeoutError:
        raise Unreachable("no answer in time") from None
    except (httpx.HTTPError, OSError, UnicodeError) as error:
        raise Unreachable(type(error).__name__) from None


async def _send(
    client: httpx.AsyncClient,
    target: httpx.URL,
    addresses: list[str],
    fields: Mapping[str, str],
    headers: Mapping[str, str],
) -> Answer:
    """To the first of the addresses that takes the connection."""
    for number, address in enumerate(addresses, start=1):
        request = client.build_request(
            "POST",
            target.copy_with(host=address, fragment=None),
            data=dict(fields),
            headers={**headers, "Host": target.netloc.decode("ascii")},
            extensions={"sni_hostname": target.raw_host.decode("ascii")},
        )
        try:
            answer = await client.send(request, stream=True)
        except httpx.ConnectError:
            if number == len(addresses):
                raise
            continue
        try:
            return Answer(answer.status_code, _seconds(answer.headers.get("Retry-After", "")))
        finally:
            await answer.aclose()
    raise Unreachable("no address")


async def _checked(target: httpx.URL) -> list[str]:
    """The addresses of the host to which we may connect, in the resolver's order."""
    standard = STANDARD_PORTS.get(target.scheme)
    if standard is None or not target.host:
        raise NotPublic("neither http nor https")
    port = target.port or standard
    ask = partial(socket.getaddrinfo, target.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, ask)
    addresses = dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)
    if allowed := [address for address in addresses if _may_be_reached(ip_address(address), port)]:
        return allowed[:TRIED]
    raise NotPublic("the address or the port is not one that we connect to")


def _is_host(name: str | None) -> bool:
    """Whether no label of it is empty, but for the root after the last dot."""
    return bool(name) and all((name or "").removesuffix(".").split("."))


def _literal(host: str) -> Address | None:
    """The address that stands there itself, in any of its spellings (127.1, 0x7f000001); None: it is a name."""
    try:
        return ip_address(socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)[0][4][0])
    except OSError:
        return None


def _may_be_reached(address: Address, port: int) -> bool:
    """Networks that the operator names may be reached at any port."""
    if any(address in network for network in _allowed(tuple(settings.CALLBACK_ALLOWED_NETWORKS))):
        return True
    return port in settings.CALLBACK_PORTS and is_public(address)


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


@cache
def _allowed(networks: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(network) for network in networks]


@cache
def _tls() -> SSLContext:
    return httpx.create_ssl_context(trust_env=False)  # reads all authorities, 30 ms
