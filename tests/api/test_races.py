"""Many customers, few numbers: one winner each, and everybody else gets a clean refusal."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
from django.db import connection

from accounts.models import Account
from inventory.models import Assignment, Did, Hold, PhoneNumber
from inventory.refusals import NoneInArea, NotAvailable
from inventory.services import assignments, reservations
from tests.api.gunicorn import serving
from tests.factories import AccountFactory, NumberFactory
from tests.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS, NUMBERS = 64, 20


def at_once(jobs: Sequence[Callable[[], str]]) -> list[str]:
    """Run all jobs in threads that start together; the database connections are given back."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], str]) -> str:
        barrier.wait()
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def buy(client: httpx.Client, account: Account, number: PhoneNumber) -> str:
    """Buy over HTTP; the answer's status, and the code of a refusal."""
    answer = client.post(
        f"/2010-04-01/Accounts/{account.sid}/IncomingPhoneNumbers.json",
        data={"PhoneNumber": str(number)},
        auth=(account.sid, account.auth_token),
    )
    return f"{answer.status_code} {answer.json().get('code', '')}".strip()


def test_64_buyers_race_for_20_numbers_over_http() -> None:
    numbers = NumberFactory.create_batch(NUMBERS)
    accounts = AccountFactory.create_batch(BUYERS)
    with serving() as origin, httpx.Client(base_url=origin, timeout=PATIENCE) as client:
        jobs = [partial(buy, client, account, numbers[turn % NUMBERS]) for turn, account in enumerate(accounts)]
        outcomes = Counter(at_once(jobs))
    assert outcomes == {"201": NUMBERS, "400 21422": BUYERS - NUMBERS}
    assert Did.objects.count() == NUMBERS == Assignment.objects.count()


def test_an_account_that_races_against_itself_buys_the_number_once(account: Account) -> None:
    number = NumberFactory.create()
    with serving() as origin, httpx.Client(base_url=origin, timeout=PATIENCE) as client:
        outcomes = Counter(at_once([partial(buy, client, account, number)] * 8))
    assert outcomes == {"201": 8}  # by contract: who comes again for its own number is shown it
    assert Did.objects.count() == 1 == Assignment.objects.count()


def test_64_accounts_race_for_20_numbers_20_win(db: None) -> None:
    numbers = NumberFactory.create_batch(NUMBERS)
    accounts = AccountFactory.create_batch(BUYERS)

    def try_to_buy(turn: int) -> str:
        try:
            assignments.buy(account=accounts[turn], e164=numbers[turn % NUMBERS].e164, settings={})
        except NotAvailable:
            return "refused"
        return "won"

    outcomes = Counter(at_once([partial(try_to_buy, turn) for turn in range(BUYERS)]))
    assert outcomes == {"won": NUMBERS, "refused": BUYERS - NUMBERS}
    assert Did.objects.count() == NUMBERS


def test_buyers_of_an_area_code_never_get_the_same_number() -> None:
    NumberFactory.create_batch(10, area_code="415")
    accounts = AccountFactory.create_batch(16)

    def try_to_buy(account: Account) -> str:
        try:
            return str(assignments.buy_in_area(account=account, area_code="415", settings={}).number)
        except NoneInArea:
            return "none left"

    outcomes = Counter(at_once([partial(try_to_buy, account) for account in accounts]))
    assert outcomes.pop("none left") >= 6
    assert set(outcomes.values()) == {1}


def test_baskets_and_buyers_fight_over_the_same_numbers() -> None:
    """However it ends, each number has one owner, and a basket has all of its numbers or none."""
    numbers = NumberFactory.create_batch(6)
    accounts = AccountFactory.create_batch(12)

    def reserve(account: Account, turn: int) -> str:
        wanted = [number.e164 for number in numbers[turn % 3 : turn % 3 + 4]]
        try:
            reservations.reserve(account=account, numbers=wanted if turn % 2 else wanted[::-1])
        except NotAvailable:
            return "refused"
        return "reserved"

    def try_to_buy(account: Account, turn: int) -> str:
        try:
            assignments.buy(account=account, e164=numbers[turn % 6].e164, settings={})
        except NotAvailable:
            return "refused"
        return "bought"

    jobs = [partial(reserve if turn % 4 < 2 else try_to_buy, account, turn) for turn, account in enumerate(accounts)]
    outcomes = Counter(at_once(jobs))
    assert set(outcomes) <= {"reserved", "bought", "refused"}
    assert outcomes["refused"] < len(jobs)
    assert Hold.objects.filter(ended="").count() == 4 * outcomes["reserved"]
    assert Did.objects.count() == outcomes["bought"]
