"""What a number's page shows: its life from birth to today, its two papers, and what has been found out about it."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from console.lab.run_page import latest_results
from console.searching import lives
from inventory.models import PhoneNumber, QuarantineDecision
from inventory.quarantine.nights.alone import look
from inventory.quarantine.nights.stretches import morning
from numbering.types import capability_names
from testing_lab.models import Outcome
from testing_lab.services import passports
from testing_lab.services.blocked import why_not_for_sale
from testing_lab.squares import squares

LATEST = 100


def context(number: PhoneNumber) -> dict[str, Any]:
    """Everything for `console/number.html`, in a fixed number of queries whatever the length of its life."""
    runs = number.suite_runs.order_by("-pk")
    last_run = runs.filter(passed__isnull=False).first()
    results = latest_results(last_run) if last_run else []
    failed = [shown.result for shown in results if shown.result.outcome == Outcome.FAIL]
    return {
        "number": number,
        "blockers": why_not_for_sale(number, failed),
        "declared": ", ".join(capability_names(number.declared_capabilities)),
        "carries": ", ".join(capability_names(number.capabilities)),
        "waived": ", ".join(capability_names(number.waived_capabilities)),
        "observed": ", ".join(capability_names(number.observed_capabilities)),
        "entries": number.ledger.order_by("-pk")[:LATEST],
        "runs": runs[:LATEST],
        "last_run": last_run,
        "results": results,
        "squares": squares(shown.result for shown in results) if results else [],
        "passport_link": passport_link(number),
        "override": last_run.overrides.order_by("-pk").first() if last_run else None,
        "assignments": number.assignments.select_related("account", "did").order_by("-pk")[:LATEST],
        "stays": number.quarantines.order_by("-pk")[:LATEST],
        "blocks": number.blocks.order_by("-pk")[:LATEST],
        "cases": number.drift_cases.order_by("-pk")[:LATEST],
        "cleanliness": cleanliness(number),
        "contacts": number.daily_contacts.order_by("-day")[:14],
        "other_lives": other_lives(number),
    }


def cleanliness(number: PhoneNumber) -> dict[str, Any]:
    """What the quarantine engine says of it this morning, and from what; nothing of a number that is not with it."""
    stay = number.quarantines.filter(ended_at=None).first()
    said = look(stay, morning(timezone.now())) if stay else None
    if stay is None or said is None:
        return {}
    words = stay.overrides.filter(withdrawn_at=None)
    return {"said": said, "terms": _terms(said), "words": words, "waits": stay.state_day is None}


def _terms(said: QuarantineDecision) -> list[tuple[str, str]]:
    most = "none" if said.max_days is None else f"{said.max_days} days"
    last = "never" if said.last_contact_on is None else f"{(said.day - said.last_contact_on).days} days ago"
    return [
        ("Rule", said.get_rule_display()),
        ("Age; minimum; maximum", f"{said.age} days; {said.min_days} days; {most}"),
        ("Recent contacts (S)", f"{said.recent_contacts:.2f}"),
        ("Effective days (E)", f"{said.effective_days:.2f}"),
        ("Expected in 30 days; limit (k)", f"{said.mean:.2f}; {said.threshold}"),
        ("Contacts a day without a former owner", f"{said.background:g}"),
        ("Likelihood; before calibration", f"{said.likelihood:.4f}; {said.raw:.4f}"),
        ("Released below (alpha)", f"{said.alpha:g}"),
        ("Observed days", str(said.observed_days)),
        ("Calls, messages, codes of 7 days", f"{said.voice_7_days}, {said.sms_7_days}, {said.otp_7_days}"),
        ("Of 30 days", f"{said.voice_30_days}, {said.sms_30_days}, {said.otp_30_days}"),
        ("Callers of 30 days, each day's added up", str(said.distinct_callers)),
        ("Last contact", last),
        ("Fit", str(said.model or "the defaults")),
    ]


def passport_link(number: PhoneNumber) -> str | None:
    """The page to print, which a buyer may be sent; None where the link would open nothing."""
    if number.tested_at is None or not passports.may_see(number, number.holder):
        return None
    return reverse("passport-page", args=[passports.link_of(number)])


def other_lives(number: PhoneNumber) -> QuerySet[PhoneNumber]:
    """Rows of the same number: it came back to us, or it has been here before."""
    ids = [pk for pk in lives(Q(e164=number.e164)) if pk != number.pk]
    return PhoneNumber.objects.filter(pk__in=ids).order_by("-pk")
