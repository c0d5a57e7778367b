"""The truth about a number: which fault it carries. Read by the trunk, the SMSC and the control API."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.catalogue import Catalogue
from sandbox.faults import FaultTable, NumberFault
from sandbox.ledger import Ledger


class UnknownFault(Exception):
    """No row of the table has this kind and severity."""


@dataclass(slots=True)
class NumberFaults:
    table: FaultTable
    ledger: Ledger
    catalogue: Catalogue
    seed: int
    share: float

    def fault_of(self, number: str) -> NumberFault | None:
        """The fault of a number that some carrier offers; None for healthy, reference and unknown numbers."""
        forced = self.ledger.row("select kind, severity from forced_faults where number = ?", number)
        if forced:
            return self.table.of_kind(forced["kind"], forced["severity"]) if forced["kind"] else None
        source = self.catalogue.find(number)
        if source is None:
            return None
        capabilities = source.product.capabilities
        return self.table.of_number(number, seed=self.seed, share=self.share, capabilities=capabilities)

    def force(self, number: str, kind: str | None, severity: str | None) -> None:
        """Give a number this fault, or health if kind is None. Raises UnknownFault."""
        if kind is not None and self.table.of_kind(kind, severity) is None:
            raise UnknownFault(kind, severity)
        self.ledger.write("insert or replace into forced_faults values (?, ?, ?)", number, kind, severity)

    def forget(self, number: str) -> None:
        """Back to what the seed says."""
        self.ledger.write("delete from forced_faults where number = ?", number)
