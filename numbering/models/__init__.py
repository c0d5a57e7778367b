"""The reference data of the numbering plan: places, and the prefixes that lie in them."""

from numbering.models.place import Place
from numbering.models.place_prefix import PlacePrefix

__all__ = ["Place", "PlacePrefix"]
