"""`Idempotency-Key`: the same POST twice is done once, and answered twice with the same words.

1. The key is stored and committed before anything else, so no duplicate starts from nothing.
2. The request runs in one transaction that holds the key's row locked and ends by storing the answer: the act and
   its answer are committed together or not at all. After a crash the lock is gone, the answer is not there, and the
   same request may simply run again.
3. A duplicate that comes meanwhile finds the row locked: 409 and Retry-After.
4. What must commit step by step (`in_steps`) holds no lock: it is an act that may be repeated, such as setting a
   status. After its answer is stored, that is replayed as well.
5. Answers that say "try again" (409, 429, 5xx) are forgotten, everything else is replayed for 24 hours.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import cast

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from api.errors import Refusal, body
from api.models import RememberedRequest
from api.parameters import as_texts

REMEMBERED_FOR = timedelta(hours=24)
MAX_KEY = 255


class StillRunning(Refusal):
    """The same request is being answered in this moment."""

    retry = True


Act = Callable[[], Response]
Run = Callable[[int, bytes, Act], Response]


def once(request: Request, act: Act, run: Run) -> Response:
    """Answer `act()`, or what it answered before under the same key; `run` is `whole` or `in_steps`.

    Raises Refusal 20001 or 20409.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return act()
    if not (0 < len(key) <= MAX_KEY and key.isprintable()):
        raise Refusal(20001, f"Invalid Idempotency-Key: 1 to {MAX_KEY} printable characters are allowed")
    fingerprint = _keyed(_fingerprint(request))
    row = _stored(cast("Account", request.user), key, fingerprint)
    answer = run(row.pk, fingerprint, act)
    if _forgettable(answer):
        RememberedRequest.objects.filter(pk=row.pk, answer=None).delete()
    return answer


def _keyed(digest: bytes) -> bytes:
    """Nobody who reads the table may find by trying which names or numbers a request had."""
    return salted_hmac("api.idempotency", digest, algorithm="sha256").digest()


def _stored(account: Account, key: str, fingerprint: bytes) -> RememberedRequest:
    RememberedRequest.objects.filter(account=account, key=key, created_at__lt=timezone.now() - REMEMBERED_FOR).delete()
    RememberedRequest.objects.bulk_create(
        [RememberedRequest(account=account, key=key, fingerprint=fingerprint)], ignore_conflicts=True
    )
    row = RememberedRequest.objects.defer("answer").filter(account=account, key=key).first()
    if row is None:
        raise StillRunning(20409, "A request with this Idempotency-Key has just ended")
    return row


def whole(pk: int, fingerprint: bytes, act: Act) -> Response:
    """The act and its answer in one transaction that locks the key."""
    with transaction.atomic():
        row = RememberedRequest.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if known := _known(row, fingerprint):
            return known
        answer = act()
        if _forgettable(answer):
            transaction.set_rollback(True)
        else:
            _remember(pk, answer)
    return answer


def in_steps(pk: int, fingerprint: bytes, act: Act) -> Response:
    """The act in transactions of its own, its answer after it."""
    if known := _known(RememberedRequest.objects.filter(pk=pk).first(), fingerprint):
        return known
    answer = act()
    if not _forgettable(answer):
        _remember(pk, answer)
    return answer


def _known(row: RememberedRequest | None, fingerprint: bytes) -> Response | None:
    if row is None:
        raise StillRunning(20409, "A request with this Idempotency-Key is still running")
    if bytes(row.fingerprint) != fingerprint:
        raise Refusal(20409, "This Idempotency-Key was used with other parameters")
    return None if row.answer is None else _replayed(row)


def _remember(pk: int, answer: Response) -> None:
    content = orjson.dumps(answer.data).decode()
    about = str(answer.data.get("sid") or "") if isinstance(answer.data, dict) else ""
    RememberedRequest.objects.filter(pk=pk).update(status=answer.status_code, answer=content, about=about[:34])


def _replayed(row: RememberedRequest) -> Response:
    return Response(orjson.loads(row.answer or "null"), status=row.status, headers={"Idempotent-Replayed": "true"})


def _forgettable(answer: Response) -> bool:
    return answer.status_code in (409, 429) or answer.status_code >= 500


def _fingerprint(request: Request) -> bytes:
    files = [hashlib.sha256(b"".join(file.chunks())).hexdigest() for file in request.FILES.values()]
    asked = [request.method, request.path_info, sorted(as_texts(request.data).items()), *files]
    return hashlib.sha256(json.dumps(asked).encode()).digest()


def forget(account: Account, sids: Sequence[str]) -> None:
    """What is remembered of things that are erased: their answers say from now on that they are gone."""
    gone = orjson.dumps(body(20404)).decode()
    rows = RememberedRequest.objects.filter(account__in=[account.pk, account.parent_id], about__in=sids)
    rows.update(status=404, answer=gone)


def forget_old() -> int:
    """Delete what is older than 24 hours; how many keys that were."""
    return RememberedRequest.objects.filter(created_at__lt=timezone.now() - REMEMBERED_FOR).delete()[0]
