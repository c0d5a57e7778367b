"""How many numbers the lab tests at once."""


class Pace:
    """How many numbers at once: begins low, fewer as soon as the instrument is sick, more again while it is well.

    Additive increase, multiplicative decrease, as TCP finds its rate (RFC 5681 3.1).
    """

    LEAST = 2
    FIRST = 4
    MORE = 0.5  # for each suite that ran well
    LESS = 0.9  # for each that did not

    def __init__(self, most: int) -> None:
        self._most = float(most)
        self._now = min(float(self.FIRST), self._most)

    @property
    def room(self) -> int:
        """Suites that may run at once now."""
        return int(self._now)

    def note(self, *, sick: bool) -> None:
        """Learn from one finished suite."""
        wanted = self._now * self.LESS if sick else self._now + self.MORE
        self._now = max(min(wanted, self._most), min(self.LEAST, self._most))
