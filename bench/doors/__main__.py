"""`python -m bench.doors`: PostgreSQL and Redis of its own under .data/bench-doors, filled once and kept.

DOORS_NUMBERS is how many numbers there are. With DATABASE_URL, as in `python -m config.stack exec`, it measures what is
there, and fills nothing. DOORS_ONLY="console home|my number" takes the pages whose names match it.
"""

import contextlib
import os
import subprocess
import sys

from bench.options import ROOT
from config.stack import credentials, environment, locks, progress, servers

DATA = ROOT / ".data" / "bench-doors"
NUMBERS = "1000000"


def run() -> int:
    """Start what is needed; prepare and measure in processes of their own. Returns the exit status."""
    secrets = credentials.load_or_make(DATA)
    given = {**os.environ, "LOG_LEVEL": "WARNING", "NUMBERS": os.environ.get("DOORS_NUMBERS", NUMBERS)}
    surroundings = {**environment.compose(DATA, secrets, given), "STAFF_SECOND_FACTOR": "false"}
    with contextlib.ExitStack() as stack:
        own = servers.needed(DATA, secrets, os.environ)
        for server in own:
            with progress.step(f"Starting {server.program().name}"):
                stack.enter_context(servers.running(server))
            surroundings[server.variable] = server.url
        is_ours = any(server.variable == "DATABASE_URL" for server in own)
        modules = ["bench.doors.preparing"] if is_ours else []
        return max(_child(module, surroundings) for module in [*modules, "bench.doors.looking"])


def _child(module: str, surroundings: dict[str, str]) -> int:
    command, env = [sys.executable, "-m", module], {**surroundings, "DATABASE_POOL_SIZE": "0"}
    return subprocess.run(command, cwd=ROOT, env=env, check=True).returncode


if __name__ == "__main__":
    try:
        with locks.held(DATA / "run.lock"):
            sys.exit(run())
    except locks.Held as other:
        sys.exit(f"numberyard: a benchmark of the doors runs here already, as process {other.pid}")
    except KeyboardInterrupt:
        sys.exit("numberyard: stopped before it was done")
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
