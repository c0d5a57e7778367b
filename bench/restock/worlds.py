"""`python -m bench.restock.worlds`: the contest in several worlds, so that no seed is taken for a rule."""

from collections.abc import Callable, Iterator
from statistics import median

from bench.restock.contest import times_as_much
from bench.restock.world import World, make, make_alike

LEVEL = 0.98
WORLDS: dict[str, tuple[range, Callable[[int], World]]] = {
    "20 mixed SKUs": (range(1, 6), lambda seed: make(seed, 4)),
    "20 SKUs all alike": (range(1, 4), lambda seed: make_alike(seed, 20)),
}
SORTS = {"fixed": "fixed threshold", "cover": "days of cover"}


def main() -> None:
    """Print the table."""
    for row in table():
        print(row, flush=True)


def table() -> Iterator[str]:
    """How many times as much as the engine each sort of rival leaves unfilled at no more stock, row by row."""
    yield "| world | rival | median | worst | best | engine ahead in |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for name, (seeds, world) in WORLDS.items():
        found = [times_as_much(world(seed), LEVEL) for seed in seeds]
        for sort, rival in SORTS.items():
            yield _row(name, rival, [each[sort] for each in found])


def _row(world: str, rival: str, times: list[float]) -> str:
    ahead = sum(each > 1 for each in times)
    figures = " | ".join(f"{each(times):.2f}" for each in (median, min, max))
    return f"| {world} | {rival} | {figures} | {ahead} of {len(times)} |"


if __name__ == "__main__":
    main()
