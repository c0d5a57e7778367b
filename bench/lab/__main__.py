"""`python -m bench.lab`: starts the servers, measures the lab in a process of its own, and stops them.

PostgreSQL and Redis are our own, with their data under .data/bench-lab, made anew for each run.
"""

import contextlib
import os
import shutil
import subprocess
import sys

from bench.lab import truth
from bench.lab.options import Options
from bench.lab.processes import DATA
from bench.options import ROOT
from config.stack import credentials, environment, locks, ports, progress, servers
from config.stack.program import evict, mark


def run(arguments: list[str]) -> int:
    """Run everything; returns the exit status of the measuring process."""
    options = Options.read(arguments)
    if not options.is_draft:
        truth.check_committed()
    shutil.rmtree(DATA / "servers", ignore_errors=True)
    shutil.rmtree(DATA / "postgres", ignore_errors=True)
    for left in DATA.glob("*.sqlite3*"):
        left.unlink()
    secrets = credentials.load_or_make(DATA)
    given = {**os.environ, "NUMBERYARD_PORT": str(ports.choose()), "LOG_LEVEL": "INFO"}
    surroundings = environment.compose(DATA, secrets, {key: given[key] for key in given if not key.endswith("_URL")})
    with contextlib.ExitStack() as stack:
        for server in servers.needed(DATA, secrets, {}):
            with progress.step(f"Starting {server.program().name}"):
                stack.enter_context(servers.running(server))
            surroundings[server.variable] = server.url
        seeds = ",".join(map(str, options.seeds))
        command = [sys.executable, "-m", "bench.lab.measures", *arguments, "--seeds", seeds]
        own = {**surroundings, "DATABASE_POOL_SIZE": "0"}
        return subprocess.run(command, cwd=ROOT, env=own, check=True).returncode


if __name__ == "__main__":
    try:
        with locks.held(DATA / "run.lock"):
            evict(mark(DATA), seconds=5)
            sys.exit(run(sys.argv[1:]))
    except locks.Held as other:
        sys.exit(f"numberyard: a benchmark runs here already, as process {other.pid}")
    except KeyboardInterrupt:
        sys.exit("numberyard: stopped before it was done")
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
    except (OSError, RuntimeError, ValueError) as problem:
        sys.exit(f"numberyard: {problem}")
