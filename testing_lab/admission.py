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
    """Who is the carrier: its doors, and the networks that the settings name. Where these name none, and a door is only
    a name, everybody."""
    addresses = [door.strip("[]") for door in doors if is_address(door)]
    return Admission([*sources, *addresses] if sources or len(addresses) == len(doors) else ())


def is_address(door: str) -> bool:
    """Whether this host, as in a URI, is an address and no name."""
    try:
        return bool(ipaddress.ip_address(door.strip("[]")))
    except ValueError:
        return False
