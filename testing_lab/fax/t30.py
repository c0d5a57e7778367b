"""Two fax machines as far as they must come to be ready for a page (ITU-T T.30 phase B), over T.38.

    calling                          called
             <- DIS (what it can do)
    DCS (what will be done) ->
    TCF (1.5 s of zeros, trains) ->
             <- CFR (ready for the page), or FTT (training failed)
    DCN (good bye) ->

Octets are as T.38 wants them: the bit that the modem would send first is the highest. Nothing that was lost on the way
comes twice by itself: DIS, and DCS with its training, are repeated as T.30 5.4 has it.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from enum import IntEnum

from testing_lab.fax.ifp import Data, Field, Ifp, Indicator, Kind, Modulation, Signal
from testing_lab.fax.port import FaxPort

ADDRESS, FINAL = 0xFF, 0xC8
TRIES = 3
T4_S = 3.0  # waiting for an answer to a command
PREAMBLE_S = 0.3  # shorter than the 1 s of flags: nobody demodulates
STEP_S = 0.04
TCF_OCTETS_PER_STEP = 48  # 9600 bit/s
TCF_STEPS = 38  # 1.5 s
LEAST_TCF_OCTETS = 1200  # 1 s of zeros in one piece
FIF = b"\x00\x72\x0e"  # receives, V.27 ter and V.29, fine resolution, A4, 0 ms a line
CHOSEN = b"\x00\x62\x0e"  # of that, V.29 at 9600 bit/s
ENDING = 3  # packets without a signal, which carry the last ones once more


class Command(IntEnum):
    """The facsimile control field, without the first bit, which whoever has received a DIS sets in all but DIS."""

    DIS = 0x01
    CFR = 0x21
    FTT = 0x22
    MCF = 0x31
    DCS = 0x41
    DCN = 0x5F
    EOP = 0x74


HEARD_DIS = 0x80


@dataclass(slots=True)
class Progress:
    """The frames that one end has heard, by name, in order, and the octets of training that came in one piece.

    `ready_at` is when it heard CFR (monotonic, seconds).
    """

    heard: list[str] = field(default_factory=list)
    ready_at: float | None = None
    training_octets: int = 0


class Listener:
    """Puts together what one end hears, packet by packet."""

    def __init__(self) -> None:
        self.progress = Progress()
        self._frame = bytearray()
        self._zeros = 0

    def frame_in(self, packet: Ifp | None) -> Command | None:
        """The frame that this packet completes, if any. A frame that something of is lost is none."""
        if packet is None or isinstance(packet, Indicator):
            self._frame.clear()
            return None
        command = None
        for each in packet.fields if packet.modulation == Modulation.V21 else ():
            self._frame += each.octets
            if each.kind in (Kind.HDLC_FCS_OK, Kind.HDLC_FCS_OK_SIG_END):
                command = _command(bytes(self._frame)) or command
            if each.kind != Kind.HDLC_DATA:
                self._frame.clear()
        if command is not None:
            self.progress.heard.append(command.name)
        if command == Command.CFR:
            self.progress.ready_at = time.monotonic()
        return command

    def training_begins(self) -> None:
        self.progress.training_octets = self._zeros = 0

    def training_ends(self, packet: Ifp | None) -> bool:
        """Count zeros in one piece: what is lost, or other than zero, begins a new one."""
        if packet is None:
            self._zeros = 0
        if not isinstance(packet, Data) or packet.modulation == Modulation.V21:
            return False
        for each in packet.fields:
            self._zeros = self._zeros + len(each.octets) if not any(each.octets) else 0
            self.progress.training_octets = max(self.progress.training_octets, self._zeros)
        return any(each.kind == Kind.T4_NON_ECM_SIG_END for each in packet.fields)


class Machine:
    """One end, as far as phase B."""

    def __init__(self, port: FaxPort) -> None:
        self._port, self._listener = port, Listener()

    @property
    def progress(self) -> Progress:
        """What it heard."""
        return self._listener.progress

    async def call(self) -> bool:
        """The calling machine; whether it was confirmed to be ready for the page."""
        if await self._hear({Command.DIS}, T4_S * TRIES) is None:
            return False
        for _ in range(TRIES):
            await self._say(Command.DCS, CHOSEN, mark=HEARD_DIS)
            await self._train()
            answer = await self._hear({Command.CFR, Command.FTT}, T4_S)
            if answer == Command.CFR:
                await self._say(Command.DCN, mark=HEARD_DIS)
                return True
        await self._say(Command.DCN, mark=HEARD_DIS)
        return False

    async def answer(self) -> bool:
        """The called machine; whether the training was good and the caller said good bye."""
        for _ in range(TRIES):
            await self._say(Command.DIS, FIF)
            if await self._hear({Command.DCS}, T4_S) is not None:
                break
        else:
            return False
        for _ in range(TRIES + 1):
            trained = await self._listen_to_training()
            await self._say(Command.CFR if trained else Command.FTT)
            following = await self._hear({Command.DCS, Command.DCN}, 2 * T4_S)
            if following != Command.DCS:
                return trained and following == Command.DCN
        return False

    async def _say(self, command: Command, information: bytes = b"", *, mark: int = 0) -> None:
        self._port.send(Indicator(Signal.V21_PREAMBLE))
        await asyncio.sleep(PREAMBLE_S)
        frame = bytes([ADDRESS, FINAL, command | mark]) + information
        self._port.send(Data(Modulation.V21, (Field(Kind.HDLC_DATA, frame),)))
        await asyncio.sleep(STEP_S)
        self._port.send(Data(Modulation.V21, (Field(Kind.HDLC_FCS_OK_SIG_END),)))
        await self._end()

    async def _train(self) -> None:
        self._port.send(Indicator(Signal.V29_9600_TRAINING))
        for _ in range(TCF_STEPS):
            await asyncio.sleep(STEP_S)
            self._port.send(Data(Modulation.V29_9600, (Field(Kind.T4_NON_ECM_DATA, bytes(TCF_OCTETS_PER_STEP)),)))
        self._port.send(Data(Modulation.V29_9600, (Field(Kind.T4_NON_ECM_SIG_END),)))
        await self._end()

    async def _end(self) -> None:
        for _ in range(ENDING):
            await asyncio.sleep(STEP_S)
            self._port.send(Indicator(Signal.NO_SIGNAL))

    async def _hear(self, wanted: set[Command], seconds: float) -> Command | None:
        """The next of the wanted frames, None when it does not come in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    if (command := self._listener.frame_in(await self._port.receive())) in wanted:
                        return command
        return None

    async def _listen_to_training(self) -> bool:
        self._listener.training_begins()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(T4_S):
                while not self._listener.training_ends(await self._port.receive()):
                    pass
        return self.progress.training_octets >= LEAST_TCF_OCTETS


def _command(frame: bytes) -> Command | None:
    if len(frame) < 3 or frame[0] != ADDRESS:
        return None
    with contextlib.suppress(ValueError):
        return Command(frame[2] if frame[2] == Command.DIS else frame[2] & ~HEARD_DIS)
    return None
