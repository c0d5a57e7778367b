"""Searches: the statement that our engine sends for a question, and the question itself over HTTP."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.test import Client

from bench.client import Job, load
from bench.measures import web
from bench.measures.customers import Customer
from bench.measures.questions import KINDS, PAGE_SIZE, Asker, Question
from bench.timings import Timings

BUSY_SECONDS = 3.0
CLIENTS = 8
ATTEMPTS = 3
WARMING = 20


class Statement(NamedTuple):
    """The SQL that answers a question, and its values by name."""

    text: str
    values: dict[str, Any]


class Request(NamedTuple):
    """One question of one customer, as HTTP."""

    method: str
    path: str
    body: str | None
    headers: dict[str, str]


class Pair(NamedTuple):
    """The same questions asked both ways."""

    sql: Timings
    http: Timings


class Result(NamedTuple):
    """One kind of search: alone, and with CLIENTS at once. `attempts`: how often it was measured alone. `web_cpu`:
    milliseconds of processor time that the web server, without the database, spent on a request when busy."""

    kind: str
    alone: Pair
    busy: Pair
    attempts: int
    web_cpu: float


def measure(kind: str, asker: Asker, customers: list[Customer], count: int, good: Callable[[Pair], bool]) -> Result:
    """Ask `count` different questions of a kind. Measured anew, at most ATTEMPTS times, until alone is `good`: on a
    machine shared with others the least disturbed attempt says most, and that is the one that is kept."""
    requests, statements = _prepare(kind, asker, customers, count)
    _warm(requests, statements)
    attempts = [_alone(requests, statements)]
    while not good(attempts[-1]) and len(attempts) < ATTEMPTS:
        attempts.append(_alone(requests, statements))
    best = min(attempts, key=lambda pair: pair.http.p99)
    spent = web.cpu_seconds()
    busy = Pair(*(load(Job(url, asked, CLIENTS, seconds=BUSY_SECONDS)) for url, asked in _both(requests, statements)))
    web_cpu = (web.cpu_seconds() - spent) / len(busy.http.latencies) * 1_000
    return Result(kind, best, busy, len(attempts), web_cpu)


def prepare_requests(asker: Asker, customers: list[Customer], count: int) -> list[Request]:
    """HTTP requests of all kinds mixed."""
    return [_request(question, customers[index % len(customers)]) for index, question in _numbered(asker, count)]


def _numbered(asker: Asker, count: int) -> list[tuple[int, Question]]:
    kinds = list(KINDS)
    return [(index, next(asker.ask(kinds[index % len(kinds)]))) for index in range(count)]


def _prepare(kind: str, asker: Asker, customers: list[Customer], count: int) -> tuple[list[Request], list[Statement]]:
    """Different requests, and their statements. A question that our engine answers without one is left out: no
    number can match, so there is nothing to compare."""
    found: dict[str, tuple[Request, Statement]] = {}
    questions = asker.ask(kind)
    for attempt in range(20 * count):
        request = _request(next(questions), customers[attempt % len(customers)])
        if request.path not in found and (statement := _statement(request)):
            found[request.path] = request, statement
        if len(found) == count:
            return [each for each, _ in found.values()], [each for _, each in found.values()]
    raise RuntimeError(f"only {len(found)} different questions found: {kind}")


def _request(question: Question, customer: Customer) -> Request:
    query = urlencode({**question.parameters, "PageSize": str(PAGE_SIZE)})
    return Request("GET", f"{customer.path(question.path)}?{query}", None, customer.headers)


def _statement(request: Request) -> Statement | None:
    """The search's own statement and its values."""
    seen: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "found AS MATERIALIZED" in sql:
            seen.append(Statement(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = Client(SERVER_NAME="localhost").get(request.path, headers=request.headers)
    if answer.status_code != 200:
        raise RuntimeError(f"{request.path}: {answer.content.decode()}")
    return seen[-1] if seen else None


def _both(requests: list[Request], statements: list[Statement]) -> list[tuple[str, list[Any]]]:
    return [(os.environ["DATABASE_URL"], [*statements]), (os.environ["NUMBERYARD_URL"], [*requests])]


def _warm(requests: list[Request], statements: list[Statement]) -> None:
    """Unmeasured: every statement once, and a few requests."""
    for url, asked in _both(requests[:WARMING], statements):
        load(Job(url, asked))


def _alone(requests: list[Request], statements: list[Statement]) -> Pair:
    return Pair(*(load(Job(url, asked)) for url, asked in _both(requests, statements)))
