"""Two machines over a line that loses: they come to the page where redundancy can help."""

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random

import numpy as np
import pytest

from testing_lab.fax import description, tones
from testing_lab.fax.ifp import Data, Field, Indicator, Kind, Modulation, Signal
from testing_lab.fax.port import FaxPort
from testing_lab.fax.t30 import LEAST_TCF_OCTETS, TCF_OCTETS_PER_STEP, Listener, Machine
from testing_lab.media import g711
from testing_lab.sip import sdp
from testing_lab.sip.sdp import following


class Line:
    """Carries datagrams between two ports, and loses some."""

    def __init__(self, caller: FaxPort, number: FaxPort, chance: Random, share: float) -> None:
        self._share, self._chance = share, chance
        for here, there in ((caller, number), (number, caller)):
            here.remote = ("127.0.0.1", there.port)
            setattr(there, "datagram_received", self._lossy(there.datagram_received))  # noqa: B010 - the line is put in

    def _lossy(self, deliver: Callable[[bytes, tuple[str, int]], None]) -> Callable[[bytes, tuple[str, int]], None]:
        return lambda data, source: deliver(data, source) if self._chance.random() >= self._share else None


@pytest.fixture
async def ports() -> AsyncIterator[tuple[FaxPort, FaxPort]]:
    pair = (await FaxPort.open("127.0.0.1"), await FaxPort.open("127.0.0.1"))
    yield pair
    for port in pair:
        port.close()


@pytest.mark.parametrize(("share", "ready"), [(0.0, True), (0.1, True), (0.2, True), (0.9, False), (1.0, False)])
async def test_the_page_may_come_where_no_more_is_lost_than_redundancy_bridges(
    ports: tuple[FaxPort, FaxPort], share: float, ready: bool
) -> None:
    Line(*ports, Random(7), share)
    caller, number = Machine(ports[0]), Machine(ports[1])
    assert tuple(await asyncio.gather(caller.call(), number.answer())) == (ready, ready)
    if ready:
        assert (caller.progress.heard[-1], number.progress.heard[-1]) == ("CFR", "DCN")
        assert number.progress.training_octets >= LEAST_TCF_OCTETS


async def test_training_that_fails_once_is_repeated(ports: tuple[FaxPort, FaxPort]) -> None:
    Line(*ports, Random(7), 0.0)
    caller, number = Machine(ports[0]), Machine(ports[1])
    spoil = iter([True])
    listen = number._listen_to_training

    async def spoilt() -> bool:
        return await listen() and not next(spoil, False)

    number._listen_to_training = spoilt  # type: ignore[method-assign]  # bad luck, once
    assert tuple(await asyncio.gather(caller.call(), number.answer())) == (True, True)
    assert caller.progress.heard == ["DIS", "FTT", "CFR"]
    assert number.progress.heard == ["DCS", "DCS", "DCN"]


def training(*chunks: bytes | None) -> int:
    """How many octets of zeros in one piece a machine counts; None stands for a loss."""
    machine = Listener()
    for chunk in chunks:
        packet = None if chunk is None else Data(Modulation.V29_9600, (Field(Kind.T4_NON_ECM_DATA, chunk),))
        machine.training_ends(packet)
    return machine.progress.training_octets


def test_training_counts_zeros_in_one_piece() -> None:
    step = bytes(TCF_OCTETS_PER_STEP)
    assert training(step, step) == 2 * len(step)
    assert training(step, None, step) == len(step)
    assert training(step, b"\1" + step, step, step) == 2 * len(step)


def test_a_frame_of_which_something_is_lost_is_none() -> None:
    machine = Listener()
    begin = Data(Modulation.V21, (Field(Kind.HDLC_DATA, b"\xff\xc8"),))
    end = Data(Modulation.V21, (Field(Kind.HDLC_DATA, b"\x01"), Field(Kind.HDLC_FCS_OK_SIG_END)))
    bad = Data(Modulation.V21, (Field(Kind.HDLC_DATA, b"\x01"), Field(Kind.HDLC_FCS_BAD)))
    assert [machine.frame_in(packet) for packet in (begin, None, end)] == [None, None, None]
    assert [machine.frame_in(packet) for packet in (begin, bad, begin)] == [None, None, None]
    assert [machine.frame_in(packet) for packet in (Indicator(Signal.V21_PREAMBLE), begin, end)][-1] is not None


@pytest.mark.parametrize("law", [g711.PCMU, g711.PCMA])
def test_each_tone_is_heard_as_long_as_it_lasts_and_not_as_the_other(law: int) -> None:
    near, far = (g711.decode(g711.encode(signal(5.0), law), law) for signal in (tones.calling, tones.called))
    assert tones.longest_s(near, tones.CNG_HZ) == pytest.approx(tones.CNG_S, abs=0.03)
    assert tones.longest_s(far, tones.CED_HZ) == pytest.approx(tones.CED_S, abs=0.03)
    assert tones.longest_s(near, tones.CED_HZ) == tones.longest_s(far, tones.CNG_HZ) == 0.0


def test_two_lost_packets_do_not_end_a_tone_and_a_quarter_of_a_second_does() -> None:
    audio = tones.called(5.0).copy()
    audio[24_000:24_320] = 0
    assert tones.longest_s(audio, tones.CED_HZ) == pytest.approx(tones.CED_S, abs=0.03)
    audio[24_000:26_000] = 0
    assert tones.longest_s(audio, tones.CED_HZ) == pytest.approx(4.8 - 3.25, abs=0.05)


def test_noise_is_no_tone() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 16_000).astype(np.int16)
    assert tones.longest_s(noise, tones.CED_HZ) < 0.1
    assert tones.longest_s(noise[:10], tones.CED_HZ) == 0.0


def test_the_audio_stream_becomes_an_image_stream_in_its_place() -> None:
    audio = sdp.offer("127.0.0.1", 4000)
    image = description.image("127.0.0.1", 5000, audio)
    assert b"m=image 5000 udptl t38\r\n" in image
    assert b"a=T38FaxUdpEC:t38UDPRedundancy\r\n" in image
    assert image.count(b"m=") == audio.count(b"m=") == 1
    assert following(image, audio).splitlines()[1] == image.splitlines()[1]
    assert description.accepted(image) == description.Image("127.0.0.1", 5000)


@pytest.mark.parametrize(
    "text",
    [
        *("", "m=image 5000 udptl t38", "c=IN IP4 h\nm=image 5000 udptl t38", "c=IN IP4 1.2.3.4\nm=image 0 udptl t38"),
        *("c=IN IP4 1.2.3.4\nm=audio 5000 RTP/AVP 0", "c=IN IP4 1.2.3.4\nm=image 5000 RTP/AVP t38", "\0\xff" * 9000),
        *("c=IN IP4 1.2.3.4\nm=image 99999 udptl t38", "c=IN IP4 1.2.3.4\nm=image 5000 tcptl t38"),
    ],
)
def test_what_is_no_stream_of_t38_is_refused(text: str) -> None:
    assert description.accepted(text.encode()) is None
    assert description.accepted(None) is None
