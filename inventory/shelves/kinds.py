"""Which SKU a number, or a wish, belongs to: the narrowest of its country and type that it fits."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from inventory.models import DemandEvent, PhoneNumber, Sku


class Kind(NamedTuple):
    """A kind of number within a country and type; `capabilities` is a mask."""

    area_code: str
    place_id: int | None
    capabilities: int

    @classmethod
    def of(cls, row: PhoneNumber | DemandEvent) -> Self:
        """That of a number on sale, or of what was asked for."""
        return cls(row.area_code, row.place_id, row.capabilities)


class Shelves:
    """The SKUs of one country and type. A place is narrower than an area code, that than the whole country; of two at
    one place the one that asks for more capabilities is narrower."""

    def __init__(self, skus: Iterable[Sku]) -> None:
        self._at: dict[tuple[str, int | None], list[tuple[int, int]]] = defaultdict(list)
        for sku in skus:
            self._at[sku.area_code, sku.place_id].append((sku.capabilities, sku.pk))
        for there in self._at.values():
            there.sort(key=lambda each: (-each[0].bit_count(), each[1]))

    def of_number(self, kind: Kind) -> int | None:
        """The id of the SKU that such a number lies on the shelf of; None: of no SKU."""
        fitting = (sku for there in self._narrowest_first(kind) for mask, sku in there if not mask & ~kind.capabilities)
        return next(fitting, None)

    def of_wish(self, kind: Kind) -> int | None:
        """Likewise of what was asked for: where no shelf is that plain, the plainest whose numbers will do."""
        if found := self.of_number(kind):
            return found
        wider = (reversed(there) for there in self._narrowest_first(kind))
        return next((sku for there in wider for mask, sku in there if not kind.capabilities & ~mask), None)

    def _narrowest_first(self, kind: Kind) -> Iterator[list[tuple[int, int]]]:
        """The SKUs of its place, of its area code, and of the country."""
        if kind.place_id:
            yield self._at.get(("", kind.place_id), [])
        if kind.area_code:
            yield self._at.get((kind.area_code, None), [])
        yield self._at.get(("", None), [])
