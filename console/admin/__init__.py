"""The console's pages. They live in this door, not in the rooms: a page may show several rooms, and no room below
knows the theme. Django's autodiscovery imports this package; each module registers its models."""

from console.admin import (
    allocations,
    bundles,
    catalogue,
    drift,
    filings,
    incidents,
    invoices,
    numbers,
    people,
    privacy,
    quarantine,
    restock,
    rulebooks,
    rules,
    runs,
    sourcing,
    stock,
    trunks,
)

__all__ = [
    "allocations",
    "bundles",
    "catalogue",
    "drift",
    "filings",
    "incidents",
    "invoices",
    "numbers",
    "people",
    "privacy",
    "quarantine",
    "restock",
    "rulebooks",
    "rules",
    "runs",
    "sourcing",
    "stock",
    "trunks",
]
