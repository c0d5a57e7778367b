"""baresip, a telephone that knows nothing of our code: it says back what it hears, and does what it is told.

Told by netstrings of JSON over TCP (its module ctrl_tcp); what it hears goes to its player, which is its microphone
(its module aubridge). It has no sounds of its own: a ringing tone would take that bridge away.
"""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE
from tests.ports import reserve

Peer = tuple[str, int]
_HOST = "127.0.0.1"
_MODULES = "g711 g722 opus aubridge account menu ctrl_tcp"
_CONFIG = """\
sip_listen {host}:{sip}
net_interface {host}
ctrl_tcp_listen {host}:{control}
audio_player aubridge,itself
audio_source aubridge,itself
audio_path {silence}
audio_telev_pt 101
module_path {modules}
"""


class Telephone:
    """`events`: what happened on it, in order, as it tells."""

    def __init__(self, address: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.address, self.events = address, asyncio.Queue[dict[str, Any]]()
        self._writer, self._answers = writer, asyncio.Queue[dict[str, Any]]()
        self._reading = asyncio.create_task(self._read(reader))

    async def told(self, command: str, parameter: str = "") -> None:
        """Do this; fails when it will not."""
        asked = json.dumps({"command": command, "params": parameter}).encode()
        self._writer.write(b"%d:%s," % (len(asked), asked))
        answer = await asyncio.wait_for(self._answers.get(), PATIENCE)
        assert answer["ok"], answer

    async def tells(self, kind: str) -> dict[str, Any]:
        """The next event of this kind; others are skipped."""
        async with asyncio.timeout(PATIENCE):
            while (event := await self.events.get())["type"] != kind:
                pass
        return event

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while head := await _until_colon(reader):
            message = json.loads((await reader.readexactly(int(head) + 1))[:-1])
            (self.events if message.get("event") else self._answers).put_nowait(message)

    def close(self) -> None:
        self._reading.cancel()
        self._writer.close()


@asynccontextmanager
async def telephone(program: str, directory: Path, *, account: str, more: str = "") -> AsyncIterator[Telephone]:
    """One that is switched on. `account` are the parameters of its account, `more` lines of its configuration."""
    sip, control = reserve(), reserve()
    (modules,) = (path.parent for path in Path("/usr/lib").glob("**/baresip/modules/g711.so"))
    config = _CONFIG.format(host=_HOST, silence=directory, sip=sip, control=control, modules=modules)
    loaded = "".join(f"module {name}.so\n" for name in _MODULES.split())
    for name, text in {"config": config + loaded + more, "accounts": f"{account}\n", "contacts": ""}.items():
        (directory / name).write_text(text)
    with (directory / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(program, "-4", "-f", str(directory)), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        phone = Telephone((_HOST, sip), *await _reached(control))
        yield phone
        phone.close()
    finally:
        process.kill()
        await process.wait()


async def _until_colon(reader: asyncio.StreamReader) -> bytes:
    """The length of the next netstring, or nothing when it is switched off."""
    try:
        return (await reader.readuntil(b":"))[:-1]
    except asyncio.IncompleteReadError:
        return b""


async def _reached(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await asyncio.open_connection(_HOST, port)
            except OSError:
                await asyncio.sleep(0.05)
