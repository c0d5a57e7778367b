"""What the lab daemons hold by advisory locks, as PostgreSQL sees it."""

from django.db import connection


def locks_held() -> int:
    """How many things daemons hold in this database. Those of a session that closed go a moment after it did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        )
        [count] = cursor.fetchone()
    return int(count)
