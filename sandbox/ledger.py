"""What must survive a crash: orders, holdings, callbacks and messages, in one SQLite file.

Write-ahead log with synchronous=NORMAL: a committed transaction survives the death of the process at any moment
(only a power cut may lose the last ones), and a commit costs microseconds, so it may run beside the media.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
create table if not exists orders (
    id text primary key, carrier text not null, client_reference text not null, callback_url text,
    accepted_at real not null, settled_at real, unique (carrier, client_reference)) strict;
create table if not exists order_lines (
    order_id text not null references orders, position integer not null, number text not null,
    state text not null check (state in ('pending', 'filled', 'refused')), reason text, due_at real not null,
    primary key (order_id, position)) strict, without rowid;
create index if not exists lines_to_fill on order_lines (due_at) where state = 'pending';
create table if not exists holdings (
    number text primary key, carrier text not null, since real not null, release_requests integer not null,
    state text not null check (state in ('held', 'releasing', 'released')), due_at real) strict, without rowid;
create index if not exists holdings_to_release on holdings (due_at) where state = 'releasing';
create table if not exists callbacks (
    id integer primary key, order_id text not null references orders, due_at real not null,
    attempts integer not null default 0) strict;
create table if not exists messages (
    id text primary key, source text not null, destination text not null, pdu blob not null,
    state text not null, accepted_at real not null, due_at real not null, expires_at real not null,
    receipt text not null, error text, system_id text not null default 'lab') strict;
create index if not exists messages_to_deliver on messages (due_at) where state = 'queued';
create table if not exists forced_faults (
    number text primary key, kind text, severity text) strict, without rowid;
create table if not exists forced_parameters (
    number text primary key references forced_faults, parameters text not null) strict, without rowid;
create table if not exists emergency_addresses (
    number text primary key, address text not null) strict, without rowid;
"""
TABLES = (
    "callbacks",
    "order_lines",
    "orders",
    "holdings",
    "messages",
    "forced_parameters",
    "forced_faults",
    "emergency_addresses",
)


class Ledger:
    """The connection, and nothing but it: the verbs live beside their subject (orders.py, smsc.py)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(SCHEMA)
        if "system_id" not in {column["name"] for column in self.rows("pragma table_info(messages)")}:  # an older file
            self._connection.execute("alter table messages add column system_id text not null default 'lab'")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. One writer, one thread: BEGIN never waits."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def rows(self, sql: str, *values: Any) -> Sequence[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def write(self, sql: str, *values: Any) -> int:
        """Execute a statement; returns the number of rows that it changed."""
        return self._connection.execute(sql, values).rowcount

    def reset(self) -> None:
        """Forget everything (control API)."""
        with self.transaction():
            for table in TABLES:
                self._connection.execute(f"delete from {table}")  # noqa: S608 - names of our own

    def close(self) -> None:
        self._connection.close()


def now() -> float:
    """Seconds since 1970: due times must still mean something after a restart."""
    return time.time()
