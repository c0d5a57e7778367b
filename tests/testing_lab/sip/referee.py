"""Stock SIPp as the other side of the wire: a stranger to our code that counts what went wrong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from testing_lab.sip.values import Peer
from tests.patience import PATIENCE
from tests.ports import reserve

SCENARIOS = Path(__file__).parent / "scenarios"


@dataclass
class Sipp:
    """A running SIPp. Exit code 0 means that every call went as the scenario says."""

    process: asyncio.subprocess.Process
    address: Peer
    directory: Path

    async def verdict(self, timeout: float = 2 * PATIENCE) -> tuple[int, str]:
        """Exit code and error log."""
        try:
            await asyncio.wait_for(self.process.wait(), timeout)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            return -1, f"SIPp was not done in {timeout} s\n{self._errors()}"
        return self.process.returncode or 0, self._errors()

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def _errors(self) -> str:
        logs = [self.directory / "errors.log", self.directory / "stderr"]
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in logs if log.exists())


async def run_sipp(program: str, directory: Path, *arguments: str) -> Sipp:
    """Start SIPp on a free port of the loopback and wait until it listens there."""
    port = reserve()
    command = [program, "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-trace_err"]
    files = ["-error_file", str(directory / "errors.log")]
    with (directory / "stderr").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            *files,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors,
            cwd=directory,
        )
    running = Sipp(process, ("127.0.0.1", port), directory)
    async with asyncio.timeout(PATIENCE):
        while not _is_bound(port) and process.returncode is None:
            await asyncio.sleep(0.01)
    return running


def scenario(name: str) -> list[str]:
    return ["-sf", str(SCENARIOS / f"{name}.xml")]


def _is_bound(port: int) -> bool:
    """By the kernel's table: to try it would be to take the port at the moment that SIPp wants it."""
    return f":{port:04X} 00000000:0000 " in Path("/proc/net/udp").read_text()
