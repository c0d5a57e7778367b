"""The truth about a number: which fault it carries. Read by the trunk, the SMSC and the control API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

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
        forced = self.ledger.row(
            "select kind, severity, parameters from forced_faults left join forced_parameters using (number)"
            " where number = ?",
            number,
        )
        if forced:
            row = self.table.of_kind(forced["kind"], forced["severity"]) if forced["kind"] else None
            return row and replace(row, parameters={**row.parameters, **json.loads(forced["parameters"] or "{}")})
        source = self.catalogue.find(number)
        if source is None:
            return None
        capabilities = source.product.capabilities
        return self.table.of_number(number, seed=self.seed, share=self.share, capabilities=capabilities)

    def force(
        self, number: str, kind: str | None, severity: str | None, parameters: Mapping[str, Any] | None = None
    ) -> None:
        """Give a number this fault, or health if kind is None; `parameters` take the place of the row's own.

        Raises UnknownFault.
        """
        if kind is not None and self.table.of_kind(kind, severity) is None:
            raise UnknownFault(kind, severity)
        with self.ledger.transaction():
            self.ledger.write("delete from forced_parameters where number = ?", number)
            self.ledger.write("insert or replace into forced_faults values (?, ?, ?)", number, kind, severity)
            if parameters:
                self.ledger.write("insert into forced_parameters values (?, ?)", number, json.dumps(parameters))

    def forget(self, number: str) -> None:
        """Back to what the seed says."""
        with self.ledger.transaction():
            self.ledger.write("delete from forced_parameters where number = ?", number)
            self.ledger.write("delete from forced_faults where number = ?", number)
