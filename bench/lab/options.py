"""What a run of `make bench-lab` shall do, from its arguments."""

import argparse
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

PARTS = ("throughput", "two", "hog", "accuracy")


@dataclass(frozen=True, slots=True)
class Options:
    """`healthy` and `beside_limits` count numbers: for each seed, and for each value of a curve."""

    seeds: tuple[int, ...]
    parts: tuple[str, ...] = PARTS
    healthy: int = 140
    beside_limits: int = 10
    concurrencies: tuple[int, ...] = (10, 25, 50)
    at_once: int = 60
    hogs: int = 4
    is_draft: bool = False
    is_quick: bool = False

    @classmethod
    def read(cls, arguments: Sequence[str]) -> Self:
        """Seeds are drawn unless they are given: nobody, the authors included, has seen them."""
        parser = argparse.ArgumentParser(prog="make bench-lab ARGS=...", description="Measure the testing lab.")
        parser.add_argument("--seeds", help="instead of three that nobody has seen: 11,12,13")
        parser.add_argument("--parts", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
        parser.add_argument("--quick", action="store_true", help="a tenth of the numbers: for those who develop")
        parser.add_argument("--draft", action="store_true", help="also with a truth table that is not committed")
        given = parser.parse_args(arguments)
        seeds = tuple(int(seed) for seed in given.seeds.split(",")) if given.seeds else _unseen(1 if given.quick else 3)
        parts = tuple(given.parts.split(","))
        if unknown := set(parts) - set(PARTS):
            parser.error(f"no such part: {', '.join(unknown)}")
        options = cls(seeds, parts, is_draft=given.draft)
        quick = replace(options, is_quick=True, healthy=20, beside_limits=2, concurrencies=(10, 25))
        return quick if given.quick else options


def _unseen(count: int) -> tuple[int, ...]:
    return tuple(1 + secrets.randbelow(999_999) for _ in range(count))
