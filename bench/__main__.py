"""`python -m bench`: starts the servers, measures in a process of its own, and stops them.

PostgreSQL and Redis are our own, durable as in `make run`, with their data under .data/bench, unless DATABASE_URL and
REDIS_URL name others. The web server is the one of `make run`.
"""

import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.options import DATA, ROOT, Options
from config.stack import credentials, environment, locks, ports, processes, progress, servers
from config.stack.program import Program, end, evict, mark


def run() -> int:
    """Run everything; return the exit status of the measuring process."""
    Options.read()  # before anything is started
    secrets = credentials.load_or_make(DATA)
    port = str(ports.choose())
    surroundings = environment.compose(DATA, secrets, {**os.environ, "NUMBERYARD_PORT": port, "LOG_LEVEL": "WARNING"})
    with contextlib.ExitStack() as stack:
        for server in servers.needed(DATA, secrets, os.environ):
            with progress.step(f"Starting {server.program().name}"):
                stack.enter_context(servers.running(server))
            surroundings[server.variable] = server.url
        measure(surroundings, "bench.measures.stock")
        web = stack.enter_context(_web(surroundings))
        return measure({**surroundings, "BENCH_WEB_PID": str(web)}, "bench.measures")


def measure(surroundings: Mapping[str, str], module: str) -> int:
    """Run one of our programs that need Django; with one connection, for it has one thread. Raises if it fails."""
    command = [sys.executable, "-m", module]
    return subprocess.run(command, cwd=ROOT, env={**surroundings, "DATABASE_POOL_SIZE": "0"}, check=True).returncode


@contextlib.contextmanager
def _web(surroundings: Mapping[str, str]) -> Iterator[int]:
    """Run the web server exactly as `make run` does, its output in a file; yields its process id."""
    program = next(each for each in processes.programs(DATA, surroundings) if each.name == "web")
    process = (started := _logged(program, DATA / "web.log")).start()
    try:
        if problem := progress.wait_for(f"{surroundings['NUMBERYARD_URL']}/readyz", seconds=60):
            raise RuntimeError(f"the web server does not get ready: {problem}; see {DATA / 'web.log'}")
        yield process.pid
    finally:
        end(process, started.stop_signal, seconds=started.stop_seconds)


def _logged(program: Program, log: Path) -> Program:
    return dataclasses.replace(program, log=log)


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("numberyard: a benchmark is told by the environment (bench/options.py), and not by arguments")
    try:
        with locks.held(DATA / "run.lock"):
            evict(mark(DATA), seconds=5)
            sys.exit(run())
    except locks.Held as other:
        sys.exit(f"numberyard: a benchmark runs here already, as process {other.pid}")
    except KeyboardInterrupt:
        sys.exit("numberyard: stopped before it was done")
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
    except (OSError, RuntimeError, ValueError) as problem:
        sys.exit(f"numberyard: {problem}")
