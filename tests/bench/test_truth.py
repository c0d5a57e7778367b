"""The truth table of the accuracy benchmark: fixed beforehand, and scored as it says."""

from pathlib import Path

import pytest

from bench.lab import truth
from bench.lab.results import Seen
from bench.lab.score import Share, score
from bench.lab.truth import FAXES, SPEAKS, Case, NotCommitted
from testing_lab.registry import all_tests

CODES = {test.code for test in all_tests()}


def seen(case: Case, **outcomes: str) -> Seen:
    return Seen(case, passed=None, daemon="lab", attempts=1, outcomes=outcomes)


def test_a_truth_table_that_is_not_committed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = tmp_path / "truth.yaml"
    fitted.write_text("healthy: {speaks: []}\n")
    monkeypatch.setattr(truth, "ROOT", tmp_path)
    monkeypatch.setattr(truth, "FILES", (fitted,))
    with pytest.raises(NotCommitted):
        truth.check_committed()


def test_the_truth_table_has_forty_faults_and_names_tests_that_exist() -> None:
    table, drawn = truth.of_table(7), truth.drawn(7)
    assert len({(case.kind, case.severity) for case in table}) >= 40
    assert len(drawn) >= 30
    for case in (*table, *drawn):
        assert case.fails <= CODES, case
        assert case.may_fail <= CODES, case
        assert not case.fails & case.may_fail, case
    assert truth.healthy_passes(SPEAKS) | truth.healthy_passes(FAXES) == CODES


def test_each_seed_draws_its_own_severities_and_always_the_same() -> None:
    assert truth.drawn(7) == truth.drawn(7)
    assert [case.parameters for case in truth.drawn(7)] != [case.parameters for case in truth.drawn(8)]
    assert [case.kind for case in truth.drawn(7)] == [case.kind for case in truth.drawn(8)]


def test_drawn_severities_are_those_of_rows_that_the_sandbox_has() -> None:
    rows = {(case.kind, case.severity) for case in truth.of_table(1)}
    assert {(case.kind, case.severity) for case in truth.drawn(1)} <= rows
    assert {(curve.kind, curve.severity) for curve in truth.curves()} <= rows


def test_what_may_fail_counts_neither_way_and_what_is_undecided_is_missed() -> None:
    lossy = Case("table", "packet_loss", "light", fails=frozenset({"V06"}), may_fail=frozenset({"V05"}))
    found = score(
        [
            seen(lossy, V05="fail", V06="fail", V07="fail", V08="not_applicable"),
            seen(lossy, V05="pass", V06="inconclusive", V07="pass"),
        ]
    )
    assert set(found.tests) == {"V06", "V07"}
    assert (found.tests["V06"].found, found.tests["V06"].missed) == (1, 1)
    assert (found.tests["V07"].wronged, found.tests["V07"].clear) == (1, 1)
    assert (found.total.recall, found.total.precision) == (Share(1, 2), Share(1, 2))
    assert [mistake.split(":")[1].split("(")[0] for mistake in found.mistakes] == [
        " V07 failed wrongly ",
        " V06 missed ",
    ]


def test_a_healthy_number_is_wronged_by_one_failure_and_curves_are_not_scored() -> None:
    healthy, beside = Case("healthy"), Case("curve", "packet_loss", "light", {"share": 0.01})
    found = score([seen(healthy, V01="pass"), seen(healthy, V01="pass", V06="fail"), seen(beside, V06="fail")])
    assert (found.healthy, found.healthy_failed, found.faulty) == (2, 1, 0)


def test_a_healthy_number_has_passed_with_each_test_of_its_line_and_not_before() -> None:
    faxes = Case("healthy", line=FAXES)
    passed = dict.fromkeys(truth.healthy_passes(FAXES), "pass")
    found = score([seen(faxes, **passed), seen(faxes, **{**passed, "F01": "not_applicable"})])
    assert (found.healthy, found.healthy_passed, found.healthy_failed) == (2, 1, 0)


def test_intervals_are_wilsons() -> None:
    low, high = Share(0, 400).interval
    assert (low, round(high, 4)) == (0.0, 0.0095)
    low, high = Share(81, 263).interval  # Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert Share(0, 0).interval == (0.0, 1.0)
