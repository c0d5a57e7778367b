"""The numbers themselves, one INSERT however many they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from numbering.types import Capability
from testing_lab.applicability import PLAN
from testing_lab.demo import blocks
from testing_lab.proofs import passed_mask

SQL = Path(__file__).with_name("sql")


def store_blocks(*, for_good: bool) -> None:
    """Put the chosen blocks into the table `stock_block`; unless `for_good`, it goes with the connection."""
    chosen = blocks.blocks()  # asks the database, which has no ear for questions while it copies
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE {'' if for_good else 'TEMP'} TABLE stock_block (first bigint, country text, number_type text, "
            "area_code text, place_id bigint, stride integer)"
        )
        with cursor.copy("COPY stock_block FROM STDIN") as copy:
            for block in chosen:
                copy.write_row(block)
        cursor.execute("ANALYZE stock_block")


def insert(
    count: int,
    *,
    states: Sequence[str],
    holders: Sequence[int],
    shoppers: Sequence[int],
    providers: Sequence[int],
    lasts: str,
    blocked: float,
) -> None:
    """Insert `count` numbers of the stored blocks, drawn from `states`, `holders` and `providers`: what is there twice
    comes twice as often. `shoppers` are those with numbers in their carts. Papers and clocks run out within `lasts` (an
    interval); the share `blocked` is.

    The same draw each time. The table should be bare (`bare.bared`): there are states here that no life begins with.
    """
    run(
        "numbers",
        count=count,
        blocks=blocks.COUNT,
        width=blocks.WIDTH,
        states=list(states),
        holders=list(holders),
        shoppers=list(shoppers),
        providers=list(providers),
        lasts=lasts,
        blocked=blocked,
        passed=[_passed(Capability(mask)) for mask in range(1, 16)],
    )


def run(name: str, **values: Any) -> None:
    """Execute the statements of a file of `sql/`, one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        for statement in (SQL / f"{name}.sql").read_text(encoding="utf-8").split(";\n"):
            cursor.execute(statement, values)


def _passed(capabilities: Capability) -> int:
    """The tests that apply to what a number is sold for: those that are on sale have passed them all."""
    return passed_mask(code for code, demand in PLAN.items() if demand.carries & capabilities)
