"""SKUs of the worked examples in B4."""

from typing import Any

DAY = "2026-11-21"
POOL = {"m0": 2, "q0": 12, "r0": 0.08}
FIRST = {"N": 12, "Q": 30, "Q2": 190, "e": 120, **POOL, "L": 18, "sd_L": 7.2, "R": 1}
SECOND = {"N": 0, "Q": 0, "Q2": 0, "e": 90, **POOL, "L": 4, "sd_L": 1.6, "R": 1}


def first(**others: Any) -> dict[str, Any]:
    """The first example with position 20 and MOQ 10."""
    return {"sku": "first", **FIRST, "available": 20, "MOQ": 10, "unit_cost": 1, **others}
