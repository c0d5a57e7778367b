"""Who may speak to us at all: the carrier's own addresses. Others are not heard.

Anybody who finds the port could otherwise call a number at the moment that it is tested, and be taken for the carrier.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache


class Admission:
    """The networks that are listened to; everybody's where there are none."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Addresses and networks, such as `192.0.2.7` and `192.0.2.0/24`. Raises ValueError for what is neither."""
        self._networks = tuple(ipaddress.ip_network(network, strict=False) for network in networks)
        self.admits = lru_cache(maxsize=1024)(self._admits)

    def _admits(self, host: str) -> bool:
        address = ipaddress.ip_address(host.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        return not self._networks or any(address in network for network in self._networks)


def of_carrier(sources: Sequence[str], doors: Sequence[str]) -> Admission:
    """Who is the carrier: the networks that the settings name, else its doors; everybody where one is only a name."""
    try:
        return Admission(sources or [door.strip("[]") for door in doors])
    except ValueError:
        return Admission(sources)
