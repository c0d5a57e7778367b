"""The home picture: right counts, right flow, what is stuck."""

import re
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.db.models import Value
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from inventory.lifecycle import MOVES, State
from inventory.models import LifecycleEntry, PhoneNumber
from inventory.services.transition import move, record_birth
from inventory.yard import reading
from inventory.yard.drawing import LABEL_END, ORDER, Arrow, counts_only, draw
from inventory.yard.reading import Late, Yard, late, read
from tests.factories import NumberFactory

Flow = dict[tuple[State | None, State], int]


@pytest.fixture(autouse=True)
def _up_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite's database has just been started, and then nothing is late yet."""
    monkeypatch.setattr(reading, "UP_SINCE", Value(timezone.now() - timedelta(days=1)))


def yard_of(flow: Flow) -> Yard:
    return Yard(dict.fromkeys(State, 0), flow, {})


def test_it_counts_the_numbers_of_each_state(db: None) -> None:
    NumberFactory.create_batch(3)
    NumberFactory.create_batch(2, failed=True)
    stock = read().stock
    assert {state: n for state, n in stock.items() if n} == {State.AVAILABLE: 3, State.FAILED: 2}
    assert set(stock) == set(State)


def test_it_counts_what_moved_in_a_day_and_where_it_came_from(db: None) -> None:
    numbers = NumberFactory.create_batch(2, sourced=True)
    record_birth(numbers, actor="provider:tern", reason="order")
    move(numbers[0].pk, "start_tests", actor="sweep:sourced")
    LifecycleEntry.objects.create(
        number=numbers[1],
        verb="fail_tests",
        source="TESTING",
        target="FAILED",
        actor="lab:x",
        at=timezone.now() - timedelta(hours=25),
    )
    assert read().flow == {(None, State.SOURCED): 2, (State.SOURCED, State.TESTING): 1}


@pytest.mark.parametrize(
    ("state", "hours", "is_late"),
    [
        ("testing", 2, True),
        ("testing", 0.5, False),
        ("sourced", 3, True),
        ("sourced", 1, False),
        ("failed", 30, True),
        ("failed", 20, False),
    ],
)
def test_who_waits_longer_than_the_lab_ever_takes_is_stuck(db: None, state: str, hours: float, is_late: bool) -> None:
    since = timezone.now() - timedelta(hours=hours)
    number = NumberFactory.create(**{state: True}, state_since=since)
    assert read().late == ({State(number.state): Late(1, since)} if is_late else {})


@pytest.mark.parametrize(("minutes", "is_late"), [(20, True), (2, False), (-60, False)])
def test_a_clock_that_ran_out_unseen_is_stuck(db: None, minutes: int, is_late: bool) -> None:
    NumberFactory.create(quarantined=True, due_at=timezone.now() - timedelta(minutes=minutes))
    assert bool(read().late) is is_late


@pytest.mark.parametrize(("minutes", "are_late"), [(5, False), (15, True)])
def test_after_a_start_the_sweeps_are_given_time_before_anything_is_stuck(
    db: None, monkeypatch: pytest.MonkeyPatch, minutes: int, are_late: bool
) -> None:
    night = timezone.now() - timedelta(hours=9)
    NumberFactory.create(quarantined=True, due_at=night)
    NumberFactory.create(testing=True, state_since=night)
    monkeypatch.setattr(reading, "UP_SINCE", Value(timezone.now() - timedelta(minutes=minutes)))
    assert set(read().late) == ({State.QUARANTINED, State.TESTING} if are_late else set())


def test_the_database_says_since_when_it_is_up(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    NumberFactory.create()
    [(since,)] = PhoneNumber.objects.values_list(reading.UP_SINCE)
    assert since < timezone.now()


def test_a_number_on_sale_for_a_year_is_not_stuck(db: None) -> None:
    NumberFactory.create(state_since=timezone.now() - timedelta(days=365))
    assert read().late == {}


def test_reading_takes_three_queries(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        read()


def test_every_state_has_a_track_and_every_move_fits_into_the_picture() -> None:
    moves: Flow = {(source, move.target): 1_000_000 for move in MOVES.values() for source in move.sources}
    picture = draw(yard_of(moves))
    assert [track.state for track in picture.tracks] == list(ORDER)
    assert set(ORDER) == set(State)
    assert len(picture.arrows) == len(moves)
    label = 60  # px that "1,000,000" takes
    for arrow in picture.arrows:
        assert arrow.label_x - label > LABEL_END if arrow.goes_back else arrow.label_x + label < picture.width


def points(arrow: Arrow) -> list[tuple[float, float]]:
    """Along the curve of an arrow, which follows its straight beginning."""
    x0, *curve = map(float, re.findall(r"-?[\d.]+", arrow.path.split("H", 1)[1].rsplit("H", 1)[0]))
    start = float(re.findall(r"[\d.]+", arrow.path)[1])
    (x1, y1), (x2, y2), (x3, y3) = zip(curve[::2], curve[1::2], strict=True)
    weights = [((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3) for t in (i / 100 for i in range(101))]
    return [(a * x0 + b * x1 + c * x2 + d * x3, a * start + b * y1 + c * y2 + d * y3) for a, b, c, d in weights]


def test_no_long_arrow_runs_through_the_label_of_a_short_one() -> None:
    pairs = [(source, move.target) for move in MOVES.values() for source in move.sources]
    # Less comes back than goes on, and there is less room for it.
    flow: Flow = {(s, t): 1_254 if ORDER.index(t) > ORDER.index(s) else 36 for s, t in pairs}
    arrows = draw(yard_of(flow)).arrows
    is_near = {arrow: abs(ORDER.index(arrow.target) - ORDER.index(arrow.source)) == 1 for arrow in arrows}
    for near, far in product([a for a in arrows if is_near[a]], [a for a in arrows if not is_near[a]]):
        room = 7 * len(f"{near.numbers:,}")  # px that the label takes
        left = near.label_x - room if near.goes_back else near.label_x
        inside = [left <= x <= left + room and near.label_y - 10 <= y <= near.label_y for x, y in points(far)]
        assert not any(inside), (near, far)


def test_what_a_state_means_is_not_its_name_once_more() -> None:
    assert [track.state for track in draw(yard_of({})).tracks if track.meaning == track.state.label] == []


def test_an_arrow_is_as_wide_as_what_it_carries() -> None:
    flow: Flow = {(State.SOURCED, State.TESTING): 400, (State.TESTING, State.FAILED): 100}
    wide, thin = draw(yard_of(flow)).arrows
    assert (wide.numbers, thin.numbers) == (400, 100)
    assert wide.width == 2 * thin.width


@pytest.mark.parametrize(("numbers", "some"), [(0, False), (1, True), (10**9, True)])
def test_wagons_stay_on_their_track(numbers: int, some: bool) -> None:
    picture = draw(yard_of({})._replace(stock=dict.fromkeys(State, numbers)))
    for track in picture.tracks:
        assert bool(track.wagons) is some
        assert all(picture.start <= x <= picture.end - 15 for x in track.wagons)


def test_strangers_see_counts_only() -> None:
    seen = counts_only(
        Yard({State.AVAILABLE: 1}, {(State.SOURCED, State.TESTING): 1}, {State.TESTING: Late(1, timezone.now())})
    )
    assert (seen.stock, seen.flow, seen.late) == ({State.AVAILABLE: 1}, {}, {})


def test_the_home_page_shows_it_with_what_waits_and_what_happened(staff: Client, everything: dict[str, str]) -> None:
    shown = staff.get("/console/").content.decode()
    for words in (
        "<svg viewBox=",
        "?state__exact=AVAILABLE",
        "suite run is stuck",
        "open order had an error",
        "provider bills other numbers than we hold",
        "sent to the lab",
    ):
        assert words in shown


def test_the_home_page_says_what_a_number_was_and_by_which_verb_it_moved(staff: Client, number: PhoneNumber) -> None:
    shown = " ".join(strip_tags(staff.get("/console/").content.decode()).split())
    assert "On sale · was quarantined · found clean" in shown


def test_the_home_page_of_an_empty_yard_teaches(staff: Client) -> None:
    shown = staff.get("/console/").content.decode()
    assert "Nothing has moved yet" in shown
    assert "Nothing waits for you" in shown


def test_the_list_behind_a_stuck_track_holds_the_stuck_numbers(staff: Client) -> None:
    stuck = NumberFactory.create(testing=True, state_since=timezone.now() - timedelta(hours=2))
    fresh = NumberFactory.create(testing=True)
    shown = staff.get("/console/inventory/phonenumber/?late=yes&state__exact=TESTING").content.decode()
    assert f"/{stuck.pk}/change/" in shown
    assert f"/{fresh.pk}/change/" not in shown


def test_late_numbers_are_found_without_reading_the_stock(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a handful of rows it would read at once
    plan = PhoneNumber.objects.filter(late(timezone.now())).explain()
    assert "Seq Scan" not in plan
    assert "Index Cond" in plan, plan
