"""What tshark, which knows nothing of our code, makes of a capture."""

import asyncio
from collections import Counter
from pathlib import Path

from tests.patience import PATIENCE

WRONG = '_ws.malformed or _ws.expert.severity >= "Warning"'


async def read(tshark: str, capture: Path, *arguments: str) -> list[str]:
    """What tshark prints, line by line."""
    command = (tshark, "-n", "-r", str(capture), *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=-1)
    printed, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0, errors.decode()
    return printed.decode().splitlines()


async def complaints(tshark: str, capture: Path, *ports: str) -> list[str]:
    fields = [part for name in ("frame.number", "_ws.col.Info", "_ws.expert.message") for part in ("-e", name)]
    return await read(tshark, capture, *ports, "-Y", WRONG, "-T", "fields", *fields)


async def not_placed(tshark: str, capture: Path, *ports: str) -> list[str]:
    """The packets of which it knows no protocol, with what is in them."""
    fields = [part for name in ("frame.number", "udp.srcport", "udp.dstport", "data.data") for part in ("-e", name)]
    return await read(tshark, capture, *ports, "-Y", "data", "-T", "fields", *fields)


async def protocols(tshark: str, capture: Path, *ports: str) -> Counter[str]:
    """How often each protocol was recognised."""
    stacks = await read(tshark, capture, *ports, "-T", "fields", "-e", "frame.protocols")
    return Counter(protocol for stack in stacks for protocol in set(stack.split(":")))
