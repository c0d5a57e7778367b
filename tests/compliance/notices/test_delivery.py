"""Many workers, lost messages and dead workers: each notice arrives, and in its order."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from compliance import tasks
from compliance.models import Bundle, Notice, NoticeKind
from compliance.services import delivery, transition
from tests.compliance.notices.receiver import Receiver
from tests.compliance.review import waiting
from tests.patience import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def deliver() -> int:
    try:
        return delivery.deliver_due()
    finally:
        connection.close()


def back_and_forth(bundle: Bundle, times: int) -> None:
    for _ in range(times):
        waiting.submitted(bundle)
        transition.move(bundle, "recall", actor="account:AC")


def test_a_change_that_is_rolled_back_is_never_told(bundle: Bundle, receiver: Receiver, nudged: list[Any]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        waiting.submitted(bundle)
        raise ZeroDivisionError
    assert (Notice.objects.count(), nudged) == (0, [])


def test_a_worker_is_nudged_when_the_change_is_committed(bundle: Bundle, nudged: list[Any]) -> None:
    with transaction.atomic():
        waiting.submitted(bundle)
        assert nudged == []
    assert nudged == [("compliance.tasks.deliver_notices", (bundle.pk,))]


def test_the_sweep_finds_what_a_lost_nudge_missed(bundle: Bundle, receiver: Receiver) -> None:
    waiting.submitted(bundle)
    tasks.sweep_notices()
    assert [each.fields["Status"] for each in receiver.received] == ["pending-review"]


def test_two_workers_never_send_the_same_at_the_same_time(bundle: Bundle, receiver: Receiver) -> None:
    waiting.submitted(bundle)
    Notice.objects.filter(kind=NoticeKind.EMAIL).update(next_at=timezone.now() + timedelta(hours=1))
    receiver.hold = threading.Event()
    with ThreadPoolExecutor(4) as workers:
        first = workers.submit(deliver)
        eventually(lambda: receiver.busy)
        others = [workers.submit(deliver) for _ in range(3)]
        assert [each.result(60) for each in others] == [0, 0, 0]
        receiver.hold.set()
        assert first.result(60) == 1
    assert len(receiver.received) == 1


def test_of_one_bundle_all_arrive_once_and_in_their_order_whoever_sends_them(
    bundle: Bundle, receiver: Receiver
) -> None:
    back_and_forth(bundle, 5)
    with ThreadPoolExecutor(4) as workers:
        while Notice.objects.filter(next_at__isnull=False).exists():
            list(workers.map(lambda _: deliver(), range(4)))
    assert [each.fields["Status"] for each in receiver.received] == ["pending-review", "draft"] * 5
    assert receiver.most_at_once == 1
    assert len({each.headers["I-Twilio-Idempotency-Token"] for each in receiver.received}) == 10


def test_what_a_dead_worker_held_is_sent_by_another_when_its_lease_is_over(
    bundle: Bundle, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.submitted(bundle)

    def die(_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(delivery, "_WAYS", dict.fromkeys(NoticeKind, die))
        for _ in NoticeKind:
            with pytest.raises(SystemExit):
                delivery.deliver_due()
    assert delivery.deliver_due() == 0
    with time_machine.travel(timezone.now() + delivery.LEASE + timedelta(seconds=1)):
        assert delivery.deliver_due() == 2
    assert len(receiver.received) == 1


def test_one_customer_s_dead_server_does_not_hold_up_another_s(bundle: Bundle, receiver: Receiver) -> None:
    other = waiting.draft(of=bundle.regulation, status_callback="http://127.0.0.1:9/")
    waiting.submitted(other)
    waiting.submitted(bundle)
    delivery.deliver_due()
    assert [each.fields["BundleSID"] for each in receiver.received] == [bundle.sid]


def test_what_is_said_is_ciphertext_in_the_database(bundle: Bundle) -> None:
    waiting.submitted(bundle)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM compliance_notice")
        rows = cursor.fetchall()
    assert rows
    assert all(bundle.sid not in payload and "customer.example" not in payload for (payload,) in rows)
