"""The engine as outsiders use it: the worked examples of the design, its order of rules, its reading of records."""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from inventory.quarantine import decide
from inventory.quarantine.fields import BadRecord

ENTERED = date(2026, 1, 1)
US: dict[str, Any] = {
    "number": "+14155550123",
    "source": "released",
    "entered_on": "2026-01-01",
    "min_days": 45,
    "max_days": 365,
}
GB = US | {"number": "+447400123456", "source": "onboarded_new", "min_days": 7, "max_days": None}
WEEKLY = dict.fromkeys(range(3, 60, 7), 1)
DAILY = dict.fromkeys(range(60), 1)
GAP = range(40, 54)


def day(age: int) -> str:
    return (ENTERED + timedelta(days=age)).isoformat()


def daily(number: Any, age: int, came: dict[int, int], unobserved: Any = ()) -> list[dict[str, Any]]:
    """A row for each day, as a feed that tells of silent days too."""
    return [
        {"number": number, "day": day(at), "voice": came.get(at, 0), "sms": 0, "observed": at not in unobserved}
        for at in range(age)
    ]


def decided(age: int, came: dict[int, int] | None = None, *, unobserved: Any = (), **fields: Any) -> Any:
    number = US | fields
    return decide(day(age), [number], daily(number["number"], age, came or {}, unobserved))[0]


@pytest.mark.parametrize(
    ("found", "terms", "action"),
    [
        (lambda: decided(45), (0, 23.8254, 0.5211, 0.000593, 0.001438), "release"),
        (lambda: decided(0), (0, 0, 6.4800, 0.253938, 0.188135), "hold"),
        (lambda: decided(60, WEEKLY), (4.2414, 26.5487, 4.4711, 0.096530, 0.084007), "release"),
        (lambda: decided(60, DAILY), (26.5487, 26.5487, 25.5069, 0.998384, 0.989447), "hold"),
        (lambda: decided(60, WEEKLY | {58: 300}), (7.1440, 26.5487, 7.2083, 0.323140, 0.232990), "hold"),
        (lambda: decided(60, WEEKLY, unobserved=GAP), (2.8178, 17.1994, 4.6456, 0.124738, 0.103526), "hold"),
        (lambda: decided(30, **GB), (0, 19.3574, 0.4431, 0.001383, 0.002827), "release"),
    ],
)
def test_the_worked_examples(found: Any, terms: tuple[float, ...], action: str) -> None:
    record = found()
    assert [record[name] for name in ("S", "E", "mean", "raw", "p")] == pytest.approx(terms, abs=1e-4)
    assert record["action"] == action


def test_staff_read_why_in_one_sentence() -> None:
    assert decided(60, WEEKLY)["sentence"] == (
        "4.2 recent contacts over 26.5 effective days: about 4.5 expected in the next 30 days, limit 8; "
        "likelihood of unwanted traffic 8 %, below 15 %: release."
    )


STORMY = dict.fromkeys(range(365), 3)


@pytest.mark.parametrize(
    ("record", "action", "rule", "rule_number"),
    [
        (lambda: decided(44), "hold", "legal_minimum", 2),
        (lambda: decided(44, override="force_release"), "hold", "legal_minimum", 2),
        (lambda: decided(44, override="force_retire"), "hold", "legal_minimum", 2),
        (lambda: decided(60, STORMY, override="force_release"), "release", "override", 1),
        (lambda: decided(60, override="force_retire"), "retire", "override", 1),
        (lambda: decided(60, override={"action": "force_hold", "until": day(61)}), "hold", "override", 1),
        (lambda: decided(60, override={"action": "force_hold", "until": day(60)}), "release", "clean", 4),
        (lambda: decided(60, unobserved=range(50, 55)), "hold", "feed_gap", 3),
        (lambda: decided(60, unobserved=range(50, 54)), "release", "clean", 4),
        (lambda: decided(119, unobserved=range(119)), "hold", "feed_gap", 3),
        (lambda: decided(120, unobserved=range(120)), "release", "unmonitored", 3),
        (lambda: decided(60, retest_passed=False), "hold", "retest", 7),
        (lambda: decided(60, STORMY), "hold", "likelihood", 7),
        (lambda: decided(365, STORMY), "retire", "maximum", 5),
        (lambda: decided(364, STORMY), "hold", "likelihood", 7),
        (lambda: decided(60, {40: 1}, alpha=0.0), "hold", "likelihood", 7),
    ],
)
def test_the_first_rule_that_speaks_wins(record: Any, action: str, rule: str, rule_number: int) -> None:
    found = record()
    assert (found["action"], found["rule"], found["rule_number"]) == (action, rule, rule_number)


def test_without_any_event_nobody_listened() -> None:
    assert decide(day(60), [US], [])[0]["rule"] == "feed_gap"


def test_a_feed_that_only_tells_of_contacts_was_there_on_silent_days() -> None:
    rows = [row for row in daily(US["number"], 60, WEEKLY) if row["voice"]]
    assert decide(day(60), [US], rows) == [decided(60, WEEKLY)]


def test_a_day_of_the_whole_feed_speaks_for_every_number_without_a_row() -> None:
    feed = [{"day": day(at), "observed": not 40 <= at < 54} for at in range(60)]
    rows = [row for row in daily(US["number"], 60, WEEKLY, GAP) if row["voice"]]
    found, known = decide(day(60), [US], [*feed, *rows])[0], decided(60, WEEKLY, unobserved=GAP)
    assert found["rule"] == known["rule"] == "feed_gap"
    assert found["p"] == pytest.approx(known["p"])


def event(age: int, caller: str | None = "+12025550142", **fields: Any) -> dict[str, Any]:
    at = datetime.combine(ENTERED, datetime.min.time(), UTC) + timedelta(days=age, hours=9)
    return {"to": US["number"], "at": at.isoformat(), "channel": "voice", "from": caller, **fields}


def test_events_come_down_to_distinct_callers_a_day() -> None:
    events = [
        *(event(at, id=str(at)) for at in WEEKLY),
        *(event(at, id=f"redial {at}") for at in WEEKLY),
        event(50, test=True),
        event(51, "+12025550143", channel="sms", receipt=True),
        event(60),
        event(-1),
    ]
    assert decide(day(60), [US], events)[0]["S"] == pytest.approx(decided(60, WEEKLY)["S"])


def test_withheld_callers_are_each_another_one_up_to_three_a_day() -> None:
    events = [event(10, None, id=str(call)) for call in range(9)]
    assert decide(day(11), [US], events)[0]["contacts_7_days"] == {"voice": 3, "sms": 0, "otp": 0}
    assert decide(day(11), [US], events[:2] + events[:1])[0]["contacts_7_days"]["voice"] == 2


def test_a_voice_and_a_text_of_one_caller_are_two_contacts() -> None:
    events = [event(10), event(10, channel="sms", otp=True), event(10, channel="sms")]
    found = decide(day(11), [US], events)[0]
    assert found["contacts_30_days"] == {"voice": 1, "sms": 1, "otp": 1}
    assert (found["distinct_callers"], found["privacy_flag"], found["days_since_last_contact"]) == (1, True, 1)


def test_a_day_is_a_day_of_utc() -> None:
    late = event(0) | {"at": "2026-01-10T23:30:00-05:00"}
    assert decide("2026-01-12", [US], [late])[0]["days_since_last_contact"] == 1
    assert decide("2026-01-11", [US], [late])[0]["days_since_last_contact"] is None


def test_the_law_is_the_floor_whatever_a_record_says() -> None:
    assert decided(30, min_days=0)["rule"] == "legal_minimum"
    assert decided(100, number="+61212345678", min_days=1)["min_days"] == 184
    assert decided(100, number="+61212345678", min_days=200)["min_days"] == 200


def test_what_a_record_leaves_out_is_told_by_law_policy_and_numbering_plan() -> None:
    found = decide(day(60), [{"number": "+18005550123", "entered_on": day(0)}], [])[0]
    assert (found["min_days"], found["max_days"], found["k"], found["source"]) == (45, 120, 18, "released")


NUMBER = {"number": "+14155550123", "entered_on": "2026-01-01"}


@pytest.mark.parametrize(
    ("numbers", "events", "said"),
    [
        ([NUMBER, {"number": "+14155550124"}], [], "numbers 2: entered_on: "),
        ([NUMBER | {"entered_on": "2026-02-30"}], [], "numbers 1: entered_on: "),
        ([NUMBER | {"min_days": -1}], [], "numbers 1: min_days: "),
        ([NUMBER | {"min_days": math.nan}], [], "numbers 1: min_days: "),
        ([NUMBER | {"bg": math.inf}], [], "numbers 1: bg: "),
        ([NUMBER | {"alpha": 1.5}], [], "numbers 1: alpha: "),
        ([NUMBER | {"source": "found"}], [], "numbers 1: source: "),
        ([NUMBER | {"override": "force"}], [], "numbers 1: override: "),
        ([NUMBER, NUMBER | {"min_days": 50}], [], "numbers 2: number: "),
        ([{"entered_on": "2026-01-01"}], [], "numbers 1: number: "),
        ([7], [], "numbers 1: "),
        ([NUMBER], [{"number": "+14155550123"}], "events 1: day: "),
        ([NUMBER], [{"number": "+14155550123", "day": "2026-01-02", "voice": 1.5}], "events 1: voice: "),
        ([NUMBER], [{"to": "+14155550123", "at": "soon", "channel": "voice"}], "events 1: at: "),
        ([NUMBER], [{"to": "+14155550123", "at": "2026-01-02T09:00:00Z", "channel": "fax"}], "events 1: channel: "),
    ],
)
def test_a_bad_record_is_named_with_its_field(numbers: Any, events: Any, said: str) -> None:
    with pytest.raises(BadRecord, match=f"^{said}"):
        decide("2026-03-01", numbers, events)
