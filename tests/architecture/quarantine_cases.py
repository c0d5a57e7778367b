"""What must not become of what the quarantine learns and is told: cases of `test_constraints`."""

import datetime as dt
from typing import Any

from django.utils import timezone

from inventory.models import (
    AlphaRelief,
    FeedReport,
    LimitChange,
    QuarantineFitting,
    QuarantineModelChange,
    UnwantedTraffic,
)
from testing_lab.models import ListeningHour
from tests.architecture import rows
from tests.architecture.spoiling import Again, Change

FITS, RELIEF = "inventory.QuarantineModelChange:append_only", "inventory.AlphaRelief:relief_stays"
REPORTS, LIMITS_STAY = "inventory.UnwantedTraffic:append_only", "inventory.Quarantine:limits_stay"
LIMIT_CHANGES = "inventory.LimitChange:append_only"


def feed_report() -> FeedReport:
    return FeedReport.objects.create(day=rows.NEW_YEAR, feed="switch", healthy=True)


def fit_change() -> QuarantineModelChange:
    return QuarantineModelChange.objects.create(fit=rows.fit(), actor="user:a", reason="better")


def fitting() -> QuarantineFitting:
    return QuarantineFitting.objects.create(ended_at=timezone.now() + dt.timedelta(hours=1), finished=1000)


def alpha_relief() -> AlphaRelief:
    until = timezone.now() + dt.timedelta(days=30)
    said: dict[str, Any] = {"actor": "user:a", "reason": "sold out", "expires_at": until}
    return AlphaRelief.objects.create(country="US", number_type="local", alpha=0.25, **said)


def limit_change() -> LimitChange:
    row, said = rows.stay(), {"actor": "user:a", "reason": "the law"}
    was: dict[str, Any] = {"earliest_was": row.earliest_at, "rule_was": row.rule}
    is_now: dict[str, Any] = {"earliest_is": row.earliest_at + dt.timedelta(days=9), "rule_is": "aging:US"}
    return LimitChange.objects.create(stay=row, **was, **is_now, **said)


def unwanted_traffic() -> UnwantedTraffic:
    did, since = rows.did(), timezone.now()
    of: dict[str, Any] = {"did": did, "number": did.number, "account": did.account}
    told: dict[str, Any] = {"kind": "calls", "a_day": 3, "since": since.date(), "reported_at": since}
    return UnwantedTraffic.objects.create(**of, **told, had_since=since)


def listening_hour() -> ListeningHour:
    return ListeningHour.objects.create(hour=timezone.now(), minutes=1)


CASES: list[tuple[str, Change | Again]] = [
    ("quarantine_chance_never_is_one", Change(rows.decided_stay, "chance_never = 1.1")),
    ("quarantine_chance_never_is_one", Change(rows.decided_stay, "chance_never = 'NaN'")),
    ("quarantine_chance_never_is_one", Change(rows.stay, "chance_never = 0.1")),
    ("feed_report_once", Again(feed_report)),
    ("feed_report_of_a_feed", Change(feed_report, "feed = ''")),
    ("quarantine_model_changed_by_somebody_for_a_reason", Change(fit_change, "reason = ''", past=FITS)),
    ("quarantine_fitting_found_at_its_end", Change(fitting, "ended_at = NULL")),
    ("quarantine_fitting_found_at_its_end", Change(fitting, "finished = NULL")),
    ("quarantine_fitting_found_at_its_end", Change(fitting, "ended_at = begun_at - interval '1 day'")),
    ("alpha_relief_country_iso", Change(alpha_relief, "country = 'us'", past=RELIEF)),
    ("alpha_relief_type_known", Change(alpha_relief, "number_type = 'landline'", past=RELIEF)),
    ("alpha_relief_bounded", Change(alpha_relief, "alpha = 0.31", past=RELIEF)),
    ("alpha_relief_bounded", Change(alpha_relief, "alpha = 'NaN'", past=RELIEF)),
    ("alpha_relief_expires", Change(alpha_relief, "expires_at = created_at", past=RELIEF)),
    ("alpha_relief_expires", Change(alpha_relief, "expires_at = created_at + interval '61 days'", past=RELIEF)),
    ("alpha_relief_by_somebody_for_a_reason", Change(alpha_relief, "actor = ''", past=RELIEF)),
    ("alpha_relief_ended_by_somebody", Change(alpha_relief, "ended_at = now()")),
    (
        "limit_change_lengthens_the_minimum",
        Change(limit_change, "earliest_is = earliest_was - interval '1 day'", past=LIMIT_CHANGES),
    ),
    ("limit_change_by_somebody_for_a_reason", Change(limit_change, "reason = ''", past=LIMIT_CHANGES)),
    ("unwanted_traffic_sid_shape", Change(unwanted_traffic, "sid = upper(sid)", past=REPORTS)),
    ("unwanted_traffic_kind_known", Change(unwanted_traffic, "kind = 'faxes'", past=REPORTS)),
    ("unwanted_traffic_of_some_calls", Change(unwanted_traffic, "a_day = 0", past=REPORTS)),
    ("unwanted_traffic_of_some_calls", Change(unwanted_traffic, "a_day = 1001", past=REPORTS)),
    (
        "unwanted_traffic_in_thirty_days",
        Change(unwanted_traffic, "reported_at = had_since + interval '31 days'", past=REPORTS),
    ),
    ("quarantine_carries_what_could_be_seen", Change(rows.stay, "carried_days = -1", past=LIMITS_STAY)),
    (
        "quarantine_carries_what_could_be_seen",
        Change(rows.stay, "carried_days = 1, carried_contacts = 3.1", past=LIMITS_STAY),
    ),
    ("listening_hour_has_sixty_minutes", Change(listening_hour, "minutes = -1")),
]
