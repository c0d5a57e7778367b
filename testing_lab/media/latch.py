"""Whose packets count: the far end's, and nobody else's who found the port.

A description says where its sender wants audio, and nearly everybody sends from there (symmetric RTP, RFC 4961). Some
do not, or move in the middle of a call. So the latch holds on to one source; a better one takes over at once: the
address and port described, before another port of that host, before any other host. An equal or worse one does only
when the source has been silent for a while, so that it cannot talk over it. Who does not know the port can only spray,
and is heard where nobody else is.
"""

from collections.abc import Iterable

Source = tuple[str, int]
SILENT_NS = 500_000_000
"""A pause of half a second: longer than any loss that leaves a call usable, and than a handover between gateways."""
_STRANGER, _HOST, _DESCRIBED = range(3)


class Latch:
    """Ask `admits` about every packet, in the order of arrival. Where nobody was described, anybody is heard."""

    def __init__(self, described: Iterable[Source]) -> None:
        self._described = frozenset(described)
        self._hosts = frozenset(host for host, _ in self._described)
        self._source: Source | None = None
        self._heard_ns = 0

    def admits(self, source: Source, at_ns: int) -> bool:
        """Whether a packet of `source` that came at `at_ns` is of the far end."""
        if not self._described:
            return True
        if source != self._source:
            held = self._source is not None and at_ns - self._heard_ns < SILENT_NS
            if held and self._worth(source) <= self._worth(self._source):
                return False
            self._source = source
        self._heard_ns = at_ns
        return True

    def _worth(self, source: Source | None) -> int:
        if source is None:
            return -1
        return _DESCRIBED if source in self._described else _HOST if source[0] in self._hosts else _STRANGER
