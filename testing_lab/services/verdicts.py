"""Writing down what a run found: results and evidence, the run's end, and the number's move, in one transaction."""

from random import uniform

from django.db import transaction
from django.utils import timezone

from inventory.services import testing
from testing_lab.models import Evidence, Outcome, Purpose, Result, RunState, SuiteRun
from testing_lab.models.suite_run import FOR_THE_LAB
from testing_lab.registry import LabTest, all_tests
from testing_lab.services import claims, evidence, passports, sampling, trunk_checks
from testing_lab.services.claims import MAX_STRIKES, MAX_TROUBLES, MAX_TROUBLES_OF_A_ROUTE, RETRY_AFTER
from testing_lab.suite_runner import SuiteReport

SPREAD = 1.5  # those that one bad moment has spoilt must not come back together, and spoil one another


@transaction.atomic
def record(run: SuiteRun, report: SuiteReport) -> None:
    """Keep the report of this attempt and act on it. A claim that was lost meanwhile keeps nothing."""
    held = SuiteRun.objects.select_for_update().filter(
        pk=run.pk, state=RunState.CLAIMED, claimed_by=run.claimed_by, attempt=run.attempt
    )
    if not held.exists():
        return
    trunk_checks.spare_the_number(run, report)
    kept = evidence.keep(run, report)
    Result.objects.bulk_create(
        [_result(run, test, report, kept) for test in all_tests() if test.code in report.findings]
    )
    if report.verdict is None and report.quiet:
        claims.wait_for_quiet_to_end(run, report.quiet)
    elif report.verdict is None:
        _try_again(run, report)
    else:
        _finish(run, report, passed=report.verdict)


def _finish(run: SuiteRun, report: SuiteReport, *, passed: bool) -> None:
    SuiteRun.objects.filter(pk=run.pk).update(
        state=RunState.DONE, passed=passed, lease_until=None, finished_at=timezone.now()
    )
    if run.purpose == Purpose.ROUTE:
        if not passed:
            trunk_checks.tell(run, report.failing)
    elif run.purpose == Purpose.SAMPLE and not passed:  # a doubt, which a run of the number's own confirms
        sampling.confirm(run, report.failing)
    else:
        _report(run, report, passed=passed)


def _report(run: SuiteRun, report: SuiteReport, *, passed: bool) -> None:
    """To the stock, and into the passport."""
    found = passports.measured(run.number, report) if passports.is_full(run, report) else None
    number = testing.record_verdict(
        run.number_id,
        passed=passed,
        failing=report.failing,
        measured=found,
        is_whole=report.is_whole,
        actor=f"lab:{run.claimed_by}"[:80],
        evidence={"suite_run": run.pk},
    )
    if found:
        passports.issue(run, number, found, passed=passed)


def _try_again(run: SuiteRun, report: SuiteReport) -> None:
    """Inconclusive: due again after a growing pause, and after `MAX_STRIKES` a matter for staff.

    Our own trouble is no strike: a busy machine or a trunk that is down puts no number on a person's desk. Only after
    `MAX_TROUBLES`, by then for seven hours, it does: it is not the machine any more, and nobody would ever learn of it.
    """
    strikes, troubles = run.strikes + (not report.our_trouble), run.troubles + report.our_trouble
    most_troubles = MAX_TROUBLES_OF_A_ROUTE if run.purpose == Purpose.ROUTE else MAX_TROUBLES
    hopeless = strikes >= MAX_STRIKES or troubles >= most_troubles
    # Nobody waits for it; a customer is told, and may order again.
    dropped = hopeless and run.purpose in (*FOR_THE_LAB, Purpose.CUSTOMER)
    SuiteRun.objects.filter(pk=run.pk).update(
        state=RunState.DROPPED if dropped else RunState.STUCK if hopeless else RunState.DUE,
        finished_at=timezone.now() if dropped else None,
        claimed_by="",
        lease_until=None,
        strikes=strikes,
        troubles=troubles,
        due_at=timezone.now() + RETRY_AFTER * max(2**strikes, troubles) * uniform(1, SPREAD),  # noqa: S311 - no secret
        note=_why_again(report),
    )


def _why_again(report: SuiteReport) -> str:
    unclear = [code for code, finding in report.findings.items() if finding.outcome == Outcome.INCONCLUSIVE]
    whose = "our own trouble" if report.our_trouble else "inconclusive"
    return f"{whose}: {', '.join(unclear) or 'nothing applies'}"[:300]


def _result(run: SuiteRun, test: LabTest, report: SuiteReport, kept: dict[str, Evidence]) -> Result:
    finding = report.findings[test.code]
    return Result(
        run=run,
        attempt=run.attempt,
        code=test.code,
        outcome=finding.outcome,
        value=finding.value,
        unit=test.unit if finding.value is not None else "",
        limit=test.limit_for(report.limits),
        route=report.routes.get(test.exchanges[0].__name__, ""),
        detail=finding.detail[:300],
        evidence=kept.get(test.exchanges[0].__name__),
    )
