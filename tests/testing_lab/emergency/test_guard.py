"""The guard refuses every country's emergency codes, however they are written, before anything leaves."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import (
    SUPPORTED_REGIONS,
    SUPPORTED_SHORT_REGIONS,
    PhoneNumberFormat,
    PhoneNumberType,
    country_code_for_region,
    example_number_for_type,
    format_number,
)

from testing_lab.emergency import guard, services
from testing_lab.emergency.guard import DiallingRefused, check
from testing_lab.messages.link import SmscLink, SmscSettings
from testing_lab.messages.mm4 import Picture
from testing_lab.messages.mms import MmsLink, MmsSettings
from testing_lab.sip import MalformedMessage, UserAgent
from tests.testing_lab.sip.peer import ScriptedPeer

REGIONS = sorted(region for region in SUPPORTED_SHORT_REGIONS if guard.pattern_of(region))
SCRIPTS = [
    "0123456789",
    *("".join(chr(zero + digit) for digit in range(10)) for zero in (0xFF10, 0x660, 0x6F0, 0x966, 0x1D7CE)),
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079",  # superscript
    "\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d",  # Chinese
]
SEPARATORS = ["", " ", "-", ".", "/", "\u00a0", "\u200b", "\u2011", "\u2060", "(", ")"]
WRAPPED = [
    *("{}", "sip:{}@carrier.example", "sips:{}@10.0.0.1:5061", "SIP:{}@h;user=phone", "tel:{}", "Tel:{}", "sip:{}"),
    *("sip:{};phone-context=+1@h", "sip:{}:secret@h", "tel:{};phone-context=+676", '"Help" <sip:{}@h>', "<tel:{}>"),
    *("sip:+14155550123;rn={}@h", "sip:+14155550123@h;x={}", "sip:x,{}@h", "sms:{}", "h323:{}", "sip:call{}@h"),
]


@st.composite
def codes(draw: st.DrawFn) -> tuple[str, int]:
    """An emergency code of some region, and the region's country code."""
    region = draw(st.sampled_from(REGIONS))
    code = draw(st.from_regex(f"(?a:{guard.pattern_of(region)})", fullmatch=True))
    return code, country_code_for_region(region)


@st.composite
def dialled(draw: st.DrawFn) -> str:
    """An emergency code as somebody might write it."""
    code, country = draw(codes())
    before = draw(st.sampled_from(["", "0", "00", "+", f"+{country}", f"+{country}0", f"00{country}", f"011{country}"]))
    script, separator = draw(st.sampled_from(SCRIPTS)), draw(st.sampled_from(SEPARATORS))
    number = separator.join(char if char == "+" else script[int(char)] for char in before + code)
    assume(re.fullmatch(r"\d(\.\d){3}", number) is None)  # 9.9.9.9 is a host
    wrapped = draw(st.sampled_from(WRAPPED)).format(number)
    return "".join(f"%{ord(char):02x}" if ord(char) < 128 and draw(st.booleans()) else char for char in wrapped)


@pytest.mark.parametrize("region", REGIONS)
def test_the_codes_of_every_region_are_refused_in_every_form(region: str) -> None:
    pattern, country = guard.pattern_of(region), country_code_for_region(region)
    all_codes = [f"{n:0{length}}" for length in range(2, 7) for n in range(10**length) if length < 4] + (
        ["9999", "1444", "90000", "10111", "124422", "127799", "202099", "201606", "723141", "10177", "32022"]
    )
    mine = [code for code in all_codes if re.fullmatch(pattern, code)]
    assert mine, pattern
    for code in mine:
        for number in (code, f"+{code}", f"+{country}{code}", f"+{country}0{code}", f"00{country}{code}", f"0{code}"):
            for form in ("{}", "sip:{}@carrier.example", "tel:{}"):
                with pytest.raises(DiallingRefused):
                    check(form.format(number))


@given(dialled())
def test_no_emergency_code_passes_however_it_is_written(target: str) -> None:
    with pytest.raises(DiallingRefused):
        check(target)


@given(codes(), st.integers(0, 99_999))
def test_digits_behind_a_code_that_make_no_number_of_the_plan_do_not_help(code: tuple[str, int], more: int) -> None:
    number = f"+{code[1]}{code[0]}{more}"
    try:
        check(number)
    except DiallingRefused:
        return
    assert guard._is_in_the_plan(number[1:])


@pytest.mark.parametrize(
    "target",
    [
        *("urn:service:sos", "URN:Service:SOS.police", "urn:service:sos.ecall.manual", "urn%3Aservice%3Asos"),
        *("urn:service:test.sos.fire", "urn:service:counseling", "urn:nena:service:sos", "<urn:service:sos>"),
        *("sip:sos@h", "sip:urn:service:sos@h", "sip:police@h", "sip:Emergency-desk@h", "tel:112", "sip:1@h"),
        *("sip:+1911a@h", "sip:+1 911 555 0100@h", "+19115550100", "sip:112", "sip:911.@h", "*911", "#112#", "+"),
        *("sip:933@h", "sip:933;phone-context=+676@h", "sip:911;phone-context=+1@h", "tel:933;phone-context=+1"),
        *("sip:+14155550123@h?Route=%3Csip:911@h%3E", "sip:%25323931@h", "sip:\x00911@h", "4155550123"),
        "sip:" + "%25" * 20 + "39",
    ],
)
def test_services_and_what_is_no_international_number_are_refused(target: str) -> None:
    with pytest.raises(DiallingRefused):
        check(target)


def refused(*targets: str) -> list[str]:
    """Those of the targets that the guard refuses."""

    def is_refused(target: str) -> bool:
        try:
            check(target)
        except DiallingRefused:
            return True
        return False

    return [target for target in targets if is_refused(target)]


@pytest.mark.parametrize("region", sorted(SUPPORTED_REGIONS))
def test_the_numbers_of_every_country_may_be_dialled(region: str) -> None:
    for kind in PhoneNumberType.values():
        example = example_number_for_type(region, kind)
        if example and guard._is_in_the_plan(format_number(example, PhoneNumberFormat.E164)[1:]):
            number = format_number(example, PhoneNumberFormat.E164)
            uris = f"sip:{number}@127.0.0.1:5070", format_number(example, PhoneNumberFormat.RFC3966)
            assert refused(number, *uris) == []


@pytest.mark.parametrize(
    "target",
    [
        *("urn:service:test.sos", "URN:SERVICE:test.sos", "sip:933;phone-context=+1@127.0.0.1:5070;user=phone"),
        *("sip:127.0.0.1:5070", "sip:[2001:db8::1]:5060", "sip:trunk.example:5060;transport=udp", "sip:lab@h"),
        *("+33700015500112", "+34590015511911", "+467190155000112", "+3197010150999"),  # machines, as the sandbox has
    ],
)
def test_the_services_for_tests_and_ordinary_addresses_may_be_dialled(target: str) -> None:
    assert refused(target) == []


async def test_not_a_packet_leaves_the_agent(agent: UserAgent, peer: ScriptedPeer) -> None:
    for target in ("sip:911@trunk", "tel:+49112", "sip:%2B1911@trunk", "urn:service:sos"):
        with pytest.raises((DiallingRefused, MalformedMessage)):
            await agent.invite(target, via=peer.address, caller="+12025550142", sdp=b"")
        with pytest.raises((DiallingRefused, MalformedMessage)):
            await agent.options(target, via=peer.address)
    assert not agent.calls
    assert not agent.endpoint.clients


async def test_no_message_goes_to_an_emergency_code() -> None:
    smsc = SmscLink(SmscSettings("127.0.0.1", 9, "lab", "lab"))
    mms = MmsLink(MmsSettings("127.0.0.1", 9, ("127.0.0.1", 9), "lab.example", frozenset()))
    for number in ("911", "+1911", "112", "+49112", "+968 9999"):
        with pytest.raises(DiallingRefused):
            await smsc.send("+12025550142", number, "x")
        with pytest.raises(DiallingRefused):
            await mms.send(mms.new_forward("+12025550142", number, "x", Picture("image/jpeg", b"")))


def test_nothing_else_places_a_call_or_opens_a_dialog() -> None:
    """What calls out is made in `UserAgent.invite` alone, behind the guard."""
    sources = [path for path in Path("testing_lab").rglob("*.py") if "OutgoingCall(" in path.read_text()]
    makers = [path.name for path in sources if "class OutgoingCall(" not in path.read_text()]
    assert makers == ["agent.py"]


def test_every_stocked_country_has_an_address_and_no_live_code_is_a_test_code_at_home() -> None:
    stocked = {
        product["country"]
        for carrier in yaml.safe_load(Path("sandbox/data/carriers.yaml").read_text())["carriers"]
        for product in carrier["products"]
    }
    rows = [services.row_of(country) for country in stocked]
    assert all(row and row.rule and dict(row.address).keys() >= {"street", "locality"} for row in rows)
    for row in filter(None, rows):
        assert not re.fullmatch(guard.pattern_of(row.country), row.test_code)
        assert refused(row.target("127.0.0.1", 5060)) == []
