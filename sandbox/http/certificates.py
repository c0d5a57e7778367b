"""Where the trunk's test certificates are fetched, by anybody: `x5u` of its PASSporTs (RFC 8225 4)."""

from __future__ import annotations

from aiohttp import web

from sandbox.sip.stir import Signer

SIGNER = web.AppKey("signer", Signer)


async def certificate(request: web.Request) -> web.Response:
    """A certificate that this process signs with; those of earlier processes are gone."""
    found = request.app[SIGNER].certificates.get(request.path)
    if found is None:
        raise web.HTTPNotFound
    return web.Response(body=found, content_type="application/pem-certificate-chain")
