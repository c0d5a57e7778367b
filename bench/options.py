"""What a run shall do, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / ".data" / "bench"
MAX_NUMBERS = 150_000_000  # what the blocks of `testing_lab.demo.blocks` hold, with room to spare


@dataclass(frozen=True)
class Options:
    """How many numbers are in stock, lines are imported, requests a web process serves, and questions a kind has."""

    numbers: int = 10_000_000
    imported: int = 10_000_000
    requests: int = 100_000
    questions: int = 200
    parts: tuple[str, ...] = ("search", "buy", "import", "memory")

    @classmethod
    def read(cls, given: Mapping[str, str] = os.environ) -> Self:
        """BENCH_NUMBERS, BENCH_IMPORT, BENCH_REQUESTS, BENCH_QUESTIONS; BENCH_PARTS ("search buy") leaves out parts.

        Raises ValueError for what is no number, or too many.
        """
        options = cls(
            numbers=int(given.get("BENCH_NUMBERS", cls.numbers)),
            imported=int(given.get("BENCH_IMPORT", cls.imported)),
            requests=int(given.get("BENCH_REQUESTS", cls.requests)),
            questions=int(given.get("BENCH_QUESTIONS", cls.questions)),
            parts=tuple(given.get("BENCH_PARTS", " ".join(cls.parts)).split()),
        )
        if not 10_000 <= options.numbers <= MAX_NUMBERS:
            raise ValueError(f"BENCH_NUMBERS must be from 10,000 to {MAX_NUMBERS:,}")
        return options
