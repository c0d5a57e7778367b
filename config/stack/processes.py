"""What `make run` runs beside the servers: web, worker, beat, lab and traffic daemons, sandbox carrier."""

import sys
from collections.abc import Mapping
from pathlib import Path

from config.stack.environment import web_address
from config.stack.program import Program, mark

ROOT = Path(__file__).resolve().parents[2]
MANAGE = (sys.executable, "manage.py")
# glibc would keep up to eight heaps for each core, and gives little of them back.
FEW_HEAPS = {"MALLOC_ARENA_MAX": "2"}
# Each of its few threads keeps a connection: it asks small questions, and to get one from a pool costs as much.
LAB = {"DATABASE_POOL_SIZE": "0"}


def programs(data: Path, environment: Mapping[str, str]) -> list[Program]:
    """Describe the processes of the application, each run from the project's folder."""
    commands = {
        "web": _web(*web_address(environment)),
        # Three workers: a provider that answers slowly must not hold up the sweeps, nor a long bill the orders.
        "worker": _celery("celery", "worker", "--queues=providers,default", "--hostname=worker@%h", *_ALONE),
        "auditor": _celery("celery", "worker", "--queues=audits", "--hostname=auditor@%h", *_ALONE),
        "sweeper": _celery("celery", "worker", "--queues=sweeps", "--hostname=sweeper@%h", *_ALONE),
        "beat": _celery(
            "beat", "beat", "--scheduler=celery.beat:Scheduler"
        ),  # the schedule is code; nothing to remember
        "labd": [*MANAGE, "labd"],
        "trafficd": [*MANAGE, "trafficd"],
        "sandbox": [sys.executable, "-m", "sandbox"],
    }
    # They do one task at a time, and none waits longer for a query (`task_time_limit` of config.queues).
    own = {name: {"DATABASE_POOL_SIZE": "0", "STATEMENT_TIMEOUT": "150s"} for name in ("worker", "auditor", "sweeper")}
    own["labd"] = LAB
    own["trafficd"] = {"DATABASE_POOL_SIZE": "0"}
    own["web"] = {"PROMETHEUS_MULTIPROC_DIR": str(data / "metrics")}
    return [
        program(data, name, command, {**FEW_HEAPS, **environment, **own.get(name, {})})
        for name, command in commands.items()
    ]


def program(data: Path, name: str, command: list[str], environment: Mapping[str, str]) -> Program:
    """Describe one process of the application."""
    return Program(name=name, command=command, folder=ROOT, mark=mark(data, name), environment=environment)


# One worker per machine has no peers to talk to.
_ALONE = ("--concurrency=1", "--without-gossip", "--without-mingle", "--without-heartbeat")


def _celery(app: str, role: str, *options: str) -> list[str]:
    """It warns of running as root with four lines that say the same each time; the lines that we want are the log's."""
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser"]
    return [*python, "-m", "celery", "--quiet", "-A", f"config.{app}", role, "--loglevel=WARNING", *options]


def _web(host: str, port: int) -> list[str]:
    """Two processes of four threads, forked from one that has everything loaded and is shared."""
    threads = ["--worker-class=gthread", "--workers=2", "--threads=4"]
    patience = ["--timeout=60", "--graceful-timeout=4", "--log-level=warning", "--no-control-socket"]
    serve = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config=python:config.gunicorn", "--preload"]
    return [*serve, f"--bind={host}:{port}", *threads, *patience]
