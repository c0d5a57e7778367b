"""What a line, or a stranger, makes of good octets."""

from collections.abc import Iterator
from random import Random


def mutations(octets: bytes, chance: Random, count: int) -> Iterator[bytes]:
    """Octets replaced, cut out, repeated and swapped."""
    for _ in range(count):
        damaged = bytearray(octets)
        for _ in range(chance.randint(1, 6)):
            start = chance.randrange(len(damaged))
            end = min(len(damaged), start + chance.randint(1, 30))
            match chance.randrange(4):
                case 0:
                    damaged[start:end] = chance.randbytes(end - start)
                case 1 if end - start < len(damaged):
                    del damaged[start:end]
                case 2:
                    damaged[start:start] = damaged[start:end] * chance.randint(1, 5)
                case _:
                    damaged[start] = chance.choice(b"\r\n:;<>@, \0")
        yield bytes(damaged)
