"""A stock of the size that was asked for, in plausible shares, with the lives that its numbers had."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db import connection, transaction

from compliance.models import Bundle, BundleEntry, EndUser, ItemAssignment, Regulation, SupportingDocument
from inventory.models import (
    Assignment,
    DailyContact,
    Did,
    Hold,
    LifecycleEntry,
    NumberBlock,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    Quarantine,
    Reservation,
    Tariff,
)
from testing_lab.applicability import PLAN
from testing_lab.demo import blocks, cast, numbers
from testing_lab.demo.bare import bared, unwatched
from testing_lab.models import Passport, Result, SuiteRun
from testing_lab.proofs import passed_mask

#: Says that a step begins, and after its block how long it took.
Step = Callable[[str], AbstractContextManager[None]]

LEAST, MOST = 10_000, 20_000_000
#: Of a thousand numbers so many are in each state.
SHARES = {
    "AVAILABLE": 340,
    "IN_SERVICE": 450,
    "QUARANTINED": 100,
    "RETURNED": 72,
    "FAILED": 18,
    "RELEASED": 15,
    "RESERVED": 2,
    "SOURCED": 2,
    "TESTING": 1,
}
STATES = [state for state, share in SHARES.items() for _ in range(share)]
#: Who supplied it. They have no adapter: nobody orders from them, compares bills with them or gives numbers back.
SUPPLIERS = {
    "avocet": "Avocet Wholesale",
    "curlew": "Curlew Networks",
    "dunlin": "Dunlin Carrier",
    "plover": "Plover Telecom",
}
#: Of a hundred held numbers so many are the largest customer's: 100,000 of a million.
LARGEST_SHARE = 22
BUNDLES = 0.03  # for each number; two thirds of them are one customer's
TEAMS = ["Front desk", "Support", "Sales", "Campaign", "Night line", "Fax", "Warehouse", "Branch"]


class NotEmpty(RuntimeError):
    """Numbers are here already."""


def fill(count: int, step: Step, *, member: str) -> None:
    """Make `count` numbers and all that hangs on them; minutes for a million. The user with the e-mail address `member`
    becomes a member of the accounts that have most.

    Only into a stock without numbers: raises NotEmpty, User.DoesNotExist. In one transaction: what is cut short leaves
    nothing behind, least of all tables without their constraints.
    """
    if PhoneNumber.objects.exists():
        raise NotEmpty("there are numbers here already; a large stock is made on a first start, without any data")
    with transaction.atomic():
        make(count, step, member=member)
    with step("Vacuuming"), connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def make(count: int, step: Step, *, member: str) -> cast.Cast:
    """The same, in the caller's transaction."""
    players = cast.open_accounts(member)
    with step("Choosing blocks of numbers"):
        numbers.store_blocks(for_good=False)
    _price()
    with step("Building indexes, and checking every row"), bared((PhoneNumber, Did, Assignment, LifecycleEntry)):
        _insert_all(count, players, step)
    with step("Their stays, orders, baskets and tests"):
        _surround()
    return players


def _insert_all(count: int, players: cast.Cast, step: Step) -> None:
    """What is written by the million, with its triggers asleep; `stock_block` is there."""
    few, many = 100 - LARGEST_SHARE, len(players.holders) * LARGEST_SHARE
    holders = players.holders * few + [players.largest] * many
    with step(f"{count:,} numbers"):
        numbers.insert(
            count,
            states=STATES,
            holders=holders,
            shoppers=[*players.holders, players.largest],  # evenly: nobody may hold more than `reservations.MAX_HELD`
            providers=_suppliers(),
            lasts="300 days",
            blocked=0.01,
        )
        _analyze(PhoneNumber)
    with step("Bundles of those who may hold them"):
        _papers(int(count * BUNDLES), players)
    with step("Who holds them, and held them"):
        numbers.run("holders", accounts=players.holders, teams=TEAMS)
    with step("What happened to them"):
        numbers.run("ledger")


def _papers(count: int, players: cast.Cast) -> None:
    kinds = [(country, name) for country, of in blocks.SHARES.items() for name in of]
    regulations = [row.pk for row in Regulation.objects.order_by("pk") if (row.country, row.number_type) in kinds]
    with unwatched((Bundle, BundleEntry, EndUser, ItemAssignment, SupportingDocument)):
        numbers.run(
            "bundles",
            accounts=players.everybody,
            filer=players.filer,
            heavy=count * 2 // 3,
            others=count,
            regulations=regulations,
            reason="document_illegible",
            **cast.texts(),
        )


def _surround() -> None:
    """What is written by the hundred thousand, with all indexes and constraints."""
    tables = (Quarantine, DailyContact, Reservation, Hold, NumberBlock, ProviderOrder, ProviderOrderLine)
    with unwatched((*tables, SuiteRun, Result, Passport)):
        for name in ("stays", "baskets", "blocks", "orders", "tests"):
            numbers.run(name, codes=list(PLAN), bits=[passed_mask([code]) for code in PLAN])


def _suppliers() -> list[int]:
    basics = {"is_active": False}
    return [
        Provider.objects.get_or_create(slug=slug, defaults={"name": name, **basics})[0].pk
        for slug, name in SUPPLIERS.items()
    ]


def _price() -> None:
    """Every kind for everybody at one price, where no provider has its own."""
    for country, of in blocks.SHARES.items():
        for number_type in of:
            price = {"setup_price": 0, "monthly_price": 1, "currency": "USD"}
            Tariff.objects.get_or_create(country=country, number_type=number_type, provider=None, defaults=price)


def _analyze(*tables: type[PhoneNumber]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table._meta.db_table}")
