"""Ports on the loopback address."""

import socket
from random import SystemRandom

LOOPBACK = "127.0.0.1"
#: Where nobody is given a port unasked: every socket that asks for any port gets one above these (from 32768 on Linux,
#: from 49152 elsewhere: RFC 6335 6), so one that was found free there may be anybody's a moment later.
BELOW_THE_EPHEMERAL = range(20_000, 32_000)

_chance = SystemRandom()  # no seeded one, by which several processes would choose the same


def is_free(port: int, *, host: str = LOOPBACK, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Say whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:  # as servers do: a port in TIME_WAIT is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def choose(preferred: int = 0, *, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return the preferred port if it is free, else one that is, and that stays so until a server asks for it."""
    port = preferred or any_one()
    while not is_free(port, kind=kind):
        port = any_one()
    return port


def any_one() -> int:
    """A port at random, free or not, which no other process gets by chance."""
    return _chance.choice(BELOW_THE_EPHEMERAL)
