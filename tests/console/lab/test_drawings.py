"""The drawings say what was measured, and hold whatever they are given."""

import re
from itertools import pairwise

import pytest

from console.lab import ladder as ladders
from console.lab.gauge import WIDTH, gauge
from console.lab.ladder import as_text, ladder
from console.lab.timing_plot import BOTTOM, LEFT, RIGHT, TOP, timing_plot
from testing_lab.evidence.dialogue import Note, Said, read
from testing_lab.evidence.timing import Timing
from testing_lab.models import Result
from testing_lab.registry import all_tests
from tests.console.lab.conftest import MEASURED

CALL, MESSAGES, PICTURES = MEASURED


def said(text: str, *, at: float = 1.0, end: str = "caller", way: str = "sent") -> Said:
    return Said(end, way, "SIP", text, at)  # type: ignore[arg-type]  # a word of the two


def test_a_real_call_is_drawn_as_it_went() -> None:
    drawing = ladder(read(CALL["trace"])[0], "r1")
    caller, trunk, far_end = ladders.LANES
    went = [(arrow.label, arrow.start, arrow.end) for arrow in drawing.arrows]
    assert went[:3] == [("INVITE", caller, trunk), ("100 Trying", trunk, caller), ("INVITE", trunk, far_end)]
    assert {"180 Ringing", "183 Session Progress", "200 OK", "ACK", "BYE", "200 OK (BYE)"} <= {
        name for name, *_ in went
    }
    assert drawing.ends == ("caller", "trunk", "number's far end")
    assert all(before.y < after.y for before, after in pairwise(drawing.arrows))
    [(_, talked)] = drawing.pauses
    assert 9 < talked < 13
    assert [arrow.after for arrow in drawing.arrows] == sorted(arrow.after or 0.0 for arrow in drawing.arrows)
    assert {arrow.label for arrow in drawing.arrows if arrow.has_sdp} == {"INVITE", "183 Session Progress", "200 OK"}


def test_real_messages_have_their_answers_and_receipts() -> None:
    drawing = ladder(read(MESSAGES["trace"])[0], "r1")
    names = [arrow.label for arrow in drawing.arrows]
    assert drawing.ends == ("sender", "SMSC", "recipient")
    assert [sum(name.startswith(word) for name in names) for word in ("submit_sm ", "submit_sm_resp", "receipt")] == [
        6
    ] * 3
    assert "receipt control: UNDELIV" in names
    pictures = ladder(read(PICTURES["trace"])[0], "r1")
    assert pictures.ends[1] == "MMSC"
    assert [arrow.label for arrow in pictures.arrows].count("MM4_forward.REQ MMS in") == 2


def test_a_message_that_is_said_again_is_marked() -> None:
    drawing = ladder([said("INVITE sip:x SIP/2.0"), said("INVITE sip:x SIP/2.0", at=1.5)], "r1")
    assert [arrow.is_again for arrow in drawing.arrows] == [False, True]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("", "(empty)"),
        ("\x00\x1b[2J sip:x", "\ufffd\ufffd[2J"),
        ("A" * 5000, "A" * 38 + "…"),
        ("SIP/2.0 999 Odd", "SIP/2.0"),
        ("SIP/2.0 200 <script>alert(1)</script>\r\nCSeq: 1 BYE", "200 <script>alert(1)</script> (BYE)"),
        ("SIP/2.0 486", "486"),
    ],
)
def test_a_label_is_short_and_printable_whatever_was_said(text: str, label: str) -> None:
    [arrow] = ladder([said(text)], "r1").arrows
    assert arrow.label == label


def test_a_giant_dialogue_is_cut_for_the_page_and_whole_in_the_file() -> None:
    flood = [said(f"INFO {number} " + "x" * 20_000, at=float(number)) for number in range(700)]
    drawing = ladder(flood, "r1")
    assert (len(drawing.arrows), drawing.left_out) == (ladders.MOST, 200)
    assert len(drawing.arrows[0].shown) == ladders.MOST_SHOWN
    assert drawing.arrows[0].left_out == 20_007 - ladders.MOST_SHOWN
    assert sum(map(len, as_text([flood]))) > 700 * 20_000


def test_notes_and_messages_without_a_time_are_drawn_too() -> None:
    drawing = ladder([Said("sender", "sent", "MM4", "x", title="MM4_forward.REQ"), Note("nothing came")], "r1")
    assert ([arrow.after for arrow in drawing.arrows], drawing.notes) == ([None], ["nothing came"])
    assert "time not known" in "".join(as_text([[drawing.arrows[0].said]]))


def coordinates(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (point.removesuffix("h0").split() for point in path.split("M") if point)]


def test_the_plot_of_a_real_call_has_a_dot_for_each_packet_and_a_mark_for_each_loss() -> None:
    for way, lost in (("to_caller", 18), ("to_number", 29)):
        plot = timing_plot(Timing.read(CALL["timing"][0][way]))
        dots = coordinates(plot.dots)
        assert (len(dots), plot.lost.count("M"), plot.packets) == (442 - lost, lost, 442)
        assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in dots)
        assert plot.foreign == 0
        assert plot.worst_ms is not None
        assert float(plot.up[-1].label) >= plot.worst_ms


def test_what_was_judged_is_what_stands_beside_the_plot() -> None:
    plot = timing_plot(Timing.read(CALL["timing"][0]["to_number"]), 0.089, 0.509)
    assert (plot.delay_ms, plot.jitter_ms) == (0.089, 0.509)


@pytest.mark.parametrize(
    "timing",
    [Timing(), Timing((0,), (None,)), Timing((0, 200), (None, None)), Timing((0,), (-3,)), Timing((0,), (99_999_999,))],
)
def test_a_plot_of_nothing_and_of_the_impossible_is_drawn(timing: Timing) -> None:
    plot = timing_plot(timing)
    assert all(TOP <= y <= BOTTOM for _, y in coordinates(plot.dots))
    assert plot.lost_count == timing.delay.count(None)


def result(limit: str, value: float | None) -> Result:
    return Result(code="V99", limit=limit, value=value)


@pytest.mark.parametrize(
    ("limit", "value", "good"),
    [
        ("<= 1 % in each direction", 0.4, True),
        ("<= 1 % in each direction", 5.6, False),
        (">= 4.0, with fidelity >= 0.5", 4.3, True),
        (">= 4.0, with fidelity >= 0.5", 3.1, False),
        ("-0.02 to 1 between the 200s; before, 18x and early media", 0.001, True),
        ("-0.02 to 1 between the 200s; before, 18x and early media", 1.4, False),
        ("one way <= 150, jitter <= 20, in each direction", 90.0, True),
    ],
)
def test_a_value_lies_within_its_limit_in_the_drawing_if_it_does(limit: str, value: float, good: bool) -> None:
    drawn = gauge(result(limit, value))
    assert drawn is not None
    assert (drawn.good[0] <= drawn.at <= drawn.good[1]) is good
    assert 0 <= drawn.good[0] < drawn.good[1] <= WIDTH
    assert 0 <= drawn.at <= WIDTH


@pytest.mark.parametrize("limit", ["<= 3 national, <= 6 international", "exactly one", "", "4 of 4 in each direction"])
def test_a_limit_that_depends_or_is_in_words_is_not_drawn(limit: str) -> None:
    assert gauge(result(limit, 1.0)) is None
    assert gauge(result("<= 1", None)) is None


@pytest.mark.parametrize(
    "limit",
    [
        "same, or documented transcode (<= 10 bits) in 60 s",  # M01 measures octets
        "CNG >= 2.55 s, CED >= 2.6 s, T.38 accepted, CFR",  # F01 measures how long T.38 took
        "match >= 0.3",
    ],
)
def test_a_limit_of_another_quantity_than_the_one_measured_is_not_drawn(limit: str) -> None:
    assert gauge(result(limit, 4.3)) is None


def test_of_several_limits_the_one_of_what_is_measured_is_drawn() -> None:
    of_reach = gauge(result("match >= 0.3, MOS >= 4, fidelity >= 0.5, loss <= 1 %", 4.3))
    assert of_reach == gauge(result(">= 4, with fidelity >= 0.5", 4.3)) is not None


def test_these_tests_and_no_others_have_a_limit_of_what_they_measure() -> None:
    found = {test.code for test in all_tests() if gauge(result(re.sub(r"{\w+}", "1", test.limit), 1.0))}
    assert found == {"V02", "V03", "V04", "V05", "V06", "V07", "V11", "V12", "V16", "V17"}


@pytest.mark.parametrize("value", [-1e300, -1.0, 0.0, 1e300, float("inf")])
def test_every_limit_of_the_lab_holds_any_value(value: float) -> None:
    for test in all_tests():
        drawn = gauge(result(test.limit, value))
        assert drawn is None or 0 <= drawn.at <= WIDTH
