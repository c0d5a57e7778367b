"""How many numbers the lab tests at once."""


class Pace:
    """How many numbers at once: begins low, fewer as soon as the instrument is sick, more again while it is well.

    Additive increase, multiplicative decrease, as TCP finds its rate (RFC 5681 3.1). One bad moment of the machine is
    in every suite that was in hand, so until these have ended it counts once (as RFC 6582 3.2 does with losses).
    """

    LEAST = 2
    FIRST = 8
    MORE = 1.0  # for each suite that ran well
    LESS = 0.7  # for each moment that did not

    def __init__(self, most: int) -> None:
        self._most = float(most)
        self._now = min(float(self.FIRST), self._most)
        self._of_the_same_moment = 0

    @property
    def room(self) -> int:
        """Suites that may run at once now."""
        return int(self._now)

    def note(self, *, sick: bool) -> None:
        """Learn from one finished suite."""
        if self._of_the_same_moment and sick:
            self._of_the_same_moment -= 1
            return
        self._of_the_same_moment = self.room - 1 if sick else max(0, self._of_the_same_moment - 1)
        wanted = self._now * self.LESS if sick else self._now + self.MORE
        self._now = max(min(wanted, self._most), min(self.LEAST, self._most))
