"""Keeps programs running: honcho's manager and process, but what dies comes back, and all stop in order.

Each program has a keeper, a fork of the manager. It relays the program's output, starts the program again when it dies,
and ends it when told. The kernel ends a keeper with its manager, and a program with its keeper.
"""

import contextlib
import multiprocessing
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Self

from honcho.manager import Manager
from honcho.process import Process

from config.stack.program import Program, follow_parent, kill_group

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds between a death and the next start; doubled each time
STEADY = 60.0  # seconds after which a program counts as up, and its next death as its first
STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

_fork = multiprocessing.get_context("fork")  # a keeper inherits its program's description, which can't be pickled


class Keeper(Process):  # type: ignore[misc]  # honcho has no types
    """Runs in a process of its own; `cmd` is the Program."""

    cmd: Program

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Keep the program running until SIGTERM. Signals are blocked when we come here (`_signals_held`)."""
        self._events, self._told_to_stop = events, threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        os.setsid()  # out of the reach of the terminal's Ctrl-C
        follow_parent(signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        self._keep()

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._told_to_stop.is_set():
            began = time.monotonic()
            ending = self._run_once()
            if time.monotonic() - began > STEADY:
                pause = FIRST_PAUSE
            if not self._told_to_stop.is_set():
                self._say(f"{ending}; starting it again in {pause:.1f} s")
                self._told_to_stop.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run_once(self) -> str:
        """Run the program until it ends and say how that was."""
        try:
            child = self._child = self.cmd.start()
        except (OSError, RuntimeError) as error:
            return f"did not start: {error}"
        if self._told_to_stop.is_set():  # told between the fork and the line above
            self._stop()
        relay = threading.Thread(target=self._relay, args=(child,), daemon=True)
        relay.start()
        status = child.wait()
        kill_group(child.pid)
        relay.join(timeout=1)
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"

    def _relay(self, child: subprocess.Popen[bytes]) -> None:
        for line in child.stdout or ():
            self._send_message(line)

    def _say(self, text: str) -> None:
        self._send_message(f"{self.name}: {text}\n")

    def _stop(self, *_: object) -> None:
        """Tell the program to stop, and make it if it takes too long."""
        self._told_to_stop.set()
        if child := self._child:
            child.send_signal(self.cmd.stop_signal)
            signal.signal(signal.SIGALRM, lambda *_: kill_group(child.pid))
            signal.alarm(self.cmd.stop_seconds)


class Stack(Manager):  # type: ignore[misc]  # honcho has no types
    """Begins programs in phases, relays what they say, and on leaving the `with` block ends the phases in reverse."""

    def __init__(self) -> None:
        super().__init__()
        self._process_ctor = Keeper
        self._phases: list[list[str]] = []
        self._told_to_stop = False

    def __enter__(self) -> Self:
        """Turn every way of being told to stop into a KeyboardInterrupt, so that the block is left."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.default_int_handler)
        return self

    def __exit__(self, *_: object) -> None:
        """End the last phase first: nobody loses the database while still at work."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for phase in reversed(self._phases):
            for name in phase:
                self._keeper(name).terminate()
            while any(self._keeper(name).is_alive() for name in phase):
                self._relay()
        self._relay()

    def begin(self, programs: Sequence[Program]) -> None:
        """Start a phase."""
        self._phases.append([program.name for program in programs])
        for program in programs:
            self.add_process(program.name, program)
            self._spawn(program.name)

    def loop(self) -> None:
        """Relay what the programs say until we are told to stop."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        while not self._told_to_stop:
            self._relay()
            self._revive()

    def _stop(self, *_: object) -> None:
        self._told_to_stop = True

    def _relay(self) -> None:
        """Print what the programs said in the last tenth of a second or so."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._printer.write(self.events.get(timeout=0.1))

    def _revive(self) -> None:
        """Replace keepers that were killed; the kernel has told their programs to stop."""
        for name in self._processes:
            if not self._keeper(name).is_alive():
                self._spawn(name)

    def _spawn(self, name: str) -> None:
        process = self._processes[name]
        with _signals_held():
            process["keeper"] = _fork.Process(name=name, target=process["obj"].run, args=(self.events,))
            process["keeper"].start()

    def _keeper(self, name: str) -> multiprocessing.process.BaseProcess:
        keeper: multiprocessing.process.BaseProcess = self._processes[name]["keeper"]
        return keeper


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Hold signals back over a fork, lest the child gets one before it has its own handlers."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
