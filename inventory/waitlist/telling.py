"""Telling those who waited, at least once of each serving: by a callback, signed as the API above spells it
(`api.apps`), or, where none was asked for, by e-mail to the account's address.

Who delivers one moves its `next_at` first, past the time that a delivery can take: if the worker dies it is found
again.
"""

from collections.abc import Mapping
from typing import Protocol

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import override

from accounts import languages, outgoing
from accounts.models import Account
from accounts.services.memberships import address_of
from accounts.sweeping import take_each
from compliance.services.delivery import FINAL_TRIES, LEASE, Failed, pause_after, send_letter
from inventory.models import WaitlistServing
from inventory.waitlist import letters

log = structlog.get_logger(__name__)


class Wire(Protocol):
    """Who knows how a callback is spelled."""

    def fields(self, serving: WaitlistServing) -> Mapping[str, str]:
        """What is told."""

    def headers(self, fields: Mapping[str, str], *, url: str, account: Account, token: str) -> Mapping[str, str]:
        """Signed for the account; `token` is the same at every attempt."""


_wires: list[Wire] = []


def spelled_by(wire: Wire) -> None:
    """From now on by this one."""
    _wires[:] = [wire]


def tell_due(limit: int) -> int:
    """Deliver up to `limit` callbacks and letters that are due; how many were tried."""
    due = WaitlistServing.objects.filter(next_at__lte=timezone.now()).order_by("next_at")
    return take_each("waitlist_callbacks", list(due.values_list("pk", flat=True)[:limit]), _tell)


def _tell(serving_id: int) -> None:
    serving = _take(serving_id)
    if serving is None:
        return
    deliver = _call_back if serving.entry.status_callback else _mail
    try:
        deliver(serving)
    except Failed as failure:
        _note_failure(serving, failure)
    else:
        _still_open(serving).update(next_at=None, done_at=timezone.now(), last_error="")


def _take(serving_id: int) -> WaitlistServing | None:
    """Ours for the time of the lease, if it is still due and nobody else has it."""
    with transaction.atomic():
        due = WaitlistServing.objects.filter(pk=serving_id, next_at__lte=timezone.now())
        serving = due.select_for_update(skip_locked=True).first()
        if serving:
            serving.next_at = timezone.now() + LEASE
            serving.attempts += 1
            serving.save(update_fields=["next_at", "attempts"])
    return serving


def _call_back(serving: WaitlistServing) -> None:
    wire, entry = _wires[0], serving.entry
    url, fields = entry.status_callback, wire.fields(serving)
    headers = wire.headers(fields, url=url, account=entry.account, token=str(serving.token))
    try:
        answer = outgoing.post(url, fields, headers)
    except outgoing.NotPublic as error:
        raise Failed(str(error), final=True) from None
    except outgoing.Unreachable as error:
        raise Failed(str(error)) from None
    if not 200 <= answer.status < 300:
        passing = answer.status in (408, 425, 429) or answer.status >= 500
        raise Failed(f"answered {answer.status}", final=not passing, pause=answer.retry_after or 0)


def _mail(serving: WaitlistServing) -> None:
    """To where the account gets e-mail now: the address is nowhere kept beside the serving."""
    to = address_of(serving.entry.account)
    if not to:
        raise Failed("the account has no address", final=True)
    with override(languages.of_letters_to(to)[to]):
        letter = letters.letter(serving)
    send_letter(to=to, subject=letter.subject, body=letter.body, token=str(serving.token))


def _note_failure(serving: WaitlistServing, failure: Failed) -> None:
    now, why = timezone.now(), str(failure)[:80]
    too_old = now - serving.at >= settings.NOTICE_GIVE_UP_AFTER
    if too_old or (failure.final and serving.attempts >= FINAL_TRIES):
        log.warning("waitlist_serving_not_told", entry=serving.entry.sid, why=why)
        _still_open(serving).update(next_at=None, given_up_at=now, last_error=why)
    else:
        _still_open(serving).update(next_at=now + pause_after(serving.attempts, failure.pause), last_error=why)


def _still_open(serving: WaitlistServing) -> QuerySet[WaitlistServing]:
    return WaitlistServing.objects.filter(pk=serving.pk, next_at__isnull=False)
