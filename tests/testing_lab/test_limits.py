"""Limits: which row governs which line on which day, what may stand in the file, and what a changed row changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from numbering.e164 import E164
from numbering.types import NumberType
from testing_lab import limits
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.long_call import LongCall
from testing_lab.exchanges.message_series import MessageSeries
from testing_lab.limits import BadLimits, LimitRow, Limits, NoLimit
from testing_lab.line import Line
from testing_lab.models import Limit, Outcome, SuiteRun
from testing_lab.registry import all_tests
from testing_lab.services.limits import line_of, load_limits, rows_in_force
from tests.factories import NumberFactory
from tests.testing_lab.limited import under

TODAY = date(2026, 11, 21)
LATER = date(2027, 1, 1)
NOW = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
RULE = LimitRow("V02", "delay_s", "s", 3.0, date(2026, 1, 1), "ours")


def governed(*rows: LimitRow, country: str = "IE", kind: str = "local", scope: str = "national") -> float:
    return limits.governing(limits.in_force(rows, TODAY), country, kind, scope)["V02", "delay_s"]


def test_a_row_for_all_governs_where_there_is_no_other() -> None:
    assert governed(RULE) == 3.0
    assert governed(RULE, replace(RULE, value=9, country="GB"), replace(RULE, value=9, number_type="mobile")) == 3.0


def test_country_goes_before_type_and_type_before_scope() -> None:
    scope = replace(RULE, value=4, scope="national")
    kind = replace(RULE, value=5, number_type="local")
    kind_and_scope = replace(kind, value=6, scope="national")
    country = replace(RULE, value=7, country="IE")
    country_and_scope = replace(country, value=8, scope="national")
    all_three = replace(kind_and_scope, value=9, country="IE")
    rows = [RULE, scope, kind, kind_and_scope, country, country_and_scope, all_three]
    found = [governed(*reversed(rows[: n + 1])) for n in range(len(rows))]
    assert found == [3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("begins", "value"),
    [(TODAY - timedelta(days=1), 5.0), (TODAY, 5.0), (TODAY + timedelta(days=1), 3.0)],
    ids=["yesterday", "today", "tomorrow"],
)
def test_a_row_governs_from_its_day_on(begins: date, value: float) -> None:
    assert governed(RULE, replace(RULE, value=5, effective_from=begins)) == value


def test_a_later_row_for_all_does_not_end_one_for_a_country() -> None:
    assert governed(replace(RULE, country="IE"), replace(RULE, value=5, effective_from=TODAY)) == 3.0


def test_a_quantity_without_a_row_is_an_error_and_no_guess() -> None:
    with pytest.raises(NoLimit, match="V02 has no limit for delay_s"):
        governed(replace(RULE, effective_from=LATER))
    with pytest.raises(NoLimit):
        Limits({}).shown("V02", "<= {delay_s} s")


def test_the_file_has_a_limit_for_every_quantity_that_a_test_reads_and_for_no_other() -> None:
    read = {(test.code, quantity) for test in all_tests() for quantity in test.quantities}
    assert {(row.code, row.quantity) for row in limits.stock()} == read


@pytest.mark.parametrize("reference", ["+12025550142", "+442079460018"])
@pytest.mark.parametrize("kind", NumberType)
def test_every_kind_of_line_has_all_its_limits_and_none_is_too_long_to_be_kept(
    line: Line, kind: NumberType, reference: str
) -> None:
    line = replace(line, number_type=kind, reference=E164.parse(reference))
    for test in all_tests():
        longest = replace(line, limit_rows=tuple(replace(row, value=row.value + 0.25) for row in line.limit_rows))
        assert 0 < len(limits.Limits.shown(line.limits, test.code, test.limit)) <= 60, test.code
        assert len(limits.Limits.shown(longest.limits, test.code, test.limit)) <= 60, test.code


def test_each_row_of_the_file_says_where_it_comes_from_and_what_it_means() -> None:
    assert all(row.source for row in limits.stock())
    quantities = [entry for code in yaml.safe_load(limits.FILE.read_text()).values() for entry in code.values()]
    assert all(entry["meaning"] for entry in quantities)


@pytest.mark.parametrize(
    "row",
    [
        "value: fast, effective_from: 2026-01-01, source: x",
        "value: 121, effective_from: 2026-01-01, source: x",
        "value: .nan, effective_from: 2026-01-01, source: x",
        "value: 3, source: x",
        "value: 3, effective_from: soon, source: x",
        "value: 3, effective_from: 2026-01-01, source: x, country: NO",  # YAML's false
        "value: 3, effective_from: 2026-01-01, source: x, country: usa",
        "value: 3, effective_from: 2026-01-01, source: x, number_type: landline",
        "value: 3, effective_from: 2026-01-01, source: x, scope: regional",
        "value: 3, effective_from: 2026-01-01, source: x, colour: red",
    ],
)
def test_a_row_that_makes_no_sense_is_refused(tmp_path: Path, row: str) -> None:
    path = tmp_path / "limits.yaml"
    path.write_text(f"V02: {{delay_s: {{unit: s, meaning: x, rows: [{{{row}}}]}}}}")
    with pytest.raises(BadLimits):
        tuple(limits.read(path))


@pytest.mark.django_db
def test_the_file_is_loaded_and_again_without_doubling() -> None:
    for _ in range(2):
        call_command("load_limits", verbosity=0)
        assert Limit.objects.count() == len(limits.stock())
    assert {limit.row for limit in Limit.objects.all()} == set(limits.stock())


@pytest.mark.django_db
def test_a_correction_of_the_file_is_loaded_but_what_staff_added_stays() -> None:
    load_limits()
    corrected, theirs = limits.stock()[:2]
    Limit.objects.filter(**named(corrected)).update(value=1.5)
    Limit.objects.filter(**named(theirs)).update(value=1.5, added_by="user:ops")
    load_limits()
    assert Limit.objects.get(**named(corrected)).value == corrected.value
    assert Limit.objects.get(**named(theirs)).value == 1.5


def named(row: LimitRow) -> dict[str, object]:
    names = ("code", "quantity", "country", "number_type", "scope", "effective_from")
    return dict(zip(names, row.key, strict=True))


@pytest.mark.django_db
def test_without_loading_the_file_governs_and_rows_of_the_database_go_before_its() -> None:
    assert set(rows_in_force(NOW)) == set(limits.in_force(limits.stock(), TODAY))
    Limit.of(replace(limits.stock()[0], value=2.5)).save()
    assert 2.5 in {row.value for row in rows_in_force(NOW) if row.code == "V02"}


@pytest.mark.django_db
def test_the_line_of_a_run_has_the_stocks_type_and_country_and_the_limits_of_that_moment() -> None:
    number = NumberFactory.create(testing=True, e164=14165550123, country="CA", number_type=NumberType.TOLL_FREE)
    run = SuiteRun.objects.create(number=number)
    Limit.of(replace(RULE, value=7, country="CA", number_type="toll_free", effective_from=TODAY)).save()
    Limit.of(replace(RULE, value=8, country="CA", number_type="toll_free", effective_from=LATER)).save()
    reference = E164.parse("+12025550142")
    found = [
        line_of(run, reference, at).limits["V02", "delay_s"]
        for at in (NOW - timedelta(days=1), NOW, datetime(2027, 1, 1, tzinfo=UTC))
    ]
    line = line_of(run, reference, NOW)
    assert (line.number_type, line.home, line.is_national) == (NumberType.TOLL_FREE, "CA", False)
    assert found == [6.0, 7.0, 8.0]


@pytest.mark.parametrize(
    ("limit", "outcome"), [(0.5, Outcome.FAIL), (2.0, Outcome.PASS)], ids=["stricter than what was seen", "laxer"]
)
def test_a_judge_reads_the_limits_of_its_line(line: Line, limit: float, outcome: Outcome) -> None:
    [test] = [test for test in all_tests() if test.code == "V02"]
    line = under(line, {("V02", "delay_s"): limit})
    assert test.judge(InboundCall(line, arrivals=1, progress_s=1.0)).outcome == outcome
    assert test.limit_for(line.limits) == f"<= {limit:g} s"


def test_the_lab_waits_as_long_as_the_limits_allow(line: Line) -> None:
    line = under(line, {("V16", "alive_s"): 80, ("S03", "arrival_s"): 10, ("S05", "report_s"): 45})
    assert LongCall(line).hold_s == 81
    assert MessageSeries.composed(line).limit_s == 45
