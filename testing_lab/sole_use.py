"""What a lab daemon must have to itself: its SIP address, its bind to the SMSC, its mail domain, its reference numbers.

A carrier brings calls to the address that they are meant for, and an SMSC deals out what comes over all binds of one
name. Daemons that shared them would each get what the other waits for, and find good numbers bad. The trunks
themselves may be shared: what their owners allow is counted over all daemons (`trunks.seats`).
"""

from collections.abc import Sequence

from django.db import connection

# A host that vanished is found out after a minute, and not after the two hours of the system: its successor waits.
_NOTICE_SILENCE = """
SELECT set_config('tcp_keepalives_idle', '30', false),
       set_config('tcp_keepalives_interval', '10', false),
       set_config('tcp_keepalives_count', '3', false)
"""
_LOCK = "SELECT thing FROM unnest(%s::text[]) AS thing WHERE NOT pg_try_advisory_lock(hashtextextended(thing, 0))"


class InUse(Exception):
    """Another lab daemon has what we were told to use."""


class SoleUse:
    """Advisory locks of the database, held by a session of their own: they end with it, however the daemon dies."""

    def __init__(self, things: Sequence[str]) -> None:
        self._things = things
        self._session = connection.copy()
        self._session.settings_dict["OPTIONS"].pop("pool", None)  # or others would get our session
        self._session.inc_thread_sharing()  # each call may come from another thread

    def take(self) -> None:
        """Have it, or still have it; anew where the session was lost. Raises InUse, OperationalError."""
        if self._session.is_usable():
            return
        self.give_up()
        try:
            self._lock()
        except Exception:
            self.give_up()
            raise

    def give_up(self) -> None:
        """Let another daemon have it. Harmless without it."""
        self._session.close()

    def _lock(self) -> None:
        with self._session.cursor() as cursor:
            cursor.execute(_NOTICE_SILENCE)
            cursor.execute(_LOCK, [list(self._things)])
            taken = [thing for (thing,) in cursor.fetchall()]
        if taken:
            raise InUse(f"another lab daemon uses {', '.join(taken)}: each needs its own")
