"""What a number's page shows: its life from birth to today, its two papers, and what has been found out about it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from console.lab.run_page import latest_results
from console.life_plot import Foretold, life_plot
from console.moments import LATEST, moments
from console.searching import lives
from console.time_machine import time_machine
from inventory.models import Assignment, PhoneNumber, Quarantine, QuarantineDecision
from inventory.quarantine.curve import look_back
from inventory.quarantine.nights.stretches import morning
from numbering.types import capability_names
from testing_lab.models import Outcome
from testing_lab.services import passports
from testing_lab.services.blocked import why_not_for_sale
from testing_lab.squares import squares

DAYS_SHOWN = 14


def context(number: PhoneNumber, asked: QueryDict) -> dict[str, Any]:
    """Everything for `console/number.html`, in a fixed number of queries whatever the length of its life."""
    last_run = number.suite_runs.order_by("-pk").filter(passed__isnull=False).first()
    results = latest_results(last_run) if last_run else []
    failed = [shown.result for shown in results if shown.result.outcome == Outcome.FAIL]
    stays = list(Quarantine.objects.of_number(number.pk).order_by("-pk")[:LATEST])
    assignments = list(Assignment.objects.of_number(number.pk).select_related("account").order_by("-pk")[:LATEST])
    return (
        {
            "number": number,
            "blockers": why_not_for_sale(number, failed),
            "declared": ", ".join(capability_names(number.declared_capabilities)),
            "carries": ", ".join(capability_names(number.capabilities)),
            "waived": ", ".join(capability_names(number.waived_capabilities)),
            "observed": ", ".join(capability_names(number.observed_capabilities)),
            "moments": moments(number, assignments),
            "last_run": last_run,
            "results": results,
            "squares": squares(shown.result for shown in results) if results else [],
            "passport_link": passport_link(number),
            "override": last_run.overrides.order_by("-pk").first() if last_run else None,
            "assignments": assignments,
            "stays": stays,
            "other_lives": other_lives(number),
        }
        | cleanliness(number, stays)
        | time_machine(number, asked)
    )


def cleanliness(number: PhoneNumber, stays: Sequence[Quarantine]) -> dict[str, Any]:
    """What the quarantine engine says of it this morning, from what, and how it came to that; of a number that is not
    with it only what came in of late."""
    stay = next((stay for stay in stays if stay.ended_at is None), None)
    found = look_back(stay, morning(timezone.now())) if stay else None
    if stay is None or found is None:
        return {"days": number.daily_contacts.order_by("-day")[:DAYS_SHOWN]}
    said = found.said
    told = Foretold(stay.earliest_at.date(), said.predicted_on, said.predicted_lo, said.predicted_hi)
    return {
        "said": said,
        "terms": _terms(said),
        "words": stay.overrides.filter(withdrawn_at=None),
        "waits": stay.state_day is None,
        "plot": life_plot(found.curve, told),
        "days": found.curve.days[: -DAYS_SHOWN - 1 : -1],
    }


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
