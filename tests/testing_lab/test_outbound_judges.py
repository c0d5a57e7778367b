"""What the tests of calls from the number, of withheld, busy, long and simultaneous calls say of what was seen."""

from dataclasses import replace
from typing import Any

import pytest

from numbering.e164 import E164
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.long_call import LongCall
from testing_lab.exchanges.outbound_call import Negotiation, OutboundCall
from testing_lab.exchanges.talk import Talk
from testing_lab.exchanges.withheld_call import WithheldCall, judge_busy
from testing_lab.findings import Finding
from testing_lab.line import Line
from testing_lab.media.way import Way
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from tests.testing_lab.stir.signing import NOW, Signatory

GOOD = Way(match=0.95, fidelity=0.95, mos=4.36, loss_percent=0.0, burst_ratio=1.0)
SPOKEN = Talk(ran=True, why_not="", to_callee=GOOD, to_caller=GOOD)
PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
BOTH = Negotiation(("PCMU", "PCMA"), 200, ("PCMU", "PCMA"))
REVERSED = Negotiation(("PCMA", "PCMU"), 200, ("PCMA", "PCMU"))
SIGNATORY = Signatory()


def judge(code: str, *seen: object) -> Finding:
    return next(test for test in all_tests() if test.code == code).judge(*seen)


def changed(seen: object, changes: dict[str, object]) -> object:
    for name, value in changes.items():
        setattr(seen, name, value)
    return seen


@pytest.fixture
def outbound(line: Line) -> OutboundCall:
    """A perfect call from the number."""
    return OutboundCall(
        line,
        arrivals=1,
        called=str(line.reference),
        caller=str(line.number),
        final_status=200,
        talk=SPOKEN,
        negotiations=[BOTH, REVERSED],
        identity=SIGNATORY.identity(str(line.number), str(line.reference)),
        arrived_at=NOW + 0.5,
        certificate=SIGNATORY.certificate,
    )


@pytest.fixture
def withheld(line: Line) -> WithheldCall:
    """A call whose caller is hidden and which finds the number busy."""
    return WithheldCall(line, arrivals=1, caller="anonymous", final_status=486, reason='Q.850;cause=17;text="busy"')


@pytest.fixture
def held(line: Line) -> LongCall:
    """A call that was held, refreshed and resumed, with another beside it."""
    return LongCall(
        line,
        arrivals=1,
        final_status=200,
        alive_s=51.0,
        hold_status=200,
        resume_status=200,
        refresh_due_s=45.0,
        refreshes=1,
        most_at_once=2,
        talk=SPOKEN,
    )


@pytest.fixture
def second(line: Line) -> InboundCall:
    return InboundCall(line, arrivals=1, final_status=200)


def spoken(**changes: object) -> Talk:
    return replace(SPOKEN, to_caller=replace(GOOD, **changes))  # type: ignore[arg-type]  # fields of the row


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, PASS),
        ({"arrivals": 0, "final_status": 403}, FAIL),
        ({"arrivals": 0, "final_status": 487}, FAIL),
        ({"arrivals": 0, "final_status": 503}, INCONCLUSIVE),
        ({"arrivals": 0, "final_status": None, "our_trouble": True}, INCONCLUSIVE),
        ({"final_status": 500}, FAIL),
        ({"talk": Talk(bad_description="port 0")}, FAIL),
        ({"talk": Talk(why_not="instrument: sick", our_trouble=True)}, INCONCLUSIVE),
        ({"talk": spoken(match=0.3)}, PASS),
        ({"talk": spoken(match=0.29)}, FAIL),
        ({"talk": spoken(mos=4.0)}, PASS),
        ({"talk": spoken(mos=3.99)}, FAIL),
        ({"talk": spoken(fidelity=0.5)}, PASS),
        ({"talk": spoken(fidelity=0.49)}, FAIL),
        ({"talk": spoken(loss_percent=1.0)}, PASS),
        ({"talk": spoken(loss_percent=1.01)}, FAIL),
    ],
)
def test_a_call_from_the_number_is_answered_and_sounds_right(
    outbound: OutboundCall, changes: dict[str, object], outcome: Outcome
) -> None:
    assert judge("V12", changed(outbound, changes)).outcome == outcome


@pytest.mark.parametrize(
    ("shown", "hidden", "outcome"),
    [
        ({}, {}, PASS),
        ({"caller": "4155550123"}, {}, FAIL),
        ({"caller": "anonymous"}, {}, FAIL),
        ({"caller": "+14155550123", "asserted_identity": "+14155550124"}, {}, FAIL),
        ({"caller": "x", "asserted_identity": "+14155550123"}, {}, PASS),
        ({}, {"revealed": ["Remote-Party-ID"]}, FAIL),
        ({"arrivals": 0, "caller": ""}, {"revealed": ["From"]}, FAIL),
        ({"arrivals": 0, "caller": ""}, {}, INCONCLUSIVE),
        ({}, {"arrivals": 0}, INCONCLUSIVE),
    ],
)
def test_the_caller_is_shown_exactly_and_hidden_wholly(
    outbound: OutboundCall,
    withheld: WithheldCall,
    shown: dict[str, object],
    hidden: dict[str, object],
    outcome: Outcome,
) -> None:
    assert judge("V13", changed(outbound, shown), changed(withheld, hidden)).outcome == outcome


ONLY_PCMU = [Negotiation(("PCMU", "PCMA"), 200, ("PCMU",)), Negotiation(("PCMA", "PCMU"), 200, ("PCMU",))]


@pytest.mark.parametrize(
    ("negotiations", "outcome"),
    [
        ([BOTH, REVERSED], PASS),
        ([BOTH, Negotiation(("PCMA", "PCMU"), 200, ("PCMU", "PCMA")), Negotiation(("PCMA",), 200, ("PCMA",))], PASS),
        ([*ONLY_PCMU, Negotiation(("PCMA",), 488)], FAIL),
        ([*ONLY_PCMU, Negotiation(("PCMA",), 200, ())], FAIL),
        ([*ONLY_PCMU, Negotiation(("PCMA",), None)], INCONCLUSIVE),
        ([*ONLY_PCMU, Negotiation(("PCMA",), 491)], INCONCLUSIVE),
        ([Negotiation(("PCMU", "PCMA"), 488)], FAIL),
        ([Negotiation(("PCMU", "PCMA"), 404)], INCONCLUSIVE),
        ([Negotiation(("PCMU", "PCMA"), None)], INCONCLUSIVE),
        ([], INCONCLUSIVE),
    ],
)
def test_both_kinds_of_g711_must_be_had(
    outbound: OutboundCall, negotiations: list[Negotiation], outcome: Outcome
) -> None:
    outbound.negotiations = negotiations
    assert judge("V14", outbound).outcome == outcome


def test_wideband_is_recorded_and_not_asked_for(outbound: OutboundCall) -> None:
    assert judge("V14", outbound).detail.endswith("wideband: none")
    outbound.negotiations.append(Negotiation(("opus", "G722", "PCMU"), 200, ("G722", "PCMU")))
    assert judge("V14", outbound).detail.endswith("wideband: G722")


def signed(line: Line, **claims: Any) -> str:
    return SIGNATORY.identity(str(line.number), str(line.reference), **claims)


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ({"attest": "A"}, PASS),
        ({"attest": "B"}, PASS),
        ({"attest": "C"}, FAIL),
        ({"attest": None}, FAIL),
        ({"orig": {"tn": "12025550199"}}, FAIL),
        ({"orig": {}}, FAIL),
        ({"dest": {"tn": ["12025550199"]}}, FAIL),
        ({"iat": NOW - 59}, PASS),
        ({"iat": NOW - 61}, INCONCLUSIVE),
        ({"iat": NOW + 62}, INCONCLUSIVE),
        ({"iat": None}, FAIL),
    ],
)
def test_the_token_says_who_calls_and_that_the_network_knows_them(
    outbound: OutboundCall, claims: dict[str, Any], outcome: Outcome
) -> None:
    outbound.identity = signed(outbound.line, **claims)
    assert judge("V15", outbound).outcome == outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"identity": None}, FAIL),
        ({"identity": "rubbish"}, FAIL),
        ({"certificate": Signatory().certificate}, FAIL),
        ({"certificate": b"rubbish"}, FAIL),
        ({"certificate": None, "no_certificate": "timeout"}, INCONCLUSIVE),
        ({"arrivals": 0, "identity": None}, INCONCLUSIVE),
    ],
)
def test_the_token_is_there_and_intact(outbound: OutboundCall, changes: dict[str, object], outcome: Outcome) -> None:
    assert judge("V15", changed(outbound, changes)).outcome == outcome


@pytest.mark.parametrize(
    ("number", "reference", "signed"),
    [
        ("+14155550123", "+12025550142", True),
        ("+14165550123", "+12025550142", True),
        ("+17875550123", "+12025550142", True),
        ("+18765550123", "+12025550142", False),
        ("+33123456789", "+12025550142", False),
        ("+33123456789", "+33612345678", True),
        ("+442079460018", "+12025550142", False),
    ],
)
def test_calls_are_signed_within_one_framework(line: Line, number: str, reference: str, signed: bool) -> None:
    line = replace(line, number=E164.parse(number), reference=E164.parse(reference))
    assert ("V15" in {test.code for test in all_tests() if test.applies_to(line)}) == signed


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, PASS),
        ({"alive_s": 50.0}, PASS),
        ({"alive_s": 49.9, "dropped": "caller remote, number up"}, FAIL),
        ({"alive_s": 49.9, "dropped": "caller remote, number up", "our_trouble": True}, FAIL),
        ({"alive_s": 45.0, "lost": True}, INCONCLUSIVE),
        ({"refreshes": 0, "our_trouble": True}, INCONCLUSIVE),
        ({"refreshes": 0, "resume_status": None}, INCONCLUSIVE),
        ({"resume_status": 481, "our_trouble": True}, INCONCLUSIVE),
        ({"alive_s": None, "final_status": 404}, INCONCLUSIVE),
        ({"hold_status": 488}, FAIL),
        ({"hold_status": None}, INCONCLUSIVE),
        ({"refreshes": 0}, FAIL),
        ({"refreshes": 0, "refresh_due_s": None}, PASS),
        ({"refreshes": 0, "refresh_due_s": 900.0}, PASS),
        ({"resume_status": 500}, FAIL),
        ({"resume_status": None}, INCONCLUSIVE),
        ({"talk": spoken(match=0.3)}, PASS),
        ({"talk": spoken(match=0.29)}, FAIL),
        ({"talk": Talk(bad_description="port 0")}, FAIL),
        ({"talk": Talk(why_not="instrument: sick")}, INCONCLUSIVE),
    ],
)
def test_a_held_call_stays_up_is_refreshed_and_resumed(
    held: LongCall, changes: dict[str, object], outcome: Outcome
) -> None:
    assert judge("V16", changed(held, changes)).outcome == outcome


@pytest.mark.parametrize(
    ("most", "second_heard", "third_heard", "outcome"),
    [
        (2, 200, 486, PASS),
        (1, 486, 486, FAIL),
        (1, 603, None, FAIL),
        (1, 503, 503, FAIL),
        (1, 503, None, INCONCLUSIVE),
        (1, None, None, INCONCLUSIVE),
    ],
)
def test_a_number_carries_two_calls_at_once(  # noqa: PLR0917 - three calls and what came of them
    held: LongCall,
    second: InboundCall,
    withheld: WithheldCall,
    most: int,
    second_heard: int | None,
    third_heard: int | None,
    outcome: Outcome,
) -> None:
    held.most_at_once = most
    for call, heard in ((second, second_heard), (withheld, third_heard)):
        call.final_status, call.arrivals = heard, 1 if heard in (None, 200) else 0
    assert judge("V17", held, second, withheld).outcome == outcome


def test_a_trunk_that_refuses_other_numbers_too_fails_none(
    held: LongCall, second: InboundCall, withheld: WithheldCall
) -> None:
    held.most_at_once, second.arrivals, withheld.arrivals = 1, 0, 0
    second.final_status = withheld.final_status = 503
    withheld.others_refused = True
    assert judge("V17", held, second, withheld).outcome == INCONCLUSIVE


def test_without_the_long_call_nothing_is_known_of_the_channels(
    held: LongCall, second: InboundCall, withheld: WithheldCall
) -> None:
    held.alive_s, held.most_at_once, second.arrivals, second.final_status = None, 0, 0, 486
    assert judge("V17", held, second, withheld).outcome == INCONCLUSIVE


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, PASS),
        ({"reason": ""}, PASS),
        ({"reason": "SIP;cause=200, Q.850 ;cause=17"}, PASS),
        ({"reason": "Q.850;cause=16"}, FAIL),
        ({"reason": 'Q.850;text="x";cause=21'}, FAIL),
        ({"final_status": 480}, FAIL),
        ({"final_status": 503}, FAIL),
        ({"final_status": 503, "arrivals": 0}, INCONCLUSIVE),
        ({"final_status": 404, "arrivals": 0}, INCONCLUSIVE),
        ({"final_status": None}, INCONCLUSIVE),
    ],
)
def test_busy_stays_busy(withheld: WithheldCall, changes: dict[str, object], outcome: Outcome) -> None:
    changed(withheld, changes)
    assert judge_busy(withheld).outcome == outcome
