"""Two ways to spoil a sound row with raw SQL, for `test_constraints`."""

from dataclasses import dataclass, field

from tests.architecture import rows


@dataclass(frozen=True)
class Change:
    """A sound row, and what must not become of it: the SET part of an UPDATE. `past`: a trigger that stands before."""

    row: rows.Make
    to: str
    past: str = ""

    def sql(self, table: str, key: str, _columns: list[str]) -> str:
        return f"UPDATE {table} SET {self.to} WHERE {key} = %s"  # noqa: S608 - our own words


@dataclass(frozen=True)
class Again:
    """A sound row, and the same once more but for some columns, which are given as SQL."""

    row: rows.Make
    but: dict[str, str] = field(default_factory=dict)
    past: str = ""

    def sql(self, table: str, key: str, columns: list[str]) -> str:
        values = {column: f'"{column}"' for column in columns if column != key} | self.but
        into = ", ".join(f'"{column}"' for column in values)
        return f"INSERT INTO {table} ({into}) SELECT {', '.join(values.values())} FROM {table} WHERE {key} = %s"  # noqa: S608 - likewise
