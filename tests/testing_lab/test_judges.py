"""What each test says of what was seen: the limit itself passes, beyond it fails, unmeasured is inconclusive."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from numbering.e164 import E164
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.messages import Message, MessageFromNumber, MessageToNumber
from testing_lab.line import Line
from testing_lab.media.speech import Keys
from testing_lab.media.way import Way
from testing_lab.messages.delivery import Delivery
from testing_lab.messages.link import Submission, SubmitResult
from testing_lab.models import Outcome, Result
from testing_lab.registry import DuplicateTest, LabTest, all_tests, lab_test

GOOD = Way(
    match=0.95,
    fidelity=0.95,
    mos=4.36,
    loss_percent=0.0,
    burst_ratio=1.0,
    jitter_ms=2.0,
    delay_ms=30.0,
    packets_sent=400,
    packets_received=400,
)
KEYS = Keys("159#", "159#", (0.1, 0.1, 0.1, 0.1))
AT = datetime(2026, 11, 21, tzinfo=UTC)


def judge(code: str, seen: object) -> Outcome:
    return next(test for test in all_tests() if test.code == code).judge(seen).outcome


@pytest.fixture
def call(line: Line) -> InboundCall:
    """A perfect call."""
    return InboundCall(
        line,
        arrivals=1,
        called=str(line.number),
        caller=str(line.reference),
        progress_s=0.2,
        answer_s=1.3,
        final_status=200,
        media_ran=True,
        to_number=GOOD,
        to_caller=GOOD,
        rang=True,
        answer_skew_s=0.02,
        early_media_s=0.9,
        events_to_number=KEYS,
        events_to_caller=KEYS,
        tones_to_number=KEYS,
        tones_to_caller=KEYS,
    )


def test_what_a_test_says_of_itself_fits_a_result(line: Line) -> None:
    def faults_of(test: LabTest) -> dict[str, list[str]]:
        shown = {"code": test.code, "unit": test.unit, "limit": test.limit_for(line.limits)}
        try:
            Result(attempt=1, outcome=Outcome.PASS, **shown).clean_fields(exclude=["run"])
        except ValidationError as error:
            return error.message_dict
        return {}

    assert {test.code: faults for test in all_tests() if (faults := faults_of(test))} == {}


def test_a_code_is_taken_once() -> None:
    with pytest.raises(DuplicateTest):
        lab_test("V01", "again", exchange=InboundCall, limit="", source="")(lambda _: None)  # type: ignore[arg-type,return-value]  # never judged


@pytest.mark.parametrize("code", [f"V{number:02}" for number in range(1, 11)])
def test_a_perfect_call_passes_everything(call: InboundCall, code: str) -> None:
    assert judge(code, call) == Outcome.PASS


@pytest.mark.parametrize(
    ("code", "changes", "outcome"),
    [
        ("V01", {"arrivals": 0, "final_status": 404}, Outcome.FAIL),
        *(("V01", {"arrivals": 0, "final_status": status}, Outcome.FAIL) for status in (403, 408, 480, 600, 603)),
        *(("V01", {"arrivals": 0, "final_status": status}, Outcome.INCONCLUSIVE) for status in (500, 502, 503, 504)),
        *(("V01", {"arrivals": 0, "final_status": status}, Outcome.INCONCLUSIVE) for status in (501, 505, 513)),
        *(("V01", {"arrivals": 0, "final_status": status}, Outcome.INCONCLUSIVE) for status in (401, 407)),
        ("V01", {"arrivals": 1, "final_status": 500}, Outcome.FAIL),
        ("V01", {"final_status": None, "our_trouble": True}, Outcome.INCONCLUSIVE),
        ("V01", {"arrivals": 2}, Outcome.FAIL),
        ("V01", {"arrivals": 2, "perhaps_twice": True}, Outcome.FAIL),
        ("V01", {"perhaps_twice": True}, Outcome.INCONCLUSIVE),
        ("V01", {"called": "+14155550124"}, Outcome.FAIL),
        ("V01", {"called": "4155550123"}, Outcome.FAIL),
        ("V02", {"progress_s": 3.0}, Outcome.PASS),
        ("V02", {"progress_s": 3.01}, Outcome.FAIL),
        ("V02", {"progress_s": None}, Outcome.INCONCLUSIVE),
        ("V02", {"progress_s": 3.01, "progress_stall_ms": 900.0}, Outcome.INCONCLUSIVE),
        ("V02", {"progress_s": 2.0, "progress_stall_ms": 900.0}, Outcome.PASS),
        ("V04", {"to_caller": replace(GOOD, match=0.3)}, Outcome.PASS),
        ("V04", {"to_caller": replace(GOOD, match=0.29)}, Outcome.FAIL),
        ("V04", {"media_ran": False}, Outcome.INCONCLUSIVE),
        ("V05", {"to_number": replace(GOOD, mos=4.0)}, Outcome.PASS),
        ("V05", {"to_number": replace(GOOD, mos=3.9)}, Outcome.FAIL),
        ("V05", {"to_number": replace(GOOD, fidelity=0.2)}, Outcome.FAIL),
        ("V05", {"to_number": replace(GOOD, mos=None)}, Outcome.INCONCLUSIVE),
        ("V06", {"to_number": replace(GOOD, loss_percent=1.0)}, Outcome.PASS),
        ("V06", {"to_number": replace(GOOD, loss_percent=1.1)}, Outcome.FAIL),
        ("V06", {"to_number": replace(GOOD, loss_percent=None)}, Outcome.INCONCLUSIVE),
        ("V10", {"caller": "2025550142"}, Outcome.FAIL),
        ("V10", {"caller": "anonymous"}, Outcome.FAIL),
        ("V10", {"caller": "+1999", "asserted_identity": "+12025550142"}, Outcome.PASS),
        ("V10", {"arrivals": 0}, Outcome.INCONCLUSIVE),
    ],
)
def test_limits_of_the_call_tests(call: InboundCall, code: str, changes: dict[str, object], outcome: Outcome) -> None:
    for name, value in changes.items():
        setattr(call, name, value)
    assert judge(code, call) == outcome


@pytest.mark.parametrize(
    ("code", "changes", "outcome"),
    [
        ("V03", {"answer_skew_s": 1.0, "early_media_s": 0.2}, Outcome.PASS),
        ("V03", {"answer_skew_s": 1.01}, Outcome.FAIL),
        ("V03", {"answer_skew_s": -0.02}, Outcome.PASS),
        ("V03", {"answer_skew_s": -0.03}, Outcome.FAIL),
        ("V03", {"early_media_s": 0.18}, Outcome.FAIL),
        ("V03", {"rang": False}, Outcome.FAIL),
        ("V03", {"early_media_s": None}, Outcome.INCONCLUSIVE),
        ("V03", {"answer_skew_s": None}, Outcome.INCONCLUSIVE),
        ("V03", {"media_ran": False}, Outcome.INCONCLUSIVE),
        ("V07", {"to_number": replace(GOOD, delay_ms=150.0, jitter_ms=20.0)}, Outcome.PASS),
        ("V07", {"to_number": replace(GOOD, delay_ms=150.1)}, Outcome.FAIL),
        ("V07", {"to_caller": replace(GOOD, jitter_ms=20.1)}, Outcome.FAIL),
        ("V07", {"to_caller": replace(GOOD, delay_ms=None)}, Outcome.INCONCLUSIVE),
        ("V07", {"to_caller": replace(GOOD, jitter_ms=None)}, Outcome.INCONCLUSIVE),
        ("V07", {"media_ran": False}, Outcome.INCONCLUSIVE),
        ("V08", {"events_to_number": replace(KEYS, lengths_s=(0.04, 0.3, 0.1, 0.1))}, Outcome.PASS),
        ("V08", {"events_to_number": replace(KEYS, lengths_s=(0.03, 0.1, 0.1, 0.1))}, Outcome.FAIL),
        ("V08", {"events_to_number": replace(KEYS, lengths_s=(0.31, 0.1, 0.1, 0.1))}, Outcome.FAIL),
        ("V08", {"events_to_caller": Keys("159#", "15#", (0.1,) * 3)}, Outcome.FAIL),
        ("V08", {"events_to_caller": Keys("159#", "1599#", (0.1,) * 5)}, Outcome.FAIL),
        ("V08", {"events_to_caller": Keys("159#")}, Outcome.FAIL),
        ("V08", {"events_to_caller": None}, Outcome.FAIL),
        ("V08", {"media_ran": False, "events_to_caller": None}, Outcome.INCONCLUSIVE),
        ("V09", {"tones_to_number": Keys("159#", "1591#")}, Outcome.FAIL),
        ("V09", {"tones_to_caller": Keys("159#", "19#")}, Outcome.FAIL),
        ("V09", {"media_ran": False}, Outcome.INCONCLUSIVE),
    ],
)
def test_limits_of_supervision_delay_and_keys(
    call: InboundCall, code: str, changes: dict[str, object], outcome: Outcome
) -> None:
    for name, value in changes.items():
        setattr(call, name, value)
    assert judge(code, call) == outcome


def test_the_worse_direction_and_its_keys_are_told(call: InboundCall) -> None:
    call.events_to_caller = Keys("159#", "15", (0.1, 0.08))
    finding = next(test for test in all_tests() if test.code == "V08").judge(call)
    assert (finding.value, finding.detail.split("; ")[1]) == (2, "to the caller 159# came as 15, 0.08 to 0.10 s")


def test_an_international_call_may_take_longer(call: InboundCall) -> None:
    call.line = replace(call.line, number=E164.parse("+353 1 234 5678"))
    call.progress_s = 5.9
    assert judge("V02", call) == Outcome.PASS


def message(
    kind: type[Message], line: Line, *, text: str | None = "hello", source: str = "", **submitted: object
) -> Message:
    answer = SubmitResult(Submission.ACCEPTED, "1", 0, AT)
    arrived = None
    if text is not None:
        arrived = Delivery(source, 1, "1", text.encode(), 0, 0, AT + timedelta(seconds=2))
    return kind(line, "hello", replace(answer, **submitted), arrived)  # type: ignore[arg-type]  # fields of the row


@pytest.mark.parametrize(
    ("text", "submitted", "outcome"),
    [
        ("hello", {}, Outcome.PASS),
        ("hellO", {}, Outcome.FAIL),
        (None, {}, Outcome.FAIL),
        (None, {"outcome": Submission.REFUSED}, Outcome.FAIL),
        (None, {"outcome": Submission.INCONCLUSIVE}, Outcome.INCONCLUSIVE),
    ],
)
def test_a_message_in_must_arrive_letter_by_letter(
    line: Line, text: str | None, submitted: dict[str, Any], outcome: Outcome
) -> None:
    assert judge("S01", message(MessageToNumber, line, text=text, **submitted)) == outcome


@pytest.mark.parametrize(
    ("source", "outcome"), [("14155550123", Outcome.PASS), ("14155550124", Outcome.FAIL), ("INFO", Outcome.FAIL)]
)
def test_a_message_out_must_keep_its_sender(line: Line, source: str, outcome: Outcome) -> None:
    assert judge("S02", message(MessageFromNumber, line, source=source)) == outcome
