"""tshark, which knows nothing of our code, reads every packet that the lab sends and finds nothing wrong with it."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from numbering.e164 import E164
from numbering.types import Capability
from testing_lab.calculator import Calculator
from testing_lab.equipment import Equipment
from testing_lab.line import Line
from testing_lab.messages.link import SmscLink, SmscSettings
from testing_lab.messages.mms import MmsLink, MmsSettings
from testing_lab.registry import all_tests
from testing_lab.suite_runner import run_suite
from tests.carrier import start_carrier
from tests.patience import PATIENCE
from tests.ports import reserve
from tests.testing_lab.strangers.capture import Capture, tap
from tests.testing_lab.strangers.dissection import complaints, not_placed, protocols, read
from tests.testing_lab.strangers.lab import lab_at_a_strange_trunk
from tests.testing_lab.test_against_a_carrier import buy_numbers, told

SOLD = Capability.VOICE | Capability.SMS | Capability.MMS
NUMBER, REFERENCE = "+14155550100", "+12025550142"


def a_line(number: str = NUMBER) -> Line:
    return Line(E164.parse(number), E164.parse(REFERENCE), SOLD, f"test:{number}")


def with_a_short_hold(line: Line) -> Line:
    rows = [replace(row, value=3.0) if row.key[:2] == ("V16", "alive_s") else row for row in line.limit_rows]
    return replace(line, limit_rows=tuple(rows))


async def pdus(tshark: str, capture: Path, *ports: str) -> int:
    """How many PDUs of SMPP there were: a segment may hold several."""
    lines = await read(tshark, capture, *ports, "-T", "fields", "-e", "smpp.command_id")
    return sum(len(line.split(",")) for line in lines if line)


async def test_calls_hold_no_packet_that_is_malformed(tmp_path: Path, tshark: str) -> None:
    capture = tmp_path / "calls.pcap"
    async with lab_at_a_strange_trunk(capture=capture) as lab:
        report = await run_suite(
            with_a_short_hold(a_line()), lab, [test for test in all_tests() if test.code[0] == "V"]
        )
    # On a busy machine audio is noted before the answer that announces it: then tshark tells it by its looks.
    as_sip = "-d", f"udp.port=={lab.agent.address[1]},sip", "--enable-heuristic", "rtp_udp"
    seen = await protocols(tshark, capture, *as_sip)
    assert seen["sip"] > 20, (seen, told(report))
    assert seen["sdp"] > 8
    assert seen["rtp"] > 800
    assert seen["rtpevent"] > 40
    assert await not_placed(tshark, capture, *as_sip) == []
    assert await complaints(tshark, capture, *as_sip) == []


async def test_messages_hold_no_octet_that_is_malformed(tmp_path: Path, tshark: str) -> None:
    capture, door, tapped_door = Capture(tmp_path / "messages.pcap"), ("127.0.0.1", reserve()), reserve()
    async with AsyncExitStack() as stack:
        carrier = stack.enter_context(start_carrier(tmp_path, inbound_mms=("127.0.0.1", tapped_door)))
        taps = {}
        for name, (port, server) in {
            "smpp": (reserve(), carrier.smpp_address),
            "mm4": (reserve(), carrier.mms_address),
            "door": (tapped_door, door),
        }.items():
            await stack.enter_async_context(await tap(capture, ("127.0.0.1", port), server))
            taps[name] = "127.0.0.1", port
        [number] = await buy_numbers(carrier, 1)
        settings = SmscSettings(*taps["smpp"], carrier.system_id, carrier.password, messages_per_second=50)
        link = await stack.enter_async_context(SmscLink(settings))
        pictures = await stack.enter_async_context(MmsLink(MmsSettings(*door, taps["mm4"], messages_per_second=50)))
        assert await link.wait_bound(PATIENCE)
        calculator = Calculator()
        stack.callback(calculator.close)
        no_calls: dict[str, Any] = dict.fromkeys(("agent", "routes", "switchboard", "lag"))
        lab = Equipment(host="", smsc=link, calculator=calculator, mms=pictures, **no_calls)
        report = await run_suite(a_line(number), lab, [test for test in all_tests() if test.code[0] in "SM"])
    smpp, mm4 = carrier.smpp_address[1], {carrier.mms_address[1], door[1]}
    ports = [part for port in mm4 for part in ("-d", f"tcp.port=={port},smtp")]
    ports += ["-d", f"tcp.port=={smpp},smpp"]
    seen = await protocols(tshark, tmp_path / "messages.pcap", *ports)
    assert await pdus(tshark, tmp_path / "messages.pcap", *ports) > 40, (seen, told(report))
    assert seen["smtp"] > 10
    assert await complaints(tshark, tmp_path / "messages.pcap", *ports) == []


async def test_tshark_does_complain(tmp_path: Path, tshark: str) -> None:
    """Else the silence above would mean nothing."""
    capture = Capture(tmp_path / "spoilt.pcap")
    ends = ("127.0.0.1", 5060), ("127.0.0.1", 5070)
    capture.note_datagram(
        *ends, b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nCSeq: none\r\nContent-Length: 9\r\n\r\nv"
    )
    capture.note_segment(("127.0.0.1", 4000), ("127.0.0.1", 2775), bytes([0, 0, 0, 40, 0, 0, 0, 4]) + bytes(32))
    ports = "-d", "udp.port==5070,sip", "-d", "tcp.port==2775,smpp"
    assert len(await complaints(tshark, tmp_path / "spoilt.pcap", *ports)) >= 1
