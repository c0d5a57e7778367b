"""E01: which answers of the test service carry the registered address."""

from dataclasses import replace

import pytest

from numbering.e164 import E164
from numbering.types import Capability, NumberType
from testing_lab.emergency.addresses import room_in
from testing_lab.exchanges.emergency_call import EmergencyTestCall, text_of
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.sip.call import Heard
from testing_lab.suite.e01_emergency import emergency

ADDRESS = "1 Dr Carlton B Goodlett Place, Numberyard test room 000417, San Francisco, CA, 94102, US"
TOLD = f"Some PSAP\r\nurn:service:test.sos\r\n{ADDRESS}\r\n"


@pytest.fixture
def call(line: Line) -> EmergencyTestCall:
    return EmergencyTestCall(line, registered=ADDRESS, final_status=200, said=TOLD)


@pytest.mark.parametrize(
    "said",
    [
        TOLD,
        TOLD.upper(),
        f"Location: {ADDRESS}",
        ADDRESS.replace(", ", "; ").replace("Goodlett Place", "Goodlett  Place"),
        ADDRESS.replace(",", ""),
    ],
)
def test_the_registered_address_passes_however_it_is_punctuated(call: EmergencyTestCall, said: str) -> None:
    assert emergency(replace(call, said=said)).outcome == Outcome.PASS


@pytest.mark.parametrize(
    "said",
    [
        "",
        ADDRESS.replace("417", "418"),
        ADDRESS.replace(" CA,", " WA,"),
        ADDRESS.replace("Numberyard test room 000417, ", ""),
        ADDRESS.removesuffix(", US"),
        ADDRESS.replace("Place", "Pl"),
        ADDRESS.replace(", ", "\r\n"),
        f"{ADDRESS}, {ADDRESS}",
        None,
    ],
)
def test_a_letter_or_digit_that_differs_fails(call: EmergencyTestCall, said: str | None) -> None:
    assert emergency(replace(call, said=said)).outcome == Outcome.FAIL


@pytest.mark.parametrize("status", [302, 403, 404, 480, 603])
def test_a_test_service_that_is_not_reached_fails(call: EmergencyTestCall, status: int) -> None:
    assert emergency(replace(call, final_status=status, said=None)).outcome == Outcome.FAIL


@pytest.mark.parametrize("status", [None, 486])
def test_no_answer_and_a_busy_test_service_tell_nothing(call: EmergencyTestCall, status: int | None) -> None:
    assert emergency(replace(call, final_status=status, said=None)).outcome == Outcome.INCONCLUSIVE
    assert emergency(replace(call, final_status=503, our_trouble=True)).outcome == Outcome.INCONCLUSIVE


def test_an_address_that_was_only_looked_up_is_told_from_one_that_a_test_call_told(call: EmergencyTestCall) -> None:
    called, looked_up = emergency(call), emergency(replace(call, final_status=None, said=None, looked_up=ADDRESS))
    assert [(each.outcome, each.value) for each in (called, looked_up)] == [(Outcome.PASS, 1), (Outcome.PASS, 0)]
    assert looked_up.detail.startswith("only looked up, as its provider has no emergency test service: 1 Dr Carlton")
    for other in ("", ADDRESS.replace("417", "418")):
        found = emergency(replace(call, final_status=None, said=None, looked_up=other))
        assert (found.outcome, found.value) == (Outcome.FAIL, 0)


@pytest.mark.parametrize(
    "written",
    [
        "1 DR CARLTON B GOODLETT PL, NUMBERYARD TEST RM 000417, SAN FRANCISCO, CA, 94102-4733, US",
        "1 Dr Carlton B Goodlett Place Numberyard-Test Room #000417, San Francisco, CA, 94102, US",
        "1 Dr Carlton B Goodlett Place, Numberyard test room 00041\N{FULLWIDTH DIGIT SEVEN}, San Francisco, US",
    ],
)
def test_an_address_that_its_register_writes_in_its_own_way_is_known_by_the_room(
    call: EmergencyTestCall, written: str
) -> None:
    assert emergency(replace(call, final_status=None, said=None, looked_up=written)).outcome == Outcome.PASS


@pytest.mark.parametrize(
    "address",
    [
        "1 Market Street, San Francisco, CA, 94105, US",
        "1 Numberyard Street, San Francisco, 941054, US",
        "1 Dr Carlton B Goodlett Place, Numberyard test room, New Delhi, 110001, IN",
        "1 Dr Carlton B Goodlett Place, Numberyard test room 0004170, San Francisco, CA, 94102, US",
    ],
)
def test_the_addresses_of_others_have_no_room_of_the_labs(address: str) -> None:
    assert not room_in(address)


def test_where_nobody_registers_addresses_the_test_does_not_apply(line: Line) -> None:
    assert emergency(EmergencyTestCall(line)).outcome == Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("number", "kind", "applies"),
    [
        ("+14155550123", NumberType.LOCAL, True),
        ("+442079460123", NumberType.LOCAL, True),
        ("+33978551234", NumberType.VOIP, True),
        ("+18005550123", NumberType.TOLL_FREE, False),
        ("+611300155123", NumberType.SHARED_COST, False),
        ("+33700015512345", NumberType.MACHINE_TO_MACHINE, False),
        ("+97144123456", NumberType.LOCAL, False),  # a country without a row
    ],
)
def test_it_applies_to_lines_at_an_address_where_one_is_demanded(number: str, kind: NumberType, applies: bool) -> None:
    line = Line(E164.parse(number), E164.parse("+12025550142"), Capability.VOICE, "seed", kind)
    [test] = [test for test in all_tests() if test.code == "E01"]
    assert test.applies_to(line) is applies


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain", b"here", "here"),
        ("Text/Plain; charset=utf-8", "Zürich".encode(), "Zürich"),
        ("multipart/mixed;boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\nhere\r\n--x--\r\n", "here"),
        ("application/sdp", b"v=0", None),
        ("multipart/mixed;boundary=x", b"--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x--\r\n", None),
        ("multipart/mixed", b"", None),
        ("text/plain;charset=\x00\xff;=", b"\xff\x00", "\ufffd\x00"),
        ("", b"?", None),
    ],
)
def test_the_text_of_an_answer_is_found(kind: str, body: bytes, text: str | None) -> None:
    assert text_of(Heard(0.0, 200, "OK", [("Content-Type", kind)], body)) == text
