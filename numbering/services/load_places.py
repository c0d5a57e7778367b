"""Loads the shipped places into the database."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from django.db import connection, models, transaction
from psycopg import sql

from numbering import place_file, places
from numbering.models import Place, PlacePrefix
from numbering.place_file import PlaceLine


class Loaded(NamedTuple):
    """Rows that the load wrote or removed; none when the tables already said what the file says."""

    places: int
    prefixes: int


class _Target(NamedTuple):
    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier(self.model._meta.db_table)

    @property
    def staging(self) -> sql.Identifier:
        return sql.Identifier(f"staged_{self.model._meta.model_name}")

    @property
    def key(self) -> sql.Identifier:
        return sql.Identifier(self.columns[0])


_PLACES = _Target(Place, PlaceLine._fields[:-1])
_PREFIXES = _Target(PlacePrefix, ("prefix", "country", "place_id"))


def load_places(path: Path = place_file.SHIPPED) -> Loaded:
    """Make the tables say what the file says: COPY into staging tables, then write only the rows that differ.

    One transaction: readers see the old data or the new. Prefixes that left the file are deleted; places never
    are, since numbers may refer to them. The file last loaded is remembered by its digest, and not loaded again.
    Raises OSError or ValueError on a file that does not hold places.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if _remembered() == digest:
        return Loaded(0, 0)
    with transaction.atomic():
        _stage(_PLACES, (line[:-1] for line in place_file.read(path)))
        _stage(_PREFIXES, _prefix_rows(place_file.read(path)))
        loaded = Loaded(_upsert(_PLACES), _upsert(_PREFIXES) + _delete_absent(_PREFIXES))
        _drop(_PLACES)
        _drop(_PREFIXES)
        _remember(digest)
        transaction.on_commit(places.forget_prefixes)
    return loaded


def _remembered() -> str:
    """Digest of the file that the tables came from; kept as the table's comment, so that it is dropped with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass)", [Place._meta.db_table])
        return str(cursor.fetchone()[0])


def _remember(digest: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(_PLACES.table, sql.Literal(digest)))


def _prefix_rows(lines: Iterable[PlaceLine]) -> Iterator[tuple[int, str, int]]:
    return ((prefix, line.country, line.id) for line in lines for prefix in line.prefixes)


def _stage(target: _Target, rows: Iterable[Sequence[object]]) -> None:
    """Fill an unindexed temporary twin of the table, which `_drop` removes."""
    _run("CREATE TEMP TABLE {staging} (LIKE {table})", target)
    with (
        connection.cursor() as cursor,
        cursor.copy(_statement("COPY {staging} ({columns}) FROM STDIN", target)) as copy,
    ):
        for row in rows:
            copy.write_row(row)
    _run("ANALYZE {staging}", target)


def _upsert(target: _Target) -> int:
    return _run(
        """
        INSERT INTO {table} AS old ({columns}) SELECT {columns} FROM {staging}
        ON CONFLICT ({key}) DO UPDATE SET ({columns}) = ROW ({excluded})
        WHERE ({old}) IS DISTINCT FROM ({excluded})
        """,
        target,
    )


def _delete_absent(target: _Target) -> int:
    return _run(
        "DELETE FROM {table} old WHERE NOT EXISTS (SELECT FROM {staging} new WHERE new.{key} = old.{key})", target
    )


def _drop(target: _Target) -> None:
    _run("DROP TABLE {staging}", target)


def _run(template: str, target: _Target) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_statement(template, target))
        return int(cursor.rowcount)


def _statement(template: str, target: _Target) -> sql.Composed:
    def listed(relation: str | None = None) -> sql.Composed:
        names = [(relation, column) if relation else (column,) for column in target.columns]
        return sql.SQL(", ").join(sql.Identifier(*name) for name in names)

    return sql.SQL(template).format(
        table=target.table,
        staging=target.staging,
        key=target.key,
        columns=listed(),
        old=listed("old"),
        excluded=listed("excluded"),
    )
