"""Where the trunk's test certificate is fetched, by anybody: `x5u` of its PASSporTs (RFC 8225 4)."""

from __future__ import annotations

from aiohttp import web

from sandbox.sip.stir import Signer

SIGNER = web.AppKey("signer", Signer)


async def certificate(request: web.Request) -> web.Response:
    """The certificate that this process signs with; those of earlier processes are gone."""
    signer = request.app[SIGNER]
    if request.path != signer.path:
        raise web.HTTPNotFound
    return web.Response(body=signer.certificate, content_type="application/pem-certificate-chain")
