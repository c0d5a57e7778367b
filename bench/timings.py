"""What was measured of one kind: how long each question took, and how many were answered a second."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """`latencies` in seconds, in ascending order; `elapsed` seconds for all of them; `failed` got a wrong answer."""

    latencies: Sequence[float]
    elapsed: float
    failed: int = 0

    @property
    def p50(self) -> float:
        """The median, in milliseconds."""
        return self.percentile(50)

    @property
    def p99(self) -> float:
        """What one in a hundred exceeds, in milliseconds."""
        return self.percentile(99)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.elapsed

    def percentile(self, share: int) -> float:
        """The nearest-rank percentile, in milliseconds."""
        rank = max(0, -(-len(self.latencies) * share // 100) - 1)
        return self.latencies[rank] * 1_000
