"""Fits from the database's own stays: once a month, kept as versions, in force only if they foretell no worse.

Each try is written down before it begins. One that found nothing, or was cut short, is followed by another a day later,
and one that found too little only once more stays are over: the hours between ask one row.

A fit learns from four fifths of the stays. The last fifth, chosen by a hash, tells how well it foretells what it has
not seen: the mean of -ln of the likelihood that it gave to what happened (log loss), beside that of the fit in force.
"""

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from inventory.models import Quarantine, QuarantineFitting, QuarantineModel
from inventory.quarantine.calibration import FEWEST, learn, log_loss
from inventory.quarantine.lessons import KEPT, read_lessons
from inventory.quarantine.model import DEFAULT, Model
from inventory.quarantine.sentinel import spread
from inventory.quarantine.versions import activate, take_turns

log = structlog.get_logger(__name__)
EVERY = timedelta(days=30)
AGAIN = timedelta(days=1)  # after a try that found nothing
HELD_OUT = 5  # every so many
ACTOR = "sweep:quarantine"


class Fitted(NamedTuple):
    """What came of a fit; no `fit` if too little was known. `is_new`: it was not known before.

    `finished`: stays that were over, of those that were looked at.
    """

    finished: int
    fit: QuarantineModel | None = None
    is_new: bool = False
    took_over: bool = False


def fit_if_due() -> Fitted | None:
    """A fit, if the last one is a month old, or the last try a day and there is something new to learn from."""
    with transaction.atomic():
        take_turns()
        now = timezone.now()
        if not _is_due(now):
            return None
        tried = QuarantineFitting.objects.create()
    return _fit(tried, now.date(), ACTOR)


def fit_now(today: date, *, actor: str = ACTOR) -> Fitted:
    """Learn from the stays of the last 400 days, keep what was found, and decide with it if it is no worse.

    The same stays give the same version, of which there is one row. Of fewer than 1,000 finished stays nothing is
    learnt, and what is in force stays so.
    """
    return _fit(QuarantineFitting.objects.create(), today, actor)


def _is_due(now: datetime) -> bool:
    last = QuarantineFitting.objects.order_by("-pk").first()
    if last is None:
        return True
    if last.fit_id:
        return last.begun_at <= now - EVERY
    if last.begun_at > now - AGAIN:
        return False
    return last.ended_at is None or _over(now.date()).filter(ended_at__gt=last.begun_at).exists()


def _over(today: date) -> "QuerySet[Quarantine]":
    """Finished stays that a fit may learn from."""
    since = datetime.combine(today - KEPT, time.min, UTC)
    return Quarantine.objects.filter(
        ended_at__isnull=False, entered_at__gte=since, number__provider__demo_aging__isnull=True
    )


def _fit(tried: QuarantineFitting, today: date, actor: str) -> Fitted:
    with transaction.atomic():
        take_turns()
        found = _learnt(today, actor)
        ended = {"ended_at": Now(), "finished": found.finished, "fit": found.fit}
        QuarantineFitting.objects.filter(pk=tried.pk).update(**ended)
    return found


def _learnt(today: date, actor: str) -> Fitted:
    finished = len(_over(today).values_list("pk")[:FEWEST])
    if finished < FEWEST:
        return Fitted(finished)
    lessons = read_lessons(today)
    held_out = spread(lessons.ids) % HELD_OUT == 0
    fewest = FEWEST * (HELD_OUT - 1) // HELD_OUT - FEWEST // 10  # not every stay tells an outcome
    model = learn(lessons.known.where(~held_out), len(lessons.ids), today - timedelta(days=1), fewest=fewest)
    if not model.stays:
        return Fitted(lessons.finished)
    test = lessons.known.where(held_out)
    loss, compared = (log_loss(each, test, model.bg) for each in (model, in_force()))
    fit, is_new = _keep(model, loss, compared)
    took_over = is_new and loss <= compared
    if took_over:
        activate(fit=fit, actor=actor, reason=f"log loss {loss:.4f}, before {compared:.4f}")
    log.info("quarantine_fit", version=fit.version, log_loss=loss, compared=compared, took_over=took_over)
    return Fitted(lessons.finished, fit, is_new, took_over)


def in_force() -> Model:
    """The model that the nights decide with."""
    fit = QuarantineModel.objects.filter(is_current=True).first()
    return Model.from_json(json.dumps(fit.document)) if fit else DEFAULT


def _keep(model: Model, loss: float, compared: float) -> tuple[QuarantineModel, bool]:
    known = {
        "document": json.loads(model.as_json()),
        "stays": model.stays,
        "rows": model.rows,
        "log_loss": None if math.isnan(loss) else loss,
        "compared_log_loss": None if math.isnan(compared) else compared,
    }
    return QuarantineModel.objects.get_or_create(version=model.version, defaults=known)
