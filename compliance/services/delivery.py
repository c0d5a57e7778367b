"""Delivering notices, at least once each and in their order, by as many workers as there are.

Who delivers one moves its `next_at` first, past the time that a delivery can take, in a transaction of its own: nobody
else finds it meanwhile, and if the worker dies it is found again. Of one bundle and kind only the oldest open notice is
ever found, so a later one waits until that is delivered or given up.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts import outgoing
from compliance import callbacks
from compliance.models import Notice, NoticeKind

LEASE = timedelta(minutes=2)  # longer than any delivery: see the timeouts of `outgoing` and EMAIL_TIMEOUT
SWEEP_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
FINAL_TRIES = 3  # where the other side says that it will not do

log = structlog.get_logger(__name__)


class Failed(Exception):
    """It was not delivered. `final`: they will hardly change their mind; `pause`: seconds that they ask us to wait."""

    def __init__(self, kind: str, *, final: bool = False, pause: int = 0) -> None:
        super().__init__(kind)
        self.final, self.pause = final, pause


def deliver_of(bundle_id: int) -> int:
    """Deliver what is due of one bundle; returns how many attempts it took."""
    return _deliver(Notice.objects.filter(bundle=bundle_id), SWEEP_SECONDS)


def deliver_due() -> int:
    """Deliver what is due of all bundles, for a minute at most; returns how many attempts it took."""
    return _deliver(Notice.objects.all(), SWEEP_SECONDS)


def _deliver(notices: QuerySet[Notice], seconds: float) -> int:
    until, attempts = time.monotonic() + seconds, 0
    while time.monotonic() < until and (notice := _take(notices)):
        _attempt(notice)
        attempts += 1
    return attempts


def _take(notices: QuerySet[Notice]) -> Notice | None:
    """The next one that is due and that no earlier one waits before; ours for the time of the lease."""
    earlier = Notice.objects.filter(
        bundle=OuterRef("bundle"), kind=OuterRef("kind"), pk__lt=OuterRef("pk"), next_at__isnull=False
    )
    with transaction.atomic():
        due = notices.filter(next_at__lte=timezone.now()).exclude(Exists(earlier)).order_by("next_at", "pk")
        notice = due.select_related("bundle__account").select_for_update(skip_locked=True, of=("self",)).first()
        if notice:
            notice.next_at = timezone.now() + LEASE
            notice.attempts += 1
            notice.save(update_fields=["next_at", "attempts"])
    return notice


def _attempt(notice: Notice) -> None:
    deliver = _WAYS[NoticeKind(notice.kind)]
    try:
        deliver(notice)
    except Failed as failure:
        _note_failure(notice, failure, timezone.now())
    else:
        _end(notice, "done_at")


def _note_failure(notice: Notice, failure: Failed, now: datetime) -> None:
    notice.last_error = str(failure)[:80]
    too_old = now - notice.created_at >= settings.NOTICE_GIVE_UP_AFTER
    if too_old or (failure.final and notice.attempts >= FINAL_TRIES):
        log.warning("notice_given_up", notice=notice.pk, bundle=notice.bundle.sid, kind=notice.kind, why=str(failure))
        _end(notice, "given_up_at")
        return
    _if_open(notice, next_at=now + pause_after(notice.attempts, failure.pause), last_error=notice.last_error)


def pause_after(attempts: int, asked: int = 0) -> timedelta:
    """How long to wait: 5 s, 10 s, 20 s ... an hour, each a half more or less; longer if the other side asks for it.

    It may not ask for less: who answers "at once" each time would keep a worker for themselves all day.
    """
    pause = min(FIRST_PAUSE * (1 << min(attempts - 1, 16)), LONGEST_PAUSE)
    pause *= random.uniform(0.5, 1.5)  # noqa: S311 - so that they don't all come back at once
    return max(pause, min(timedelta(seconds=asked), LONGEST_PAUSE))


def _end(notice: Notice, how: str) -> None:
    """It is over: what it said is not kept."""
    over = {how: timezone.now(), "next_at": None, "payload": None}
    _if_open(notice, **over, last_error=notice.last_error)


def _if_open(notice: Notice, **columns: Any) -> None:
    """An erasure may have given it up while it was on its way."""
    Notice.objects.filter(pk=notice.pk, next_at__isnull=False).update(**columns)


def _call_back(notice: Notice) -> None:
    given: Any = notice.payload
    told = callbacks.Told(**given["told"])
    request = callbacks.request(told, url=given["url"], account=notice.bundle.account, token=str(notice.token))
    try:
        answer = outgoing.post(given["url"], request.fields, request.headers)
    except outgoing.NotPublic as error:
        raise Failed(str(error), final=True) from None
    except outgoing.Unreachable as error:
        raise Failed(str(error)) from None
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise Failed(f"answered {answer.status}", pause=answer.retry_after or 0)
    if not 200 <= answer.status < 300:
        raise Failed(f"answered {answer.status}", final=True)


def _mail(notice: Notice) -> None:
    given: Any = notice.payload
    send_letter(**given, token=str(notice.token))


def send_letter(*, to: str, subject: str, body: str, token: str) -> None:
    """Mail a text to one address; Django would read a list in it. `token`: the same at every attempt. Raises Failed."""
    headers = {"Message-ID": f"<{token}@{_domain()}>", "Auto-Submitted": "auto-generated"}
    letter = EmailMessage(subject, body, to=[to], headers=headers)
    try:
        validate_email(to)
        letter.send()
    except ValidationError:
        raise Failed("not an e-mail address", final=True) from None
    except SMTPRecipientsRefused as error:
        final = all(code >= 500 for code, _ in error.recipients.values())
        raise Failed("the mail server refused the address", final=final) from None
    except SMTPResponseException as error:
        raise Failed(f"the mail server said {error.smtp_code}", final=error.smtp_code >= 500) from None
    except (SMTPException, OSError) as error:
        raise Failed(type(error).__name__) from None


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"


_WAYS: dict[NoticeKind, Callable[[Notice], None]] = {NoticeKind.CALLBACK: _call_back, NoticeKind.EMAIL: _mail}
