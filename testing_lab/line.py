"""The number under test, as the lab sees it."""

from dataclasses import dataclass

from numbering.e164 import E164
from numbering.types import Capability


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is X of the procedures; `reference` is the lab's own number at the other end of its calls and messages.

    `seed` is unique to this run and attempt: probes and message tokens are made from it.
    """

    number: E164
    reference: E164
    capabilities: Capability
    seed: str

    @property
    def is_national(self) -> bool:
        """Whether a call between the two stays in one country, which sets the limit of the post-dial delay."""
        return self.number.country == self.reference.country
