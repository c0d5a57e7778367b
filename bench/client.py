"""The load generator: processes without Django that send prepared requests over connections that they keep.

`python -m bench.client` reads one `Job` as JSON from standard input and writes one `Outcome` as JSON.
"""

import http.client
import json
import multiprocessing
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.synchronize import Barrier
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.types.numeric import Int8Dumper

from bench.timings import Timings

Send = Callable[[Any], bool]


@dataclass(frozen=True)
class Job:
    """`requests` are (statement, values) for a database URL, and (method, path, body, headers) for a web server's.

    `shared`: each request is sent once, by one of the clients. Else each client sends all, in an order of its own, for
    at most `seconds`. An answer over HTTP is right when its status is `status`.
    """

    url: str
    requests: Sequence[Any]
    clients: int = 1
    shared: bool = False
    seconds: float = 60.0
    status: int = 200


def load(job: Job) -> Timings:
    """Run the job in processes of their own. Raises RuntimeError when they fail, or when all answers were wrong."""
    command = [sys.executable, "-m", "bench.client"]
    told = json.dumps(asdict(job), default=str)  # times as PostgreSQL reads them
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the load generator failed: {done.stderr}")
    outcome = json.loads(done.stdout)
    if outcome["failed"] == len(outcome["latencies"]):
        raise RuntimeError(f"no right answer at all, first request: {str(job.requests[0])[:500]}")
    return Timings(**outcome)


def _run(job: Job) -> dict[str, Any]:
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(job.clients + 1), context.SimpleQueue()
    clients = [
        context.Process(target=_client, args=(job, number, barrier, results), daemon=True)
        for number in range(job.clients)
    ]
    for client in clients:
        client.start()
    barrier.wait(60)
    began = time.perf_counter()
    answers = [answer for _ in clients for answer in results.get()]
    elapsed = time.perf_counter() - began
    return {
        "latencies": sorted(seconds for seconds, _ in answers),
        "elapsed": elapsed,
        "failed": sum(not right for _, right in answers),
    }


def _client(job: Job, number: int, barrier: Barrier, results: Any) -> None:
    send = _sql(job.url) if job.url.startswith("postgres") else _http(job.url, job.status)
    if job.shared:
        mine = list(job.requests[number :: job.clients])
    else:
        mine = random.Random(number).sample(job.requests, len(job.requests))
    barrier.wait(60)
    results.put(_timed(send, mine, time.perf_counter() + job.seconds))


def _timed(send: Send, requests: Sequence[Any], until: float) -> list[tuple[float, bool]]:
    answers = []
    for request in requests:
        began = time.perf_counter()
        right = send(request)
        ended = time.perf_counter()
        answers.append((ended - began, right))
        if ended > until:
            break
    return answers


def _sql(url: str) -> Send:
    """As our search sends it: prepared and planned once, all integers of one type, every row fetched."""
    connection = psycopg.connect(url, autocommit=True, options="-c plan_cache_mode=force_generic_plan")
    connection.adapters.register_dumper(int, Int8Dumper)

    def send(request: Sequence[Any]) -> bool:
        statement, values = request
        connection.execute(statement, values, prepare=True).fetchall()
        return True

    return send


def _http(url: str, status: int) -> Send:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)

    def send(request: Sequence[Any]) -> bool:
        method, path, body, headers = request
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status == status

    return send


if __name__ == "__main__":
    json.dump(_run(Job(**json.load(sys.stdin))), sys.stdout)
