"""What must not become of the rows of the waitlist: constraint and spoilt row, for `test_constraints`."""

from tests.architecture import rows
from tests.architecture.spoiling import Again, Change

CASES: list[tuple[str, Change | Again]] = [
    ("waitlist_sid_shape", Again(rows.waitlist_entry, {"sid": "upper(sid)"})),
    ("waitlist_country_iso", Again(rows.waitlist_entry, {"sid": rows.OTHER_WL, "country": "'us'"})),
    ("waitlist_type_known", Again(rows.waitlist_entry, {"sid": rows.OTHER_WL, "number_type": "'landline'"})),
    ("waitlist_capabilities_mask", Again(rows.waitlist_entry, {"sid": rows.OTHER_WL, "capabilities": "16"})),
    ("waitlist_mode_known", Again(rows.waitlist_entry, {"sid": rows.OTHER_WL, "mode": "'buy'"})),
    ("waitlist_state_known", Change(rows.waitlist_entry, "state = 'lost', ended_at = now()")),
    ("waitlist_serves_no_more_than_asked", Again(rows.waitlist_entry, {"sid": rows.OTHER_WL, "quantity": "101"})),
    ("waitlist_counts_no_more_than_asked", Again(rows.waitlist_entry, {"sid": rows.OTHER_WL, "counted": "3"})),
    ("waitlist_served_iff_all", Change(rows.waitlist_entry, "state = 'served', ended_at = now()")),
    ("waitlist_served_iff_all", Change(rows.waitlist_entry, "served = quantity")),
    ("waitlist_ended_iff_not_waiting", Change(rows.waitlist_entry, "state = 'cancelled'")),
    ("waitlist_ended_iff_not_waiting", Change(rows.waitlist_entry, "ended_at = now()")),
    (
        "waitlist_cancelled_by_staff_for_a_reason",
        Change(rows.waitlist_entry, "state = 'cancelled', ended_at = now(), ended_by = 'user:ops'"),
    ),
    ("waitlist_cancelled_by_staff_for_a_reason", Change(rows.waitlist_entry, "ended_by = 'account:AC1'")),
    ("serving_open_or_over", Change(rows.waitlist_serving, "next_at = now(), done_at = now()")),
    ("serving_open_or_over", Change(rows.waitlist_serving, "next_at = now(), given_up_at = now()")),
    ("offer_once_in_a_serving", Again(rows.waitlist_offer)),
]
