"""For each row of the file: with what was seen the same, a stricter value turns the verdict. None is there for show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from testing_lab import limits
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.long_call import LongCall
from testing_lab.exchanges.message_series import MessageSeries
from testing_lab.exchanges.messages import Message, MessageFromNumber, MessageToNumber
from testing_lab.exchanges.outbound_call import OutboundCall
from testing_lab.exchanges.picture_messages import Arrived, PictureMessages, PictureSent
from testing_lab.exchanges.release import Release
from testing_lab.exchanges.talk import Talk
from testing_lab.exchanges.withheld_call import WithheldCall
from testing_lab.line import Line
from testing_lab.media.speech import Keys
from testing_lab.media.way import Way
from testing_lab.messages.delivery import subscriber
from testing_lab.messages.link import Submission, SubmitResult
from testing_lab.messages.mms import MmsSubmission
from testing_lab.messages.picture import Look
from testing_lab.messages.receipts import Receipt
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from tests.testing_lab.limited import under
from tests.testing_lab.stir.signing import NOW, Signatory
from tests.testing_lab.test_message_judges import AT, delivery

FAIL, INCONCLUSIVE, PASS = Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS
FAIR = Way(match=0.5, fidelity=0.6, mos=4.1, loss_percent=0.5, burst_ratio=1.0, jitter_ms=10.0, delay_ms=100.0)
KEYS = Keys("159#", "159#", (0.1,) * 4)
PICTURE = Look("one", 10_000, "image/jpeg", 320, 240, 0)
ALIKE = Look("other", 9_000, "image/jpeg", 320, 240, 0b11111)
OURS = 2.0  # seconds that a message or a receipt took

Seen = tuple[object, ...]


def call(line: Line, cause: int | None = 16) -> InboundCall:
    return InboundCall(
        line,
        arrivals=1,
        progress_s=1.0,
        final_status=200,
        media_ran=True,
        to_number=FAIR,
        to_caller=FAIR,
        rang=True,
        answer_skew_s=0.3,
        early_media_s=0.5,
        events_to_number=KEYS,
        events_to_caller=KEYS,
        release=Release(0.5, cause),
    )


def busy(line: Line) -> WithheldCall:
    return WithheldCall(line, arrivals=1, final_status=486)


def outbound(line: Line) -> OutboundCall:
    signatory = Signatory()
    return OutboundCall(
        line,
        arrivals=1,
        final_status=200,
        talk=Talk(True, "", to_callee=FAIR, to_caller=FAIR),
        identity=signatory.identity(str(line.number), str(line.reference)),
        arrived_at=NOW + 30.0,
        certificate=signatory.certificate,
    )


def held(line: Line) -> LongCall:
    talk = Talk(True, "", to_callee=FAIR, to_caller=FAIR)
    return LongCall(line, alive_s=51.0, hold_status=200, resume_status=200, most_at_once=1, talk=talk)


def one_channel(line: Line) -> Seen:
    return held(line), InboundCall(line, final_status=486), busy(line)


def text(kind: type[Message], line: Line) -> Message:
    series = MessageSeries.composed(line)
    sent = series.unicode[0 if kind is MessageToNumber else 1]
    answer = SubmitResult(Submission.ACCEPTED, "1", 0, AT)
    return kind(line, sent.text, answer, replace(delivery(sent, after_s=OURS), source=subscriber(sent.source)))


def series(line: Line) -> MessageSeries:
    seen = MessageSeries.composed(line)
    for message in seen.messages:
        message.submitted = SubmitResult(Submission.ACCEPTED, message.name, 0, AT)
        seen.take(delivery(message, after_s=OURS))
        state = "UNDELIV" if message is seen.control else "DELIVRD"
        message.receipt = Receipt(message.name, state, "000", AT + timedelta(seconds=OURS))
    return seen


def pictures(line: Line) -> PictureMessages:
    come = Arrived("+1", "image/jpeg", ALIKE)
    way = PictureSent("MMS in", "+1", PICTURE, MmsSubmission(Submission.ACCEPTED), "Ok", come)
    return PictureMessages(line, [way], frozenset({"image/jpeg"}))


def alone(make: Callable[[Line], object]) -> Callable[[Line], Seen]:
    return lambda line: (make(line),)


#: What was seen; a value that it keeps, one that it does not, and what is then said.
CASES: dict[tuple[str, str], tuple[Callable[[Line], Seen], float, float, Outcome]] = {
    ("V02", "delay_s"): (alone(call), 1.0, 0.9, FAIL),
    ("V03", "least_skew_s"): (alone(call), 0.3, 0.4, FAIL),
    ("V03", "most_skew_s"): (alone(call), 0.3, 0.2, FAIL),
    ("V03", "early_media_s"): (alone(call), 0.5, 0.6, FAIL),
    ("V04", "match"): (alone(call), 0.5, 0.51, FAIL),
    ("V05", "mos"): (alone(call), 4.1, 4.2, FAIL),
    ("V05", "fidelity"): (alone(call), 0.6, 0.7, FAIL),
    ("V06", "loss_percent"): (alone(call), 0.5, 0.4, FAIL),
    ("V07", "delay_ms"): (alone(call), 100, 99, FAIL),
    ("V07", "jitter_ms"): (alone(call), 10, 9, FAIL),
    ("V08", "shortest_s"): (alone(call), 0.1, 0.11, FAIL),
    ("V08", "longest_s"): (alone(call), 0.1, 0.09, FAIL),
    ("V11", "release_s"): (lambda line: (call(line), busy(line)), 0.5, 0.4, FAIL),
    ("V11", "cause_16"): (lambda line: (call(line, cause=None), busy(line)), 0, 1, FAIL),
    ("V12", "match"): (alone(outbound), 0.5, 0.51, FAIL),
    ("V12", "mos"): (alone(outbound), 4.1, 4.2, FAIL),
    ("V12", "fidelity"): (alone(outbound), 0.6, 0.7, FAIL),
    ("V12", "loss_percent"): (alone(outbound), 0.5, 0.4, FAIL),
    ("V15", "fresh_s"): (alone(outbound), 30, 29, INCONCLUSIVE),
    ("V16", "alive_s"): (alone(held), 51, 52, FAIL),
    ("V16", "match"): (alone(held), 0.5, 0.6, FAIL),
    ("V17", "channels"): (one_channel, 1, 2, FAIL),
    ("S01", "arrival_s"): (lambda line: (text(MessageToNumber, line),), 2, 1.9, FAIL),
    ("S02", "arrival_s"): (lambda line: (text(MessageFromNumber, line),), 2, 1.9, FAIL),
    ("S03", "arrival_s"): (alone(series), 2, 1.9, FAIL),
    ("S04", "arrival_s"): (alone(series), 2, 1.9, FAIL),
    ("S05", "report_s"): (alone(series), 2, 1.9, FAIL),
    ("M01", "different_bits"): (alone(pictures), 5, 4, FAIL),
}
#: Said by what the exchange waits for: `test_messages_against_a_carrier`.
WAITED_FOR = {("M01", "arrival_s")}


@pytest.mark.parametrize("key", CASES, ids="-".join)
def test_a_stricter_row_turns_the_verdict(line: Line, key: tuple[str, str]) -> None:
    see, kept, broken, then = CASES[key]
    [test] = [test for test in all_tests() if test.code == key[0]]
    found = [test.judge(*see(under(line, {key: value}))) for value in (kept, broken)]
    assert [finding.outcome for finding in found] == [PASS, then], found


def test_each_row_of_calls_and_messages_has_its_case() -> None:
    named = {(row.code, row.quantity) for row in limits.stock() if row.code[0] in "VSM"}
    assert named == CASES.keys() | WAITED_FOR
