"""The way to a provider, whose URL the operator may have chosen: over TLS to a public address, or into the networks
that PROVIDER_ALLOWED_NETWORKS names, there also without TLS.

As in `accounts.outgoing`, the host's addresses are looked up once for each request, judged, and connected to; TLS still
proves the name. Redirects are not followed, and proxies of the environment not used: both would lead past the judge.
"""

import socket
from functools import cache, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import httpx
from django.conf import settings

from accounts.outgoing import STANDARD_PORTS, NotPublic, is_public

TIMEOUT = httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=3.0)
TRIED = 3  # addresses of one name


class Outside(httpx.BaseTransport):
    """Connects to judged addresses only. Raises NotPublic beside what httpx raises."""

    def __init__(self) -> None:
        self._connections = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it to the first of the addresses that takes the connection."""
        *others, last = judged(request.url)
        for address in others:
            try:
                return self._connections.handle_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return self._connections.handle_request(_to(last, request))

    def close(self) -> None:
        """Likewise the connections."""
        self._connections.close()


@lru_cache(maxsize=32)
def client(base_url: str) -> httpx.Client:
    """One connection pool for each provider and process. Not shared between hosts: it tells connections apart by their
    address, and two names may have the same."""
    return httpx.Client(base_url=base_url, transport=Outside(), timeout=TIMEOUT, trust_env=False)


def _to(address: str, request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,  # among them the host by its name
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


def judged(url: httpx.URL) -> list[str]:
    """The addresses of the host to which we may connect, in the resolver's order; at least one.

    Raises NotPublic when we may connect to none, httpx.ConnectError when its name can't be resolved.
    """
    if url.scheme not in STANDARD_PORTS or not url.host:
        raise NotPublic("neither http nor https")
    port = url.port or STANDARD_PORTS[url.scheme]
    try:
        found = socket.getaddrinfo(url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"{url.host}: {error}") from error
    addresses = dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)
    if allowed := [address for address in addresses if _may_be_reached(address, url.scheme)]:
        return allowed[:TRIED]
    raise NotPublic("a provider is reached over https at a public address, or in PROVIDER_ALLOWED_NETWORKS")


def _may_be_reached(text: str, scheme: str) -> bool:
    address = ip_address(text)
    if any(address in network for network in _allowed(tuple(settings.PROVIDER_ALLOWED_NETWORKS))):
        return True
    return scheme == "https" and is_public(address)


@cache
def _allowed(networks: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(network) for network in networks]
