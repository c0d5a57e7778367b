"""`python -m config.stack run|stop|env|exec|psql`: Numberyard on one machine, in one folder."""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing import get_context
from urllib.parse import urlsplit

from config.stack import credentials, environment, locks, place, ports, preparation, processes, progress, servers
from config.stack.keeper import Stack
from config.stack.postgres import INSTALLATION
from config.stack.program import evict, find, mark

DATA = processes.ROOT / ".data"
STACK = DATA / "stack.env"
LOCK = DATA / "run.lock"
PATIENCE = 120.0  # seconds until we say that something is wrong


class Refusal(Exception):
    """Why we can't do that, in words for the person at the terminal."""


def run() -> None:
    """Start everything and keep it running until told to stop."""
    try:
        with locks.held(LOCK):
            _await_leftovers()
            _check_port()
            _run()
    except locks.Held as other:
        raise Refusal(f"already runs here as process {other.pid}; stop it with Ctrl-C there, or make stop") from None


def _run() -> None:
    secrets = credentials.load_or_make(DATA)
    surroundings = environment.compose(DATA, secrets, os.environ)
    with Stack() as stack:
        for server in servers.needed(DATA, secrets, os.environ):
            with progress.step(f"Starting {server.program().name}"):
                stack.begin([server.program()])
                servers.wait_until_ready(server)
            surroundings[server.variable] = server.url
        credentials.write(STACK, environment.worth_keeping(surroundings, os.environ))
        _set_up(surroundings)
        progress.say("Starting web, workers, beat, lab daemon and sandbox carrier ...")
        stack.begin(processes.programs(DATA, surroundings))
        threading.Thread(target=_announce, args=(surroundings,), daemon=True).start()
        stack.loop()
        progress.say("Stopping ...")
    progress.say("Stopped. The data is kept in .data; `make run` starts it again.")


def _set_up(surroundings: Mapping[str, str]) -> None:
    """Bring the database up to date, in a process of its own: Django shall not stay in the manager's memory."""
    process = get_context("fork").Process(target=preparation.run, args=(surroundings, DATA / credentials.CREDENTIALS))
    process.start()
    process.join()
    if process.exitcode:
        raise Refusal("could not bring the database up to date; why is above")


def _announce(surroundings: Mapping[str, str]) -> None:
    """Say when the web server is ready and how to get in."""
    url, here = surroundings["NUMBERYARD_URL"], environment.local_url(surroundings)
    problem = progress.wait_for(f"{here}/readyz", seconds=PATIENCE)
    if problem:
        progress.say(f"{here}/readyz is not ready after {PATIENCE:.0f} s: {problem}")
        return
    path = DATA / credentials.CREDENTIALS
    known = credentials.read(path)
    progress.say(f"Ready.\n{progress.welcome(url, known, str(path.relative_to(processes.ROOT)))}")
    progress.follow_stock(here, known, metrics_token=surroundings.get("METRICS_TOKEN", ""))


def _await_leftovers() -> None:
    """Let the processes of a run whose manager was killed finish stopping."""
    if find(mark(DATA)):
        with progress.step("Waiting for an earlier run to stop"):
            evict(mark(DATA), seconds=5)


def _check_port() -> None:
    host, port = environment.web_address(os.environ)
    if not ports.is_free(port, host=host):
        another = f"make run NUMBERYARD_PORT={ports.choose()}"
        raise Refusal(f"port {port} of {host} is taken by another program; choose another: {another}")


def stop() -> None:
    """Stop the stack that runs in this folder and wait until it has."""
    while True:
        try:
            with locks.held(LOCK):
                return
        except locks.Held as other:
            if other.pid:  # not while it is being written
                os.kill(other.pid, signal.SIGTERM)
            time.sleep(0.3)


def show_environment() -> None:
    """Print the environment of the running stack, for `eval`."""
    sys.stdout.write(environment.export_lines(_running_environment()))


def execute(command: list[str]) -> None:
    """Become another command in the environment of the stack."""
    os.execvpe(command[0], command, {**os.environ, **_running_environment()})  # noqa: S606 - what the caller asked for


def psql(arguments: list[str]) -> None:
    """Become PostgreSQL's terminal; the password goes by the environment, not by the command line."""
    url = urlsplit(_running_environment()["DATABASE_URL"])
    os.environ.update(
        PGHOST=url.hostname or "",
        PGPORT=str(url.port or 5432),
        PGUSER=url.username or "",
        PGPASSWORD=url.password or "",
        PGDATABASE=url.path.lstrip("/"),
    )
    execute([str(place.choose(DATA).programs / INSTALLATION / "bin" / "psql"), *arguments])


def _running_environment() -> dict[str, str]:
    values = credentials.read(STACK)
    if not values or not locks.is_held(LOCK):
        raise Refusal("not running here: make run")
    return values


def main(arguments: list[str]) -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m config.stack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, action in {"run": run, "stop": stop, "env": show_environment}.items():
        commands.add_parser(name, help=action.__doc__).set_defaults(action=action)
    commands.add_parser("psql", help=psql.__doc__)
    other = commands.add_parser("exec", help=execute.__doc__)
    other.add_argument("command", nargs=argparse.REMAINDER)
    other.set_defaults(action=execute)
    if arguments[:1] == ["psql"]:  # what follows are options of psql, not of ours
        psql(arguments[1:])
        return
    options = vars(parser.parse_args(arguments))
    options.pop("action")(**options)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("Stopped before it was ready.")
    except (Refusal, OSError, RuntimeError, ValueError) as problem:
        sys.exit(f"numberyard: {problem}")
