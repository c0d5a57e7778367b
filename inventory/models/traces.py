"""Triggers that keep what a row said before it changed (`inventory.models.past`), whoever changes it.

By the clock of the database, as the ledger and the assignments: what is compared with one clock needs no tolerance.
"""

import pgtrigger

_KEEP = "INSERT INTO {past} ({into}, until) VALUES ({old}, statement_timestamp()); RETURN NULL;"


def of_capabilities() -> pgtrigger.Trigger:
    """For the numbers: what was declared and proved, and how long the passport was good for."""
    return _trace(
        "past_capabilities_stay",
        "inventory_pastcapabilities",
        {
            "number_id": "id",
            "declared": "declared_capabilities",
            "tested": "capabilities",
            "tested_at": "tested_at",
            "passport_expires_at": "passport_expires_at",
        },
        key="number_id",
    )


def of_papers() -> pgtrigger.Trigger:
    """For the DIDs: which papers they hung on, and whose they were."""
    columns = {"did_id": "id", "account_id": "account_id", "bundle_sid": "bundle_sid", "address_sid": "address_sid"}
    return _trace("past_papers_stay", "inventory_pastpapers", columns, key="did_id")


def _trace(name: str, past: str, columns: dict[str, str], *, key: str) -> pgtrigger.Trigger:
    """`columns`: those of the past by those of the row; `key` of them is the row's id, which never changes."""
    watched = [column for into, column in columns.items() if into != key]
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf(*watched),  # type: ignore[no-untyped-call]  # pgtrigger types not all
        condition=pgtrigger.AnyChange(*[column.removesuffix("_id") for column in watched]),
        func=_KEEP.format(
            past=past, into=", ".join(columns), old=", ".join(f"OLD.{each}" for each in columns.values())
        ),
    )
