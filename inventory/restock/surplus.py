"""B3, surplus: what the shelf will not need for months is proposed to go back to the provider, number by number."""

import numpy as np

from inventory.restock.demand import Floats

KEPT = 90  # days of mean demand beyond the reorder point that are no surplus


def surplus(available: Floats, kept: Floats, reorder_point: Floats, daily: Floats, moq: Floats) -> Floats:
    """Whole numbers above the reorder point, 90 days of demand and one lot, and above what is kept in any case; never
    more than are available."""
    excess = np.floor(available - np.maximum(kept, reorder_point + KEPT * daily + moq))
    return np.asarray(np.clip(excess, 0, np.floor(np.maximum(0, available))), dtype=np.float64)
