"""Ports for servers whose address must be known before they are up, or that come back to it after a crash.

A port that the system chose (port 0) and that was let go again may be anybody's a moment later: every socket that asks
for any port gets one of that range (from 32768 on Linux, from 49152 elsewhere: RFC 6335 6). These lie below it, where
nobody is given a port unasked.
"""

from random import SystemRandom
from socket import SOCK_DGRAM, SOCK_STREAM

from config.stack import ports

_BELOW_THE_EPHEMERAL = range(20_000, 32_000)
_chance = SystemRandom()  # not the seeded one, by which all workers of a run would choose the same
_reserved: set[int] = set()


def reserve() -> int:
    """A port that is free over UDP and TCP, and that this process is given only once."""
    while True:
        port = _chance.choice(_BELOW_THE_EPHEMERAL)
        if port not in _reserved and all(ports.is_free(port, kind=kind) for kind in (SOCK_DGRAM, SOCK_STREAM)):
            _reserved.add(port)
            return port
