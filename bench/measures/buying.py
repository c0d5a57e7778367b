"""Buying: the service alone, and over HTTP. Each number is bought once; the stock gets smaller by them."""

import multiprocessing
import os
import time
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection, connections

from bench.client import Job, load
from bench.measures.customers import Customer
from bench.timings import Timings
from inventory.services import assignments

_SAMPLE = """
SELECT e164 FROM inventory_phonenumber WHERE NOT blocked AND state = 'AVAILABLE' AND country = 'US'
    AND number_type = 'local' AND capabilities = 7 AND NOT beta AND spread > %s ORDER BY spread, e164 LIMIT %s
"""
SETTINGS = {"VoiceUrl": "https://example.com/voice"}


class Result(NamedTuple):
    """Purchases with so many clients at once."""

    clients: int
    service: Timings
    http: Timings


def measure(clients: int, count: int, customers: list[Customer]) -> Result:
    """Buy twice `count` numbers, chosen all over the stock."""
    numbers = _on_sale(2 * count)
    return Result(
        clients, _by_service(clients, numbers[:count], customers), _by_http(clients, numbers[count:], customers)
    )


def _on_sale(count: int) -> list[int]:
    """In the order of the spread: what one search after the other offers."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, [int.from_bytes(os.urandom(2), "big") / 80_000, count])
        numbers = [row[0] for row in cursor.fetchall()]
    if len(numbers) < count:
        raise RuntimeError(f"only {len(numbers)} numbers are left to buy: remove .data/bench or give more numbers")
    return numbers


def _by_http(clients: int, numbers: list[int], customers: list[Customer]) -> Timings:
    requests: list[Any] = []
    for index, e164 in enumerate(numbers):
        customer = customers[index % len(customers)]
        headers = {**customer.headers, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"PhoneNumber": f"+{e164}", **SETTINGS})
        requests.append(("POST", customer.path("IncomingPhoneNumbers.json"), body, headers))
    return load(Job(os.environ["NUMBERYARD_URL"], requests, clients, shared=True, status=201))


def _by_service(clients: int, numbers: list[int], customers: list[Customer]) -> Timings:
    """In as many processes, forked from this one."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(clients + 1), context.SimpleQueue()
    shares = [numbers[index::clients] for index in range(clients)]
    buyers = [context.Process(target=_buy, args=(share, customers, barrier, results), daemon=True) for share in shares]
    for buyer in buyers:
        buyer.start()
    barrier.wait(60)
    began = time.perf_counter()
    latencies = [seconds for _ in buyers for seconds in results.get()]
    return Timings(sorted(latencies), time.perf_counter() - began)


def _buy(numbers: list[int], customers: list[Customer], barrier: Any, results: Any) -> None:
    connection.ensure_connection()
    barrier.wait(60)
    latencies = []
    for index, e164 in enumerate(numbers):
        began = time.perf_counter()
        account = customers[index % len(customers)].account
        assignments.buy(account=account, e164=e164, settings={"voice_url": SETTINGS["VoiceUrl"]})
        latencies.append(time.perf_counter() - began)
    results.put(latencies)
