"""A whole page, by the T.30 of libspandsp (LGPL 2.1), where the system has that library; nothing needs it.

The library is loaded at run time and speaks through our own UDPTL: it hands us packets of T.38 and gets them from us.
"""

import asyncio
import ctypes
import ctypes.util
import logging
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageChops

from testing_lab.fax.ifp import MalformedFax, decode, encode
from testing_lab.fax.port import FaxPort
from testing_lab.fax.t30 import Listener, Progress

log = logging.getLogger(__name__)

TICK_S = 0.02
SAMPLES_PER_S = 8000
WIDTH, ROWS, BLOCK = 1728, 256, 64  # an A4 line at 8 dots per mm; a few centimetres of it
MODEMS = 1 | 2 | 4  # V.27 ter, V.29, V.17
OK = 0  # T30_ERR_OK

_SEND = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint8), ctypes.c_int, ctypes.c_int
)
_END = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_POINTER, _INT, _TEXT = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
_FUNCTIONS: dict[str, tuple[object, list[object]]] = {
    "t38_terminal_init": (_POINTER, [_POINTER, _INT, _SEND, _POINTER]),
    "t38_terminal_free": (_INT, [_POINTER]),
    "t38_terminal_send_timeout": (_INT, [_POINTER, _INT]),
    "t38_terminal_get_t38_core_state": (_POINTER, [_POINTER]),
    "t38_terminal_get_t30_state": (_POINTER, [_POINTER]),
    "t38_core_rx_ifp_packet": (_INT, [_POINTER, _TEXT, _INT, ctypes.c_uint16]),
    "t38_set_t38_version": (None, [_POINTER, _INT]),
    "t30_set_phase_e_handler": (None, [_POINTER, _END, _POINTER]),
    "t30_set_ecm_capability": (_INT, [_POINTER, _INT]),
    "t30_set_supported_modems": (_INT, [_POINTER, _INT]),
    "t30_set_tx_file": (None, [_POINTER, _TEXT, _INT, _INT]),
    "t30_set_rx_file": (None, [_POINTER, _TEXT, _INT]),
}


@cache
def library() -> ctypes.CDLL | None:
    """libspandsp, with the signatures of what we use of it; None where there is none that we can use."""
    name = ctypes.util.find_library("spandsp")
    if name is None:
        return None
    try:
        loaded = ctypes.CDLL(name)
        for function, (result, arguments) in _FUNCTIONS.items():
            getattr(loaded, function).restype = result
            getattr(loaded, function).argtypes = arguments
    except (OSError, AttributeError) as error:
        log.warning("libspandsp can't be used: %s", error)
        return None
    return loaded


class SpandspMachine:
    """One end of a fax. `page` is the TIFF to send, or where the one that arrives is kept."""

    def __init__(self, port: FaxPort, *, sends: bool, page: Path) -> None:
        loaded = library()
        assert loaded is not None  # noqa: S101 - asked for before
        self._library, self._port = loaded, port
        self._listener = Listener()
        self.result: int | None = None
        self._callbacks = (_SEND(self._send), _END(self._end))  # kept for as long as the library may call them
        self._terminal = loaded.t38_terminal_init(None, int(sends), self._callbacks[0], None)
        self._core = loaded.t38_terminal_get_t38_core_state(self._terminal)
        loaded.t38_set_t38_version(self._core, 0)
        t30 = loaded.t38_terminal_get_t30_state(self._terminal)
        loaded.t30_set_phase_e_handler(t30, self._callbacks[1], None)
        loaded.t30_set_supported_modems(t30, MODEMS)
        loaded.t30_set_ecm_capability(t30, 1)
        path = str(page).encode()
        loaded.t30_set_tx_file(t30, path, -1, -1) if sends else loaded.t30_set_rx_file(t30, path, -1)

    @property
    def progress(self) -> Progress:
        """The frames that it heard."""
        return self._listener.progress

    async def run(self) -> bool:
        """Fax until the library says that it is over; whether all went well. To be cancelled when it takes too long."""
        packets = asyncio.create_task(self._take())
        told = time.monotonic()
        try:
            while self.result is None:
                await asyncio.sleep(TICK_S)
                now = time.monotonic()
                self._library.t38_terminal_send_timeout(self._terminal, round((now - told) * SAMPLES_PER_S))
                told = now
        finally:
            packets.cancel()
            self._library.t38_terminal_free(self._terminal)
        return self.result == OK

    async def _take(self) -> None:
        number = 0
        while True:
            packet = await self._port.receive()
            self._listener.frame_in(packet)
            if packet is not None:
                octets = encode(packet)
                self._library.t38_core_rx_ifp_packet(self._core, octets, len(octets), number % 65_536)
            number += 1  # the library sees by the gap that something was lost

    def _send(self, _core: int, _user: int, octets: "ctypes._Pointer[ctypes.c_uint8]", length: int, copies: int) -> int:
        try:
            packet = decode(bytes(octets[:length]))
        except MalformedFax as error:
            log.warning("libspandsp sends what we can't: %s", error)
            return -1
        for _ in range(copies):
            self._port.send(packet)
        return 0

    def _end(self, _t30: int, _user: int, result: int) -> None:
        self.result = result


def draw_page(path: Path, seed: str) -> None:
    """A page that no other run has: black and white blocks."""
    random = Random(f"page:{seed}")  # noqa: S311  # a mark, not a secret
    blocks = Image.new("1", (WIDTH // BLOCK, ROWS // BLOCK))
    blocks.putdata([255 * random.getrandbits(1) for _ in range(blocks.width * blocks.height)])
    page = blocks.resize((WIDTH, ROWS))
    page.save(path, format="TIFF", compression="group4", resolution_unit=2, x_resolution=204, y_resolution=196)


def is_same_page(sent: Path, received: Path) -> bool:
    """Whether every dot is the same."""
    try:
        with Image.open(sent) as one, Image.open(received) as other:
            ours, theirs = one.convert("1"), other.convert("1")
            return ours.size == theirs.size and ImageChops.difference(ours, theirs).getbbox() is None
    except OSError:
        return False


async def send_page(
    caller: FaxPort, number: FaxPort, seed: str, limits_s: tuple[float, float], on_machines: Callable[..., None]
) -> bool:
    """Fax one page between the two ports; whether it arrived, dot by dot. `on_machines` gets the progress of both.

    `limits_s`: until the sender must be told to send it, and from there. Where the library is missing there is nothing
    to call: see `library`.
    """
    with tempfile.TemporaryDirectory(prefix="numberyard-fax-") as folder:
        page, copy = Path(folder) / "sent.tif", Path(folder) / "received.tif"
        draw_page(page, seed)
        ends = (SpandspMachine(caller, sends=True, page=page), SpandspMachine(number, sends=False, page=copy))
        on_machines(ends[0].progress, ends[1].progress)
        faxing = asyncio.gather(*(end.run() for end in ends))
        try:
            await asyncio.wait([faxing], timeout=limits_s[0])
            if ends[0].progress.ready_at is not None:
                await asyncio.wait([faxing], timeout=limits_s[1])
            return faxing.done() and all(faxing.result()) and is_same_page(page, copy)
        finally:
            faxing.cancel()
            await asyncio.gather(faxing, return_exceptions=True)
