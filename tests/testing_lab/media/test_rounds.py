"""Those that listen take turns."""

import asyncio

from testing_lab.media.rounds import ROUND_S, Rounds
from tests.patience import PATIENCE


class Reader:
    def __init__(self) -> None:
        self.reads = 0

    def read(self) -> None:
        self.reads += 1


class Failing:
    def read(self) -> None:
        raise RuntimeError("a bug of ours")


async def test_each_reads_once_in_a_round() -> None:
    rounds, readers = Rounds(asyncio.get_running_loop()), [Reader() for _ in range(10)]
    for reader in readers:
        rounds.join(reader)
    await asyncio.sleep(10.5 * ROUND_S)
    counts = {reader.reads for reader in readers}
    assert 1 <= max(counts) <= 12  # a loaded machine may skip, and never hurries
    assert max(counts) - min(counts) <= 1


async def test_it_sleeps_when_nobody_listens_and_begins_again() -> None:
    loop, reader = asyncio.get_running_loop(), Reader()
    rounds = Rounds(loop)
    for _ in range(2):
        rounds.join(reader)
        before = reader.reads
        while reader.reads == before:
            await asyncio.sleep(0.01)
        rounds.leave(reader)
        await asyncio.sleep(2 * ROUND_S)
        assert rounds._wake is None
    rounds.leave(reader)


async def test_one_that_fails_does_not_end_the_rounds() -> None:
    loop, reader, failures = asyncio.get_running_loop(), Reader(), asyncio.Event()
    loop.set_exception_handler(lambda *_: failures.set())
    rounds = Rounds(loop)
    rounds.join(Failing())
    rounds.join(reader)
    async with asyncio.timeout(PATIENCE):
        await failures.wait()
        before = reader.reads
        while reader.reads == before:
            await asyncio.sleep(0.01)
    assert reader.reads > before
