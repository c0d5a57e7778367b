"""Passports: issued in the transaction of the verdict, shown to those whom the number concerns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Account
from inventory import retests
from inventory.blockers import blockers
from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.services.testing import Measured
from testing_lab.models import Outcome, Passport, Purpose, Result, SuiteRun
from testing_lab.proofs import passed_mask, proven
from testing_lab.registry import all_tests

if TYPE_CHECKING:  # it brings all of the lab's signalling and media with it
    from testing_lab.suite_runner import SuiteReport

#: Why a number in TESTING is tested: then the suite is the number's, whatever became of it.
OF_THE_LIFECYCLE = (Purpose.RECEIVED, Purpose.RETEST, Purpose.REUSE)
QUALITY, POST_DIAL_DELAY = "V05", "V02"
#: Large, and not shown.
_CONTENTS = ("evidence__trace", "evidence__packets", "evidence__timing")
LINK = "passport"  # the salt: no signature of another purpose opens a passport


def is_full(run: SuiteRun, report: SuiteReport) -> bool:
    """Whether the number's passport is what this attempt found: no test was left out, or the number waited for it.

    What a check of a route found is the route's.
    """
    if run.purpose == Purpose.ROUTE:
        return False
    return run.purpose in OF_THE_LIFECYCLE or (
        report.is_whole and all(test.code in report.findings for test in all_tests())
    )


def measured(number: PhoneNumber, report: SuiteReport) -> Measured:
    """What the report says in columns of the number."""
    passed = [code for code, finding in report.findings.items() if finding.outcome == Outcome.PASS]
    return Measured(
        capabilities=int(proven(report.findings, number.asked_capabilities)),
        passed_tests=passed_mask(passed),
        mos=_value(report, QUALITY),
        post_dial_delay=_value(report, POST_DIAL_DELAY),
    )


def vouched_for(run: SuiteRun) -> Measured:
    """What a number is sold for whose verdict staff have set to passed: all that is asked of it, and of the tests and
    figures only what the run really found."""
    results = {result.code: result for result in run.results.filter(attempt=run.attempt)}
    passed = [code for code, result in results.items() if result.outcome == Outcome.PASS]
    figures = {code: results[code].value if code in results else None for code in (QUALITY, POST_DIAL_DELAY)}
    return Measured(
        capabilities=run.number.asked_capabilities,
        passed_tests=passed_mask(passed),
        mos=figures[QUALITY],
        post_dial_delay=figures[POST_DIAL_DELAY],
    )


def issue(run: SuiteRun, number: PhoneNumber, found: Measured, *, passed: bool) -> None:
    """Put this run in the place of the passport's last one; `number` is as the verdict left it."""
    now = timezone.now()
    Passport.objects.update_or_create(
        number_id=number.pk,
        defaults={
            "run": run,
            "declared": number.declared_capabilities,
            "tested": found.capabilities,
            "issued_at": now,
            "expires_at": _expiry(number, now) if passed else None,
        },
    )


def _expiry(number: PhoneNumber, now: datetime) -> datetime:
    """The number's own, which the verdict has just set; one that was tested as it lies, and not for sale, may have none
    that is current."""
    standing = number.passport_expires_at
    if standing and standing > now:
        return standing
    return now + retests.interval(number.country, number.number_type, now.date())


def _value(report: SuiteReport, code: str) -> float | None:
    finding = report.findings.get(code)
    return finding.value if finding else None


def of_number(number: PhoneNumber) -> Passport | None:
    """The number's passport with its run; `number` itself in the place of the passport's."""
    found = Passport.objects.select_related("run").filter(number=number).first()
    if found:
        found.number = number
    return found


def results_of(run: SuiteRun) -> list[Result]:
    """What the run found in the attempt that decided it, by code; none before."""
    if run.passed is None:
        return []
    return list(run.results.filter(attempt=run.attempt).select_related("evidence").defer(*_CONTENTS).order_by("code"))


def may_see(number: PhoneNumber, account: Account | None) -> bool:
    """What is on sale is shown to everybody, as the search shows it; what an account holds to that account alone.

    Without an account: to whoever was given a link while nobody held it.
    """
    if number.state in (State.RESERVED, State.IN_SERVICE):
        return account is not None and number.holder_id == account.pk
    return not blockers(number, timezone.now())


def link_of(number: PhoneNumber) -> str:
    """A signed text that stands for the number's passport as long as the number has the same holder, or none. Who
    reads it learns the number, which the page says too, and nothing of the holder."""
    return signing.dumps([number.e164, _seal(number)], salt=LINK)


def _seal(number: PhoneNumber) -> str:
    return salted_hmac(LINK, f"{number.pk} {number.holder_id}", algorithm="sha256").hexdigest()[:32]


def linked(text: str) -> PhoneNumber | None:
    """The number that a link stands for; None for a link that is not ours, has expired or was revoked.

    A number that changes hands takes its passport out of the hands of whoever had the link before.
    """
    try:
        e164, seal = signing.loads(text, salt=LINK, max_age=settings.PASSPORT_LINK_LIFETIME)
    except signing.BadSignature:
        return None
    number = PhoneNumber.objects.live().select_related("holder").filter(e164=e164).first()
    if number is None or not constant_time_compare(seal, _seal(number)):
        return None
    return number if may_see(number, number.holder) else None
