"""`python -m bench.traffic`: a PostgreSQL of its own, events of several feeds at once, and `bench/traffic-results.md`.

BENCH_EVENTS (1,000,000) tells how many.
"""

import contextlib
import os
import subprocess
import sys

from bench.options import ROOT
from config.stack import credentials, environment, locks, ports, progress, servers

DATA = ROOT / ".data" / "bench-traffic"


def run() -> int:
    """Start the servers, and measure in a process that has Django; returns its exit status."""
    secrets = credentials.load_or_make(DATA)
    given = {**os.environ, "NUMBERYARD_PORT": str(ports.choose()), "LOG_LEVEL": "WARNING"}
    surroundings = environment.compose(DATA, secrets, given)
    with contextlib.ExitStack() as stack:
        for server in servers.needed(DATA, secrets, os.environ):
            with progress.step(f"Starting {server.program().name}"):
                stack.enter_context(servers.running(server))
            surroundings[server.variable] = server.url
        command = [sys.executable, "-m", "bench.traffic.measures"]
        return subprocess.run(
            command, cwd=ROOT, env={**surroundings, "DATABASE_POOL_SIZE": "0"}, check=False
        ).returncode


if __name__ == "__main__":
    try:
        with locks.held(DATA / "run.lock"):
            sys.exit(run())
    except locks.Held as other:
        sys.exit(f"numberyard: this benchmark runs here already, as process {other.pid}")
    except (OSError, RuntimeError) as problem:
        sys.exit(f"numberyard: {problem}")
