"""Certificates come from trusted repositories only, once, and never without bound."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from testing_lab.stir import certificates as store
from testing_lab.stir.certificates import LARGEST, Certificates, NoCertificate


class Repository:
    """Serves what a test puts in, and counts."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked = 0
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if request.path.endswith("moved.pem"):
            raise web.HTTPFound(f"{self.url}/good.pem")
        if request.path.endswith("slow.pem"):
            return await self.trickle(request)
        if request.path not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[request.path])

    @staticmethod
    async def trickle(request: web.Request) -> web.StreamResponse:
        """An octet now and then, for a minute."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(600):
            await answer.write(b".")
            await asyncio.sleep(0.1)
        return answer


@pytest.fixture
async def repository() -> AsyncIterator[Repository]:
    served = Repository()
    app = web.Application()
    app.router.add_get("/{path:.*}", served.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = "http://{}:{}/good".format(*runner.addresses[0][:2])
    yield served
    await runner.cleanup()


async def test_a_certificate_is_fetched_once(repository: Repository) -> None:
    repository.files["/good/a.pem"] = b"PEM"
    certificates = Certificates([repository.url])
    assert [await certificates.fetch(f"{repository.url}/a.pem") for _ in range(3)] == [b"PEM"] * 3
    assert repository.asked == 1


@pytest.mark.parametrize("path", ["/elsewhere/a.pem", "/goodbye/a.pem", "/good/../elsewhere/a.pem"])
async def test_nothing_is_fetched_from_elsewhere(repository: Repository, path: str) -> None:
    certificates = Certificates([repository.url])
    with pytest.raises(NoCertificate, match="not in a repository"):
        await certificates.fetch(repository.url.removesuffix("/good") + path)
    assert repository.asked == 0


async def test_who_trusts_nobody_fetches_nothing(repository: Repository) -> None:
    with pytest.raises(NoCertificate):
        await Certificates([]).fetch(f"{repository.url}/a.pem")
    assert repository.asked == 0


@pytest.mark.parametrize("name", ["missing.pem", "moved.pem", "long.pem"])
async def test_what_is_not_there_or_too_long_is_no_certificate(repository: Repository, name: str) -> None:
    repository.files["/good/long.pem"] = b"x" * (LARGEST + 1)
    with pytest.raises(NoCertificate):
        await Certificates([repository.url]).fetch(f"{repository.url}/{name}")


async def test_a_repository_that_is_away_gives_no_certificate(repository: Repository) -> None:
    with pytest.raises(NoCertificate):
        await Certificates(["http://127.0.0.1:1/"]).fetch("http://127.0.0.1:1/a.pem")


async def test_a_certificate_is_fetched_again_when_it_is_old(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FRESH_S", -1.0)
    repository.files["/good/a.pem"] = b"PEM"
    certificates = Certificates([repository.url])
    await certificates.fetch(f"{repository.url}/a.pem")
    repository.files["/good/a.pem"] = b"NEW"
    assert await certificates.fetch(f"{repository.url}/a.pem") == b"NEW"


async def test_a_repository_that_trickles_is_not_waited_for(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "TIMEOUT_S", 1.0)
    with pytest.raises(NoCertificate, match="Timeout"):
        await Certificates([repository.url]).fetch(f"{repository.url}/slow.pem")
