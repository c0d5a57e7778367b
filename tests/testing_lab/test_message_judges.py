"""What S03, S04, S05 and M01 say: exact passes, the least difference fails, unmeasured is inconclusive."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from testing_lab.exchanges.message_series import MessageSeries, Sent
from testing_lab.exchanges.picture_messages import Arrived, PictureMessages, PictureSent
from testing_lab.findings import Finding
from testing_lab.line import Line
from testing_lab.messages import alphabet, concatenation, picture
from testing_lab.messages.delivery import Delivery, subscriber
from testing_lab.messages.link import REFUSED_FOR_GOOD, Submission, SubmitResult
from testing_lab.messages.mms import MmsSubmission
from testing_lab.messages.receipts import Receipt
from testing_lab.models import Outcome
from testing_lab.registry import all_tests

AT = datetime(2026, 11, 21, tzinfo=UTC)
PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE


def judge(code: str, seen: object) -> Finding:
    return next(test for test in all_tests() if test.code == code).judge(seen)


def delivery(message: Sent, *, after_s: float = 2.0) -> Delivery:
    """The message as it was sent."""
    coding, octets = alphabet.encode(message.text)
    return Delivery(
        subscriber(message.source),
        1,
        subscriber(message.destination),
        message.header + octets,
        coding,
        concatenation.ESM_UDHI if message.header else 0,
        AT + timedelta(seconds=after_s),
    )


def claim(message: Sent, state: str) -> None:
    message.receipt = Receipt(message.name, state, "000", AT)


@pytest.fixture
def series(line: Line) -> MessageSeries:
    """All six as they should go: five delivered and reported delivered, the control refused and reported so."""
    seen = MessageSeries.composed(line)
    for message in seen.messages:
        message.submitted = SubmitResult(Submission.ACCEPTED, message.name, 0, AT)
        answer = seen.take(delivery(message))
        assert answer == (REFUSED_FOR_GOOD if message is seen.control else 0)
        claim(message, "UNDELIV" if message is seen.control else "DELIVRD")
    return seen


@pytest.mark.parametrize(("code", "value"), [("S03", 3), ("S04", 2.0), ("S05", 0)])
def test_a_perfect_series_passes(series: MessageSeries, code: str, value: float) -> None:
    assert judge(code, series) == Finding(PASS, value)
    assert not series.our_trouble


def deliver(series: MessageSeries, *deliveries: Delivery) -> None:
    """Exactly these parts, in this order."""
    for part in series.parts:
        part.arrivals.clear()
    for each in deliveries:
        assert series.take(each) is not None


def with_header(part: Delivery, header: bytes) -> Delivery:
    return replace(part, body=header + part.body[part.body[0] + 1 :])


def numbered(part: Delivery, number: int) -> Delivery:
    return with_header(part, part.body[:5] + bytes([number]))


def test_parts_may_come_in_any_order_and_with_references_of_eight_or_sixteen_bits(series: MessageSeries) -> None:
    parts = [delivery(part) for part in series.parts]
    deliver(series, *parts[::-1])
    assert judge("S03", series).outcome == PASS
    deliver(series, *(with_header(p, bytes([6, 8, 4, 1, 2, 3, n])) for n, p in enumerate(parts, 1)))
    assert judge("S03", series).outcome == PASS


def test_parts_may_be_numbered_by_parameters_of_smpp(series: MessageSeries) -> None:
    bare = [replace(delivery(p), body=delivery(p).body[6:], esm_class=0) for p in series.parts]
    described = [{0x20C: b"\0\7", 0x20E: b"\3", 0x20F: bytes([number])} for number in (1, 2, 3)]
    deliver(series, *(replace(part, tlvs=tlvs) for part, tlvs in zip(bare, described, strict=True)))
    assert judge("S03", series).outcome == PASS


def test_parts_that_the_carrier_has_joined_pass_when_the_text_is_exact(series: MessageSeries) -> None:
    text = "".join(part.text for part in series.parts)
    whole = replace(delivery(series.parts[0]), body=alphabet.encode_gsm(text), esm_class=0)
    deliver(series, whole)
    assert judge("S03", series) == Finding(PASS, 1, "the carrier joined the parts itself")
    assert judge("S05", series).outcome == PASS
    deliver(series, replace(whole, body=whole.body[:-1]))
    assert judge("S03", series).outcome == FAIL
    assert judge("S05", series).outcome == PASS


Spoil = Callable[[list[Delivery]], list[Delivery]]
SPOILT_PARTS: dict[str, Spoil] = {
    "lost": lambda p: p[:2],
    "doubled": lambda p: [*p, p[1]],
    "swapped": lambda p: [numbered(p[0], 2), numbered(p[1], 1), p[2]],
    "without a header": lambda p: [p[0], replace(p[1], body=p[1].body[6:], esm_class=0), p[2]],
    "of different senders": lambda p: [p[0], replace(p[1], source="72345"), p[2]],
    "of different references": lambda p: [p[0], with_header(p[1], bytes([5, 0, 3, p[1].body[3] ^ 1, 3, 2])), p[2]],
    "of a total that is another": lambda p: [p[0], p[1], with_header(p[2], bytes([5, 0, 3, p[2].body[3], 4, 3]))],
    "of one number": lambda p: [p[0], numbered(p[1], 1), p[2]],
    "one letter wrong": lambda p: [p[0], replace(p[1], body=p[1].body[:-1] + b"#"), p[2]],
    "one letter short": lambda p: [p[0], replace(p[1], body=p[1].body[:-1]), p[2]],
}


@pytest.mark.parametrize("spoil", SPOILT_PARTS.values(), ids=SPOILT_PARTS.keys())
def test_parts_that_cannot_be_joined_exactly_fail(series: MessageSeries, spoil: Spoil) -> None:
    deliver(series, *spoil([delivery(part) for part in series.parts]))
    finding = judge("S03", series)
    assert finding.outcome == FAIL
    assert finding.detail
    assert judge("S04", series).outcome == PASS


def test_a_part_whose_text_is_gone_is_known_by_its_header(series: MessageSeries) -> None:
    parts = [delivery(part) for part in series.parts]
    deliver(series, parts[0], replace(parts[1], body=parts[1].body[:6] + b"?" * 80), parts[2])
    assert judge("S03", series).value == 3
    assert judge("S03", series).outcome == FAIL
    assert judge("S05", series).outcome == PASS


@pytest.mark.parametrize("code", ["S03", "S04", "S05"])
def test_what_could_not_be_sent_says_nothing(series: MessageSeries, code: str) -> None:
    for message in (series.parts[1], series.unicode[1]):
        message.submitted = SubmitResult(Submission.INCONCLUSIVE, "", 8, AT)
        message.arrivals.clear()
    assert judge(code, series).outcome == INCONCLUSIVE
    assert series.our_trouble


@pytest.mark.parametrize("code", ["S03", "S04", "S05"])
def test_what_did_not_come_while_our_link_was_away_says_nothing(series: MessageSeries, code: str) -> None:
    series.link_held = False
    assert judge(code, series).outcome == PASS
    for message in (series.parts[1], series.unicode[1]):
        message.arrivals.clear()
    assert judge(code, series).outcome == INCONCLUSIVE
    assert series.our_trouble


@pytest.mark.parametrize("code", ["S03", "S04"])
def test_what_the_smsc_refuses_fails(series: MessageSeries, code: str) -> None:
    for message in (series.parts[1], series.unicode[1]):
        message.submitted = SubmitResult(Submission.REFUSED, "", 0x0B, AT, "command_status 0x0000000B")
    assert judge(code, series).outcome == FAIL


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize(
    ("spoil", "outcome"),
    [
        (lambda text: text, PASS),
        (lambda text: text[:-1], FAIL),
        (lambda text: "".join("?" if ord(letter) > 0xFFFF else letter for letter in text), FAIL),
        (lambda text: text.replace("\u200d", ""), PASS),  # a text without joiners has nothing to lose
    ],
    ids=["exact", "one letter short", "emoji lost", "no joiner to lose"],
)
def test_unicode_must_arrive_letter_by_letter(
    series: MessageSeries, way: int, spoil: Callable[[str], str], outcome: Outcome
) -> None:
    message = series.unicode[way]
    message.text = message.text.replace("\u200d", "")
    message.arrivals = [replace(delivery(message), body=spoil(message.text).encode("utf-16-be"))]
    assert judge("S04", series).outcome == outcome


@pytest.mark.parametrize(("after_s", "outcome"), [(30.0, PASS), (30.1, FAIL)])
def test_unicode_must_arrive_in_time(series: MessageSeries, after_s: float, outcome: Outcome) -> None:
    series.unicode[1].arrivals = [delivery(series.unicode[1], after_s=after_s)]
    assert judge("S04", series) == Finding(outcome, after_s)


def test_unicode_that_does_not_arrive_fails(series: MessageSeries) -> None:
    series.unicode[0].arrivals.clear()
    assert judge("S04", series).outcome == FAIL


@pytest.mark.parametrize(
    ("name", "arrived", "state", "outcome"),
    [
        ("part 2", True, "UNDELIV", FAIL),
        ("part 2", True, "EXPIRED", FAIL),
        ("part 2", True, "UNKNOWN", FAIL),
        ("part 2", True, None, FAIL),
        ("part 2", False, "DELIVRD", FAIL),
        ("part 2", False, "UNDELIV", PASS),
        ("part 2", False, None, PASS),
        ("Unicode out", False, "DELIVRD", FAIL),
        ("control", True, "DELIVRD", FAIL),
        ("control", True, "REJECTD", PASS),
        ("control", True, None, PASS),
        ("control", False, "DELIVRD", FAIL),
        ("control", False, "UNDELIV", PASS),
    ],
)
def test_a_receipt_must_say_what_happened(
    series: MessageSeries, name: str, arrived: bool, state: str | None, outcome: Outcome
) -> None:
    message = next(m for m in series.messages if m.name == name)
    message.receipt = None
    if state:
        claim(message, state)
    if not arrived:
        message.arrivals.clear()
    finding = judge("S05", series)
    assert (finding.outcome, finding.value) == (outcome, 0 if outcome == PASS else 1)
    assert (name in finding.detail) == (outcome == FAIL)


def test_a_series_of_which_nothing_came_and_nothing_was_claimed_says_nothing_of_receipts(series: MessageSeries) -> None:
    for message in series.messages:
        message.arrivals.clear()
        message.receipt = None
    assert judge("S05", series).outcome == INCONCLUSIVE


def test_something_beyond_recognition_may_be_what_was_claimed(series: MessageSeries) -> None:
    lost = delivery(series.unicode[0])
    series.unicode[0].arrivals.clear()
    series.strays = [replace(lost, body=b"\0?" * 60)]
    assert judge("S05", series).outcome == INCONCLUSIVE
    claim(series.control, "DELIVRD")
    assert judge("S05", series).outcome == FAIL


def test_messages_of_others_are_left_to_them(series: MessageSeries) -> None:
    stranger = replace(delivery(series.control), body=b"Your parcel is on its way")
    elsewhere = replace(delivery(series.control), destination="14155550199")
    assert series.take(stranger) is None
    assert series.take(elsewhere) is None


OCTETS = picture.draw("seed")
SENT = picture.look(OCTETS)


@pytest.fixture
def pictures(line: Line) -> PictureMessages:
    """Both ways as they should go."""
    ways = {"MMS in": str(line.reference), "MMS out": str(line.number)}
    sent = [
        PictureSent(name, source, SENT, MmsSubmission(Submission.ACCEPTED), "Ok", Arrived(source, "image/jpeg", SENT))
        for name, source in ways.items()
    ]
    return PictureMessages(line, sent)


def test_pictures_that_arrive_as_they_were_sent_pass(pictures: PictureMessages) -> None:
    assert judge("M01", pictures) == Finding(PASS, SENT.size)
    assert not pictures.our_trouble


JPEG = frozenset({"image/jpeg"})


@pytest.mark.parametrize(
    ("changes", "declared", "transcodes", "outcome"),
    [
        ({}, "image/jpeg", frozenset(), PASS),
        ({}, "image/png", frozenset(), FAIL),
        ({}, "application/octet-stream", JPEG, FAIL),
        ({"sha256": "another"}, "image/jpeg", frozenset(), FAIL),
        ({"sha256": "another"}, "image/jpeg", JPEG, PASS),
        ({"sha256": "another"}, "image/jpeg", frozenset({"image/png"}), FAIL),
        ({"sha256": "another"}, "image/png", JPEG | {"image/png"}, FAIL),
        ({"sha256": "another", "content_type": ""}, "image/jpeg", JPEG, FAIL),
        ({"sha256": "another", "width": 160, "height": 120}, "image/jpeg", JPEG, PASS),
        ({"sha256": "another", "width": 321}, "image/jpeg", JPEG, FAIL),
        ({"sha256": "another", "fingerprint": SENT.fingerprint ^ 0x3FF}, "image/jpeg", JPEG, PASS),
        ({"sha256": "another", "fingerprint": SENT.fingerprint ^ 0x7FF}, "image/jpeg", JPEG, FAIL),
    ],
)
def test_a_picture_must_be_the_same_or_converted_as_documented(
    pictures: PictureMessages,
    changes: dict[str, object],
    declared: str,
    transcodes: frozenset[str],
    outcome: Outcome,
) -> None:
    pictures.transcodes = transcodes
    for way in pictures.ways:
        as_sent = way.arrived
        way.arrived = Arrived(way.source, declared, replace(SENT, **changes))  # type: ignore[arg-type]  # its fields
        assert judge("M01", pictures).outcome == outcome
        way.arrived = as_sent


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"arrived": None}, FAIL),
        ({"arrived": Arrived("+12025550199", "image/jpeg", SENT)}, FAIL),
        ({"arrived": None, "answer": "Error-content-not-accepted"}, FAIL),
        ({"arrived": None, "answer": "Error-network-problem"}, INCONCLUSIVE),
        ({"arrived": None, "submission": MmsSubmission(Submission.REFUSED, "550 no such subscriber")}, FAIL),
        ({"arrived": None, "submission": MmsSubmission(Submission.INCONCLUSIVE, "421 later")}, INCONCLUSIVE),
        ({"answer": ""}, PASS),
    ],
)
def test_a_picture_that_does_not_come_fails_unless_the_mmsc_is_to_blame(
    pictures: PictureMessages, changes: dict[str, object], outcome: Outcome
) -> None:
    for name, value in changes.items():
        setattr(pictures.ways[1], name, value)
    assert judge("M01", pictures).outcome == outcome
    assert pictures.our_trouble == (outcome == INCONCLUSIVE)
