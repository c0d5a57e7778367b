"""Rows that stay: who refers to one of them, be it without a foreign key, finds it for ever."""

import pgtrigger


class NeverEmptied(pgtrigger.Trigger):
    """Refuses TRUNCATE, of which triggers on rows hear nothing."""

    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Truncate
    func = "RAISE EXCEPTION 'Cannot truncate table %: its rows stay', TG_TABLE_NAME;"


def stays(row: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse to delete a table's rows and to change their ids. `row` is the word for one of them."""
    return [
        pgtrigger.Protect(name=f"{row}s_stay", operation=pgtrigger.Delete),
        pgtrigger.ReadOnly(name=f"{row}_ids_stay", fields=["id"]),
        NeverEmptied(name=f"{row}s_are_never_emptied"),
    ]


def append_only(rows: str) -> list[pgtrigger.Trigger]:
    """Triggers that let a table only grow. `rows` is the word for its rows."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        NeverEmptied(name=f"{rows}_are_never_emptied"),
    ]
