"""The certificates that PASSporTs are signed with, fetched once from repositories that the operator trusts."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence

import httpx

TIMEOUT_S = 5.0  # for all of it: a repository that trickles is none
FRESH_S = 24 * 3600.0  # what was revoked, or replaced in its place, is not believed for longer
LARGEST = 64 * 1024  # octets
KEPT = 256


class NoCertificate(Exception):
    """Not to be had; nothing is known about the token."""


class Certificates:
    """`repositories` are URL prefixes. An address in a token is a stranger's: nothing is fetched from elsewhere."""

    def __init__(self, repositories: Sequence[str] = ()) -> None:
        self._repositories = tuple(each if each.endswith("/") else f"{each}/" for each in repositories if each)
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()  # with the end of its freshness
        self._tls = httpx.create_ssl_context()  # reads all authorities, 30 ms: not while calls are paced

    async def fetch(self, url: str) -> bytes:
        """The PEM at `url`. Raises NoCertificate."""
        if not url.startswith(self._repositories) or ".." in url:
            raise NoCertificate(f"{url[:120]!r} is not in a repository of LAB_STIR_CERTIFICATES")
        fresh_until, body = self._kept.get(url, (0.0, b""))
        if fresh_until < time.monotonic():
            body = await self._download(url)
            self._kept[url] = time.monotonic() + FRESH_S, body
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return body

    async def _download(self, url: str) -> bytes:
        body = b""
        try:
            client = httpx.AsyncClient(timeout=TIMEOUT_S, verify=self._tls)
            async with asyncio.timeout(TIMEOUT_S), client, client.stream("GET", url) as response:
                response.raise_for_status()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > LARGEST:
                        raise NoCertificate("the certificate is too long")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise NoCertificate(f"{type(error).__name__} at the certificate's repository") from error
        return body
