"""Ports for servers whose address must be known before they are up, or that come back to it after a crash.

A port that the system chose (port 0) and that was let go again may be anybody's a moment later: see
`config.stack.ports`.
"""

from socket import SOCK_DGRAM, SOCK_STREAM

from config.stack import ports

_reserved: set[int] = set()


def reserve() -> int:
    """A port that is free over UDP and TCP, and that this process is given only once."""
    while True:
        port = ports.any_one()
        if port not in _reserved and all(ports.is_free(port, kind=kind) for kind in (SOCK_DGRAM, SOCK_STREAM)):
            _reserved.add(port)
            return port
