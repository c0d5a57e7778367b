"""The restock engine: how many numbers of each SKU to order tonight, from whom, and which to hand back.

Pure: values in, values out; neither Django's settings nor a model is imported. The law is part B of the design, told
in docs/restock.md. Units are numbers, times are days, rates are per day.
"""

from inventory.restock.engine import decide, propose
from inventory.restock.rows import BadRecord

__all__ = ["BadRecord", "decide", "propose"]
