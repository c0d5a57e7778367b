"""Whether something answers, with a memory: one lost answer closes no door, one lucky answer opens none."""

from dataclasses import dataclass


@dataclass(slots=True)
class Health:
    """Unknown (None) until the first answer or silence; then it takes two of a kind in a row to change it."""

    CHANGES_AFTER = 2

    is_up: bool | None = None
    trouble: str = ""
    _against: int = 0

    def note(self, trouble: str) -> bool:
        """Learn how the last question went (no trouble: an answer); whether that changed anything."""
        answered = not trouble
        self._against = 0 if answered == self.is_up else self._against + 1
        if not self._against or (self.is_up is not None and self._against < self.CHANGES_AFTER):
            return False
        self.is_up, self.trouble, self._against = answered, trouble, 0
        return True

    @property
    def in_doubt(self) -> bool:
        """Whether to ask again soon."""
        return not self.is_up or self._against > 0
