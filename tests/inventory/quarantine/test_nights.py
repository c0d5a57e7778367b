"""The nights: what the pure engine says is what stands in the database, however often and by how many it is done."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from inventory.models import DailyContact, Quarantine, QuarantineDecision, QuarantineModel, QuarantineNight
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.engine import Decided
from inventory.quarantine.model import AGE_BANDS, P_BANDS, Model, Remaining
from inventory.quarantine.nights import stretches
from inventory.quarantine.nights.alone import look
from inventory.quarantine.nights.copying import read, write
from inventory.quarantine.nights.stretches import NotClosed, run
from inventory.quarantine.stays import enter
from inventory.services.provider_releases import retire
from inventory.tasks import sweep_quarantine_night
from tests.factories import NumberFactory, ProviderFactory
from tests.inventory.quarantine.populations import ON, by_the_pure_engine, populate

pytestmark = pytest.mark.django_db
FIT = Model(
    prior=(2.5, 1.5, 0.8), c0=-0.4, c1=0.9, bg={"US local": 0.2}, stays=1_000, rows=9_000, fitted_to="2026-01-01"
)


def in_the_stay(said: Decided) -> dict[str, Any]:
    """What the night writes on the stay."""
    told: dict[str, Any] = {**said}
    days = {name: _day(told[name]) for name in ("predicted_on", "predicted_lo", "predicted_hi")}
    return days | {
        "state_day": ON - timedelta(days=1),
        "recent_contacts": pytest.approx(said["S"], rel=1e-12),
        "effective_days": pytest.approx(said["E"], rel=1e-12),
        "likelihood": pytest.approx(said["p"], rel=1e-12),
        "alpha": said["alpha"],
        "action": said["action"],
        "action_rule": said["rule"],
    }


def in_the_ledger(said: Decided) -> dict[str, Any]:
    """What it writes down beside."""
    last = said["days_since_last_contact"]
    told: dict[str, Any] = {**said}
    recent = {
        f"{channel}_{days}_days": told[f"contacts_{days}_days"][channel]
        for channel in ("voice", "sms", "otp")
        for days in (7, 30)
    }
    whole = {name: told[name] for name in ("age", "min_days", "max_days", "observed_days", "distinct_callers")}
    return (
        recent
        | whole
        | {
            "day": ON,
            "rule": said["rule"],
            "mean": pytest.approx(said["mean"], rel=1e-12),
            "background": said["bg"],
            "threshold": said["k"],
            "raw": pytest.approx(said["raw"], rel=1e-9),
            "last_contact_on": None if last is None else ON - timedelta(days=last),
            "predicted_on": _day(said["predicted_on"]),
            "sentence": said["sentence"],
        }
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def has(row: object, expected: dict[str, Any]) -> None:
    assert {name: getattr(row, name) for name in expected} == expected


@pytest.mark.parametrize("fit", [None, FIT], ids=["defaults", "fit"])
def test_a_night_says_what_the_pure_engine_says(fit: Model | None) -> None:
    populate(120)
    row = fit and QuarantineModel.objects.create(
        version=fit.version, document=json.loads(fit.as_json()), stays=fit.stays, rows=fit.rows, is_current=True
    )
    assert run(ON, size=17) == 120
    said = by_the_pure_engine(fit or Model())
    for stay in Quarantine.objects.prefetch_related("decisions"):
        has(stay, in_the_stay(said[stay.pk]))
        (decision,) = stay.decisions.all()
        has(decision, in_the_ledger(said[stay.pk]))
        assert stay.model == decision.model == row
    rules = {"legal_minimum", "clean", "likelihood", "maximum", "override", "feed_gap", "unmonitored"}
    assert {each["rule"] for each in said.values()} == rules, "a population of all kinds"


def test_a_night_keeps_the_share_that_is_never_released_of_those_whose_like_it_knows() -> None:
    populate(0)
    cells = ((Remaining(30, 10, 60, 0.25),) * len(P_BANDS),) * len(AGE_BANDS)
    nothing = ((None,) * len(P_BANDS),) * len(AGE_BANDS)
    fit = replace(FIT, table=(cells, nothing, nothing))
    QuarantineModel.objects.create(
        version=fit.version, document=json.loads(fit.as_json()), stays=fit.stays, rows=fit.rows, is_current=True
    )
    known, unknown = a_stay(days=30), a_stay(days=30, source=QuarantineSource.ONBOARDED_NEW)
    run(ON)
    for stay, never in ((known, 0.25), (unknown, None)):
        stay.refresh_from_db()
        assert stay.chance_never == never


def test_the_next_night_writes_down_only_what_is_new() -> None:
    populate(60)
    run(ON)
    before = dict(Quarantine.objects.values_list("pk", "action_rule"))
    assert run(ON + timedelta(days=1)) == 60
    changed = [stay.pk for stay in Quarantine.objects.all() if stay.action_rule != before[stay.pk]]
    assert 0 < len(changed) < 20
    news = QuarantineDecision.objects.filter(day=ON + timedelta(days=1))
    assert sorted(news.values_list("stay_id", flat=True)) == sorted(changed)
    assert set(Quarantine.objects.values_list("state_day", flat=True)) == {ON}


def test_late_call_records_count_the_next_night() -> None:
    populate(0)
    stay = a_stay(days=30)
    run(ON)
    DailyContact.objects.create(number=stay.number, day=ON - timedelta(days=10), voice=2)
    run(ON + timedelta(days=1))
    stay.refresh_from_db()
    assert stay.recent_contacts == pytest.approx(2 * 0.5 ** (10 / 21))


def test_a_night_is_done_once() -> None:
    populate(20)
    assert run(ON, size=6) == 20
    assert run(ON, size=6) == 0
    assert QuarantineDecision.objects.count() == 20
    nights = QuarantineNight.objects.order_by("first")
    assert [night.stays for night in nights] == [6, 6, 6, 2]
    assert [night.first for night in nights] == [0, *(night.last + 1 for night in nights)][:-1]


def test_a_night_without_a_stay_is_done_at_once() -> None:
    assert run(ON) == 0
    assert QuarantineNight.objects.get().done_at


def test_a_stay_that_begins_after_the_night_was_cut_is_not_forgotten() -> None:
    stretches._plan(ON, size=10)
    a_stay(days=1)
    assert run(ON) == 1


def test_only_so_much_is_done_at_once() -> None:
    populate(10)
    assert run(ON, longest=timedelta(0), size=5) == 0
    assert run(ON, size=5) == 10


def test_numbers_that_no_real_person_had_have_no_nights() -> None:
    """Their carrier's minutes are their rule."""
    demo = ProviderFactory.create(demo_aging=timedelta(minutes=1))
    enter(NumberFactory.create(quarantined=True, provider=demo), source=QuarantineSource.RELEASED, since=timezone.now())
    assert run(ON) == 0


def test_an_ended_stay_is_left_alone() -> None:
    stay = a_stay(days=30)
    retire(stay.number_id, actor="user:staff", reason="too many")
    assert run(ON) == 0


def test_a_look_says_what_the_night_will_say_and_writes_nothing() -> None:
    populate(40)
    before = {stay.pk: look(stay, ON) for stay in Quarantine.objects.all()}
    assert not QuarantineDecision.objects.exists()
    run(ON)
    for decision in QuarantineDecision.objects.all():
        seen = before[decision.stay_id]
        assert seen
        names = [field.attname for field in QuarantineDecision._meta.concrete_fields]
        said = {name: getattr(seen, name) for name in names if name not in ("id", "decided_at")}
        has(decision, {name: pytest.approx(one) if isinstance(one, float) else one for name, one in said.items()})


def test_nothing_is_seen_of_a_number_of_the_demonstration() -> None:
    demo = ProviderFactory.create(demo_aging=timedelta(minutes=1))
    number = NumberFactory.create(quarantined=True, provider=demo)
    assert look(enter(number, source=QuarantineSource.RELEASED, since=timezone.now()), ON) is None


def test_the_task_does_last_night() -> None:
    a_stay(days=30)
    sweep_quarantine_night()
    assert Quarantine.objects.get().state_day == stretches.morning(timezone.now()) - timedelta(days=1)


def test_a_day_that_is_not_over_is_not_decided_on() -> None:
    tomorrow = timezone.now().date() + timedelta(days=1)
    with pytest.raises(NotClosed):
        run(tomorrow)
    with pytest.raises(CommandError, match="not closed"):
        call_command("quarantine_night", as_of=tomorrow)


def test_the_command_tells_how_many_and_goes_back_behind_no_night(capsys: pytest.CaptureFixture[str]) -> None:
    populate(5)
    call_command("quarantine_night", "--as-of", str(ON))
    assert capsys.readouterr().out == f"5 stays decided on for {ON}\n"
    with pytest.raises(CommandError, match="take its decisions back"):
        call_command("quarantine_night", "--as-of", str(ON - timedelta(days=1)))


def test_a_stretch_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    populate(12)
    sound = stretches._decide

    def fails_at_first(night: Any, part: QuarantineNight) -> int:
        if part.first == 0:
            raise OSError("a disk that is full")
        return sound(night, part)

    monkeypatch.setattr(stretches, "_decide", fails_at_first)
    assert run(ON, size=4) == 8
    monkeypatch.undo()
    assert run(ON, size=4) == 4


def test_binary_rows_come_back_as_they_went() -> None:
    columns = {"number": "int8", "day": "date", "share": "float8", "seen": "bool"}
    rows = {
        "number": np.array([1, 2**62]),
        "day": np.array([0, ON.toordinal()]),
        "share": np.array([0.1, 1e-9]),
        "seen": np.array([True, False]),
    }
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE sent (number int8, day date, share float8, seen bool)")
        write(cursor, "sent", columns, rows)
        cursor.execute("SELECT * FROM sent WHERE day <> 'infinity'")
        assert cursor.fetchall() == [(2**62, ON, 1e-9, False)]
        back = read(cursor, "SELECT * FROM sent", {}, columns)
        assert {name: column.tolist() for name, column in back.items()} == {
            name: column.tolist() for name, column in rows.items()
        }
        for wrong in ("SELECT 1::int4", "SELECT NULL::int8", "SELECT 1::int8, 2::int8"):
            with pytest.raises(ValueError, match="number"):
                read(cursor, wrong, {}, {"number": "int8"})


def a_stay(days: int, source: QuarantineSource = QuarantineSource.RELEASED) -> Quarantine:
    """Begun so many days before ON."""
    since = datetime.combine(ON - timedelta(days=days), time(12), UTC)
    return enter(NumberFactory.create(quarantined=True), source=source, since=since)
