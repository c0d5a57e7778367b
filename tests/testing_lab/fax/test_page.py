"""A page through libspandsp."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from testing_lab.fax import spandsp
from testing_lab.fax.port import FaxPort
from testing_lab.fax.t30 import Progress

needs_library = pytest.mark.usefixtures("fax_library")


@pytest.fixture
async def ports() -> AsyncIterator[tuple[FaxPort, FaxPort]]:
    near, far = await FaxPort.open("127.0.0.1"), await FaxPort.open("127.0.0.1")
    near.remote, far.remote = ("127.0.0.1", far.port), ("127.0.0.1", near.port)
    yield near, far
    near.close()
    far.close()


@needs_library
async def test_a_page_arrives_dot_by_dot(ports: tuple[FaxPort, FaxPort]) -> None:
    seen: list[Progress] = []
    assert await spandsp.send_page(*ports, "seed", (40, 60), lambda *both: seen.extend(both))
    assert seen[0].ready_at is not None
    assert (seen[0].heard[0], seen[1].heard[0], seen[1].heard[-1]) == ("DIS", "DCS", "DCN")


@needs_library
async def test_a_page_to_nobody_does_not_arrive(ports: tuple[FaxPort, FaxPort]) -> None:
    ports[0].remote = ("127.0.0.1", 9)
    assert not await spandsp.send_page(*ports, "seed", (3, 60), lambda *both: None)
    await asyncio.sleep(0)


def test_pages_differ_by_their_seeds_and_a_changed_dot_is_seen(tmp_path: Path) -> None:
    one, same, other = (tmp_path / f"{name}.tif" for name in ("one", "same", "other"))
    for path, seed in ((one, "a"), (same, "a"), (other, "b")):
        spandsp.draw_page(path, seed)
    assert spandsp.is_same_page(one, same)
    assert not spandsp.is_same_page(one, other)
    assert not spandsp.is_same_page(one, tmp_path / "missing.tif")
    other.write_bytes(b"no picture")
    assert not spandsp.is_same_page(one, other)
