"""Suites that customers order for numbers of theirs that are in service. They find out, and move nothing."""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Account
from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.sids import new_sid
from testing_lab.models import Purpose, RunState, SuiteRun
from testing_lab.models.suite_run import OPEN_RUN
from testing_lab.services import claims

DAY = timedelta(days=1)


class Refused(Exception):
    """Nothing was ordered; the message says why."""


class BeingTested(Refused):
    """The lab has the number already, for a reason of its own."""


class QuotaUsedUp(Refused):
    """The account has ordered as many tests as it may in 24 hours."""

    def __init__(self, quota: int, until: datetime) -> None:
        super().__init__(f"{quota} tests were ordered within 24 hours; the next may be at {until:%Y-%m-%dT%H:%M:%SZ}")
        self.retry_after = max(1, math.ceil((until - timezone.now()).total_seconds()))


def in_service(account: Account, e164: int) -> PhoneNumber | None:
    """The number if the account has it in service."""
    return PhoneNumber.objects.live().filter(e164=e164, state=State.IN_SERVICE, holder=account).first()


def order(*, account: Account, number: PhoneNumber) -> SuiteRun:
    """Have the number tested as soon as a lab daemon is free; while that is open, the same order is returned.

    Orders of one account wait for each other, so no two share the last of its quota.
    Raises BeingTested and QuotaUsedUp.
    """
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
        known = SuiteRun.objects.filter(number=number, state__in=OPEN_RUN).first()
        if known and known.asked_by_id == account.pk:
            known.number = number
            return known
        if known:
            raise BeingTested(f"The lab is testing {number} already; order again when it is done")
        _check_quota(account)
        return _open(account, number)


def drop_stale() -> int:
    """Drop orders that wait for numbers which their account does not have any more: whoever comes next, the lab too,
    would find them in the way."""
    waiting = SuiteRun.objects.filter(claims.ORDERED_BY_A_FORMER_HOLDER, state__in=(RunState.DUE, RunState.STUCK))
    note = "its account does not have the number any more"
    return waiting.update(state=RunState.DROPPED, finished_at=timezone.now(), note=note)


def ordered_by(account: Account) -> QuerySet[SuiteRun]:
    """All the suites that this account has ordered."""
    return SuiteRun.objects.filter(asked_by=account).select_related("number")


def _check_quota(account: Account) -> None:
    quota: int = settings.LAB_TESTS_PER_DAY
    latest = SuiteRun.objects.filter(asked_by=account).order_by("-id").values_list("created_at", flat=True)[:quota]
    counted = [moment for moment in latest if moment > timezone.now() - DAY]
    if len(counted) >= quota:
        raise QuotaUsedUp(quota, min(counted, default=timezone.now()) + DAY)


def _open(account: Account, number: PhoneNumber) -> SuiteRun:
    """Raises BeingTested if the lab opened a run of its own in this moment."""
    run = SuiteRun(sid=new_sid("LT"), number=number, purpose=Purpose.CUSTOMER, asked_by=account)
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        raise BeingTested(f"The lab has just begun to test {number}; order again when it is done") from None
    run.refresh_from_db(fields=["created_at", "due_at"])
    return run
