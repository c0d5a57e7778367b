"""Lists that a provider gives out in numbered pages, read to the end or not at all."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

from inventory.providers.base import ProviderUnavailable

Row = TypeVar("Row")
MOST_PAGES = 100_000  # twenty-five million holdings; whoever goes on after that does not mean to end


def whole(page_of: Callable[[int], tuple[Sequence[Row], int]], name: Callable[[Row], Hashable]) -> Iterator[Row]:
    """Every row of a list, each once, read page by page (from 1) as they are taken.

    `page_of` gives one page and the length of the whole list; `name` tells rows apart. Raises ProviderUnavailable when
    a page brings nothing new before as many rows were seen as the provider ever counted: a list that breaks off, goes
    round in circles or shifts while it is read must never look like a short one, since the numbers that are not on it
    would count as lost.
    """
    seen, total = set[Hashable](), 0
    for number in range(1, MOST_PAGES + 1):
        rows, counted = page_of(number)
        total, before = max(total, counted), len(seen)
        for row in rows:
            if (key := name(row)) not in seen:
                seen.add(key)
                yield row
        if len(seen) > total:
            raise ProviderUnavailable(f"its list has more than the {total} that it counts")
        if len(seen) == total:
            return
        if len(seen) == before:
            break
    raise ProviderUnavailable(f"its list breaks off after {len(seen)} of {total}")
