"""Raw SQL against every named constraint of our tables: each refuses what it is there to refuse; none is forgotten."""

from contextlib import nullcontext
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint, Field, Q

from tests.architecture import (
    account_cases,
    bulk_cases,
    catalogue_cases,
    compliance_cases,
    did_cases,
    quarantine_cases,
    restocking,
    rows,
    staff_cases,
    waiting,
)
from tests.architecture.sizes import ROOMS
from tests.architecture.spoiling import Again, Change

pytestmark = pytest.mark.django_db


RESOLVED = "resolved_at = now(), resolved_by = 'user:a', reason = 'mended'"
LIMITS_STAY, SHORTER = "inventory.Quarantine:limits_stay", "inventory.Quarantine:minimum_only_grows"
DECISIONS, WORD = "inventory.QuarantineDecision:append_only", "inventory.QuarantineOverride:word_stays"
DECIDED = "decided_at = now(), decided_by = 'user:a', reason = 'it runs low'"
APPROVED = f"{DECIDED}, status = 'approved', next_attempt_at = now()"
CASES: list[tuple[str, Change | Again]] = [
    ("place_natural_key", Again(rows.place, {"id": "id + 1"})),
    ("place_country_is_alpha2", Change(rows.place, "country = 'us'")),
    ("place_granularity_known", Change(rows.place, "granularity = 'street'")),
    ("place_point_whole_and_on_earth", Change(rows.place, "latitude = 37")),
    ("place_point_whole_and_on_earth", Change(rows.place, "latitude = 91, longitude = 0")),
    ("place_point_whole_and_on_earth", Change(rows.place, "latitude = 0, longitude = 181")),
    ("place_inferred_iff_nearest", Change(rows.place, "distance_km = 4")),
    ("place_inferred_iff_nearest", Change(rows.place, "source = 'inferred_nearest'")),
    ("place_inferred_iff_nearest", Change(rows.place, "source = 'inferred_nearest', nearest_id = id + 1")),
    ("place_rate_centre_marked_synthetic", Change(rows.place, "lata = '722', rate_centre = 'OAKLAND'")),
    ("place_rate_centre_marked_synthetic", Change(rows.place, "synthetic = true")),
    (
        "place_not_its_own_nearest",
        Change(rows.place, "nearest_id = id, distance_km = 0, source = 'inferred_nearest'"),
    ),
    ("place_prefix_is_e164", Change(rows.place_prefix, "prefix = 0")),
    ("place_prefix_is_e164", Change(rows.place_prefix, "prefix = 1000000000000000")),
    ("provider_demo_aging_only_in_the_sandbox", Change(rows.provider, "demo_aging = interval '1 minute'")),
    ("number_one_live_row", Again(rows.sourced)),
    ("number_e164_digits", Change(rows.number, "e164 = 0")),
    ("number_e164_digits", Change(rows.number, "e164 = 999999")),
    ("number_e164_digits", Change(rows.number, "e164 = 1000000000000000")),
    ("number_e164_digits", Change(rows.number, "e164 = -e164")),
    ("number_state_known", Again(rows.sourced, {"state": "'LOST'", "e164": "e164 + 1"})),
    ("number_type_known", Change(rows.number, "number_type = 'landline'")),
    ("number_origin_known", Change(rows.number, "origin = 'stolen'")),
    ("number_country_iso", Change(rows.number, "country = 'us'")),
    ("number_capabilities_mask", Change(rows.number, "capabilities = 16")),
    ("number_capabilities_mask", Change(rows.number, "declared_capabilities = 16")),
    ("number_capabilities_mask", Change(rows.number, "observed_capabilities = 16")),
    ("number_capabilities_mask", Change(rows.number, "waived_capabilities = 16")),
    ("number_cost_in_a_currency", Change(rows.number, "monthly_cost = 1")),
    ("number_cost_in_a_currency", Change(rows.number, "currency = 'USD'")),
    ("number_cost_in_a_currency", Change(rows.number, "monthly_cost = 1, currency = 'usd'")),
    ("number_cost_in_a_currency", Change(rows.number, "monthly_cost = -1, currency = 'USD'")),
    ("number_held_iff_holder", Change(rows.served, "holder_id = NULL")),
    ("number_held_iff_holder", Change(rows.number, "holder_id = 1")),
    ("number_sold_only_with_both_papers", Change(rows.number, "passport_expires_at = NULL")),
    ("number_sold_only_with_both_papers", Change(rows.number, "cleared_at = NULL")),
    ("number_clock_runs", Change(rows.number, "due_at = NULL")),
    ("assignment_no_two_at_once", Again(rows.assignment, {"valid": "tstzrange(lower(valid), now())"})),
    ("assignment_has_a_beginning", Change(rows.assignment, "valid = 'empty'")),
    ("assignment_has_a_beginning", Change(rows.assignment, "valid = tstzrange(NULL, now())")),
    ("block_reason_known", Change(rows.block, "reason = 'dislike'")),
    ("block_open_once_per_reason", Again(rows.block)),
    ("block_cleared_by_somebody_for_a_reason", Change(rows.block, "cleared_at = now()")),
    ("block_cleared_by_somebody_for_a_reason", Change(rows.block, "cleared_at = now(), cleared_by = 'user:a'")),
    ("block_cleared_by_somebody_for_a_reason", Change(rows.block, "cleared_by = 'user:a'")),
    ("contact_channel_known", Change(rows.contact, "channel = 4")),
    ("daily_contact_once_a_day", Again(rows.contacts)),
    ("daily_contact_otp_is_sms", Change(rows.contacts, "otp = sms + 1")),
    ("drift_case_one_open", Again(rows.drift_case)),
    ("drift_case_finder_known", Change(rows.drift_case, "found_by = 'rumour'")),
    ("drift_case_end_known", Change(rows.drift_case, f"resolution = 'forgot', {RESOLVED}")),
    ("drift_case_capabilities_mask", Change(rows.drift_case, "declared = 16")),
    ("drift_case_capabilities_mask", Change(rows.drift_case, "tested = 16")),
    ("drift_case_capabilities_mask", Change(rows.drift_case, "observed = 16")),
    ("drift_case_resolved_by_somebody_for_a_reason", Change(rows.drift_case, "resolution = 'accepted'")),
    ("drift_case_resolved_by_somebody_for_a_reason", Change(rows.drift_case, RESOLVED)),
    ("discrepancy_kind_known", Change(rows.discrepancy, "kind = 'elf'")),
    ("discrepancy_once", Again(rows.discrepancy)),
    ("discrepancy_cost_in_a_currency", Change(rows.discrepancy, "monthly_cost = 1")),
    ("discrepancy_cost_in_a_currency", Change(rows.discrepancy, "currency = 'USD'")),
    ("invoice_file_once", Again(rows.invoice, {"replaced_at": "now()"})),
    ("invoice_one_a_month", Again(rows.invoice, {"digest": "repeat('1', 64)"})),
    ("invoice_period_is_a_month", Change(rows.invoice, "period = '2026-10-02'")),
    ("invoice_digest_is_sha256", Change(rows.invoice, "digest = 'x'")),
    ("invoice_names_its_importer", Change(rows.invoice, "imported_by = ''")),
    ("invoice_line_once", Again(rows.invoice_line)),
    ("invoice_line_e164_digits", Again(rows.invoice_line, {"line": "3", "e164": "7"})),
    ("invoice_line_charge_known", Again(rows.invoice_line, {"line": "3", "charge": "'weekly'"})),
    ("invoice_line_currency_iso", Again(rows.invoice_line, {"line": "3", "currency": "'$'"})),
    ("misbilling_kind_known", Change(rows.misbilling, "kind = 'elf'")),
    ("misbilling_has_its_line", Change(rows.misbilling, "line_id = NULL")),
    ("misbilling_has_its_line", Change(rows.misbilling, "kind = 'unbilled'")),
    ("misbilling_one_a_line", Again(rows.misbilling)),
    ("misbilling_unbilled_once", Again(rows.unbilled)),
    ("misbilling_amount_in_a_currency", Change(rows.misbilling, "currency = ''")),
    ("misbilling_agreed_in_a_currency", Change(rows.misbilling, "agreed = 1")),
    ("misbilling_agreed_in_a_currency", Change(rows.misbilling, "agreed_currency = 'USD'")),
    ("ledger_target_known", Again(rows.entry, {"target": "'LOST'"})),
    ("ledger_source_known", Again(rows.entry, {"source": "'LOST'"})),
    ("filing_kind_known", Again(rows.filing, {"kind": "'tax'"})),
    ("filing_once", Again(rows.filing)),
    ("filing_digest_is_of_its_content", Again(rows.filing, {"as_of": "as_of - '1 day'::interval", "content": "'x'"})),
    ("filing_tells_of_the_past", Again(rows.filing, {"as_of": "made_at + '1 day'::interval"})),
    ("filing_names_its_maker", Again(rows.filing, {"as_of": "as_of - '1 day'::interval", "made_by": "''"})),
    ("disconnect_once_a_filing", Again(rows.reported_disconnect, {"entry_id": "entry_id + 1"})),
    ("ledger_names_its_actor", Again(rows.entry, {"actor": "''"})),
    ("stock_target_once", Again(rows.target)),
    ("stock_target_once", Again(rows.target_at_a_provider)),
    ("stock_target_sane", Change(rows.target, "quantity = 1000001")),
    ("stock_target_country_iso", Change(rows.target, "country = 'us'")),
    ("stock_target_type_known", Change(rows.target, "number_type = 'landline'")),
    ("tariff_once", Again(rows.tariff)),
    ("tariff_not_negative", Change(rows.tariff, "setup_price = -1")),
    ("tariff_not_negative", Change(rows.tariff, "monthly_price = -1")),
    ("tariff_country_iso", Change(rows.tariff, "country = ''")),
    ("tariff_type_known", Change(rows.tariff, "number_type = ''")),
    ("tariff_currency_iso", Change(rows.tariff, "currency = ''")),
    ("tariff_currency_iso", Change(rows.tariff, "currency = 'usd'")),
    ("allocation_country_iso", Again(rows.withdrawn_allocation, {"country": "'us'"})),
    ("allocation_type_known", Again(rows.withdrawn_allocation, {"number_type": "'landline'"})),
    ("allocation_size_known", Again(rows.withdrawn_allocation, {"size": "10"})),
    ("allocation_size_known", Again(rows.withdrawn_allocation, {"size": "500"})),
    ("allocation_e164_digits", Again(rows.withdrawn_allocation, {"first": "999000"})),
    ("allocation_e164_digits", Again(rows.withdrawn_allocation, {"first": "1000000000000000"})),
    ("allocation_begins_at_a_multiple_of_its_size", Again(rows.withdrawn_allocation, {"first": "first + 100"})),
    ("allocation_no_number_twice", Again(rows.allocation)),
    ("allocation_no_number_twice", Again(rows.allocation, {"first": "first + 900", "size": "100"})),
    ("allocation_no_number_twice", Again(rows.allocation, {"first": "first - mod(first, 10000)", "size": "10000"})),
    ("allocation_has_holder_and_source", Change(rows.allocation, "holder = ''")),
    ("allocation_has_holder_and_source", Change(rows.allocation, "source = ''")),
    ("allocation_adopted_after_it_is_allocated", Change(rows.allocation, "adopt_by = allocated_on")),
    ("allocation_withdrawn_after_it_is_allocated", Change(rows.allocation, "withdrawn_on = allocated_on - 1")),
    ("allocation_capabilities_mask", Change(rows.allocation, "capabilities = 16")),
    ("allocation_cost_in_a_currency", Change(rows.allocation, "monthly_cost = -1")),
    ("allocation_cost_in_a_currency", Change(rows.allocation, "currency = ''")),
    ("activation_one_at_a_time", Again(rows.activation)),
    ("activation_has_a_key", Again(rows.activation, {"key": "''", "e164": "e164 + 1"})),
    ("activation_returned_after_it_began", Change(rows.activation, "returned_at = activated_at - interval '1 s'")),
    ("order_state_known", Change(rows.order, "state = 'LOST', next_attempt_at = NULL")),
    ("order_open_iff_due", Change(rows.order, "next_attempt_at = NULL")),
    ("order_open_iff_due", Change(rows.order, "state = 'COMPLETE'")),
    ("order_country_iso", Change(rows.order, "country = 'U'")),
    ("order_type_known", Change(rows.order, "number_type = 'landline'")),
    ("order_line_state_known", Change(rows.line, "state = 'LOST'")),
    ("order_line_once", Again(rows.refused_line)),
    ("order_line_one_order_at_a_time", Again(rows.line, {"order_id": "order_id + 1"})),
    ("order_line_received_iff_number", Change(rows.line, "state = 'RECEIVED'")),
    ("order_line_cost_in_a_currency", Change(rows.line, "currency = ''")),
    ("order_line_cost_in_a_currency", Change(rows.line, "monthly_cost = -1")),
    ("provider_release_state_known", Change(rows.release, "state = 'LOST', next_attempt_at = NULL")),
    ("provider_release_open_iff_due", Change(rows.release, "next_attempt_at = NULL")),
    ("provider_release_open_iff_due", Change(rows.release, "state = 'CONFIRMED'")),
    ("quarantine_source_known", Change(rows.stay, "source = 'hearsay'", past=LIMITS_STAY)),
    ("quarantine_use_known", Change(rows.stay, "previous_use = 'mobile'", past=LIMITS_STAY)),
    ("quarantine_one_open", Again(rows.stay)),
    ("quarantine_runs_forward", Change(rows.stay, "earliest_at = entered_at - interval '1 day'", past=SHORTER)),
    ("quarantine_maximum_after_minimum", Change(rows.stay, "latest_at = earliest_at - interval '1 day'")),
    ("quarantine_action_known", Change(rows.decided_stay, "action = 'wait'")),
    ("quarantine_action_rule_known", Change(rows.decided_stay, "action_rule = 'mood'")),
    ("quarantine_decided_whole", Change(rows.stay, "action = 'hold'")),
    ("quarantine_decided_whole", Change(rows.decided_stay, "action_rule = ''")),
    ("quarantine_likelihood_is_one", Change(rows.decided_stay, "likelihood = 1.1")),
    ("quarantine_predicted_in_order", Change(rows.decided_stay, "predicted_lo = predicted_on + 1")),
    ("quarantine_predicted_in_order", Change(rows.decided_stay, "predicted_hi = predicted_on - 1")),
    ("quarantine_decision_action_known", Change(rows.decision, "action = 'wait'", past=DECISIONS)),
    ("quarantine_decision_rule_known", Change(rows.decision, "rule = 'mood'", past=DECISIONS)),
    ("quarantine_decision_likelihood_is_one", Change(rows.decision, "likelihood = -1", past=DECISIONS)),
    ("quarantine_model_one_current", Again(rows.fit, {"version": "'another'"})),
    ("quarantine_model_fitted_to_something", Again(rows.fit, {"version": "'another'", "stays": "0"})),
    ("quarantine_night_once", Again(rows.night)),
    ("quarantine_night_runs_forward", Change(rows.night, "last = first - 1")),
    ("quarantine_override_action_known", Change(rows.override, "action = 'beg', until = NULL", past=WORD)),
    ("quarantine_override_one_open", Again(rows.override)),
    ("quarantine_override_by_somebody_for_a_reason", Change(rows.override, "actor = ''", past=WORD)),
    ("quarantine_override_by_somebody_for_a_reason", Change(rows.override, "reason = ''", past=WORD)),
    ("quarantine_override_holds_until", Change(rows.override, "action = 'force_release'", past=WORD)),
    ("quarantine_override_withdrawn_by_somebody", Change(rows.override, "withdrawn_at = now()")),
    ("quarantine_override_withdrawn_by_somebody", Change(rows.override, "withdrawn_note = 'a mistake'")),
    ("feed_day_once", Again(rows.feed_day)),
    ("reservation_ends_after_it_begins", Change(rows.reservation, "expires_at = created_at")),
    ("hold_one_active_per_number", Again(rows.hold)),
    ("hold_end_known", Change(rows.hold, "ended = 'lost', ended_at = now()")),
    ("hold_ended_iff_when", Change(rows.hold, "ended = 'lapsed'")),
    ("hold_ended_iff_when", Change(rows.hold, "ended_at = now()")),
    ("suite_run_one_open", Again(rows.suite_run, {"sid": "'LT' || repeat('f', 32)"})),
    ("suite_run_sid_shape", Change(rows.suite_run, "sid = 'LT1'")),
    ("sale_stop_one_open", Again(rows.sale_stop)),
    ("sale_stop_country_iso", Change(rows.sale_stop, "country = 'us'")),
    ("sale_stop_lifted_by_somebody_for_a_reason", Change(rows.sale_stop, "lifted_at = now()")),
    ("sale_stop_lifted_by_somebody_for_a_reason", Change(rows.sale_stop, "lifted_by = 'me', lifted_note = 'why'")),
    ("sample_once_per_slot", Again(rows.sample)),
    ("sample_why_known", Change(rows.sample, "why = 'whim'")),
    ("sample_country_iso", Change(rows.sample, "country = 'us'")),
    ("incident_one_open", Again(rows.incident)),
    ("incident_country_iso", Change(rows.incident, "country = 'us'")),
    ("incident_kind_known", Change(rows.incident, "kind = 'panic'")),
    ("incident_of_a_route_iff_route", Change(rows.incident, "kind = 'route'")),
    ("incident_of_a_route_iff_route", Change(rows.incident, "route = 'second'")),
    ("incident_above_threshold", Change(rows.incident, "statistic = 11.4")),
    ("incident_closed_by_somebody_for_a_reason", Change(rows.incident, "closed_at = now()")),
    ("incident_closed_by_somebody_for_a_reason", Change(rows.incident, "closed_by = 'me', closed_note = 'why'")),
    ("incident_closed_by_somebody_for_a_reason", Change(rows.incident, "retested_at = now()")),
    ("incident_entry_says_who_and_what", Again(rows.incident_entry, {"actor": "''"})),
    ("incident_entry_says_who_and_what", Again(rows.incident_entry, {"what": "''"})),
    ("suite_run_state_known", Change(rows.suite_run, "state = 'LOST'")),
    ("suite_run_purpose_known", Change(rows.suite_run, "purpose = 'whim'")),
    ("suite_run_customer_iff_asked_by", Change(rows.suite_run, "purpose = 'customer'")),
    ("suite_run_route_iff_trunk", Change(rows.suite_run, "purpose = 'route'")),
    ("trunk_limits_positive", Change(rows.trunk, "calls_per_second = 0")),
    ("trunk_limits_positive", Change(rows.trunk, "messages_per_second = -1")),
    ("trunk_limits_positive", Change(rows.trunk, "most_calls = 1")),
    ("trunk_limits_positive", Change(rows.trunk, "options_interval = 0")),
    ("trunk_username_iff_password", Change(rows.trunk, "username = 'lab'")),
    ("trunk_username_iff_password", Change(rows.trunk, "password = 'secret'")),
    ("trunk_one_in_use_at_an_address", Again(rows.trunk, {"name": "'second'", "preference": "2"})),
    ("trunk_quiet_hours_whole", Change(rows.trunk, "quiet_from = '22:00'")),
    ("trunk_quiet_hours_whole", Change(rows.trunk, "quiet_from = '22:00', quiet_until = '22:00'")),
    ("suite_run_claimed_iff_leased", Change(rows.suite_run, "state = 'CLAIMED'")),
    ("suite_run_claimed_iff_leased", Change(rows.suite_run, "lease_until = now()")),
    ("suite_run_done_iff_verdict", Change(rows.suite_run, "state = 'DONE', finished_at = now()")),
    ("suite_run_done_iff_verdict", Change(rows.suite_run, "passed = true")),
    ("evidence_once_per_exchange", Again(rows.evidence, {"sid": "'EV' || repeat('f', 32)"})),
    ("evidence_sid_shape", Change(rows.evidence, "sid = upper(sid)")),
    ("evidence_expired_is_empty", Change(rows.evidence, "expired_at = now(), trace = 'INVITE'")),
    ("evidence_expired_is_empty", Change(rows.evidence, "expired_at = now(), timing = '[{}]'")),
    ("recording_once_per_direction", Again(rows.recording)),
    ("recording_sha256_shape", Change(rows.recording, "sha256 = ''")),
    ("override_by_somebody_for_a_reason", Change(rows.verdict_override, "reason = ''")),
    ("override_by_somebody_for_a_reason", Change(rows.verdict_override, "actor = ''")),
    ("override_changes_the_verdict", Change(rows.verdict_override, "was = passed")),
    ("limit_once_a_day", Again(rows.limit)),
    ("limit_code_shape", Change(rows.limit, "code = 'V2'")),
    ("limit_quantity_shape", Change(rows.limit, "quantity = 'delay-s'")),
    ("limit_country_iso", Change(rows.limit, "country = 'us'")),
    ("limit_type_known", Change(rows.limit, "number_type = 'landline'")),
    ("limit_scope_known", Change(rows.limit, "scope = 'regional'")),
    ("limit_unit_known", Change(rows.limit, "unit = 'yards'")),
    ("limit_value_within_its_unit", Change(rows.limit, "value = 121")),
    ("limit_value_within_its_unit", Change(rows.limit, "value = 'NaN'")),
    ("evidence_sid_shape", Change(rows.evidence, "sid = 'LT' || substr(sid, 3)")),
    ("passport_capabilities_mask", Change(rows.passport, "tested = 16")),
    ("passport_capabilities_mask", Change(rows.passport, "declared = 16")),
    ("passport_ends_after_it_begins", Change(rows.passport, "expires_at = issued_at")),
    ("result_once_per_attempt", Again(rows.result)),
    ("result_outcome_known", Change(rows.result, "outcome = 'perhaps'")),
    ("idempotency_key_once", Again(rows.remembered_request)),
    ("idempotency_answer_whole", Change(rows.remembered_request, "status = 201")),
    *account_cases.CASES,
    *bulk_cases.CASES,
    *catalogue_cases.CASES,
    *compliance_cases.CASES,
    *did_cases.CASES,
    *quarantine_cases.CASES,
    *restocking.CASES,
    *staff_cases.CASES,
    *waiting.CASES,
]
#: Says what another one says already; it is there as an index.
IMPLIED = {"assignment_one_active": "assignment_no_two_at_once"}
MODELS = [model for room in ROOMS if room in apps.app_configs for model in apps.get_app_config(room).get_models()]
CHOSEN = [field for model in MODELS for field in model._meta.local_concrete_fields if field.choices]
#: Says it in other words.
SAID_BY = {"numbering.Place.source": "place_inferred_iff_nearest"}


@pytest.mark.parametrize(("name", "case"), CASES, ids=[name for name, _ in CASES])
def test_the_constraint_refuses(name: str, case: Change | Again) -> None:
    row = case.row()
    fields = row._meta.local_concrete_fields
    columns = [str(field.column) for field in fields]
    sql = case.sql(row._meta.db_table, columns[0], columns)
    past = pgtrigger.ignore(case.past) if case.past else nullcontext()
    with past, pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [getattr(row, fields[0].attname)])
    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]  # psycopg's own error


def test_every_constraint_is_tried() -> None:
    named = {constraint.name for model in MODELS for constraint in model._meta.constraints}
    assert named == {name for name, _ in CASES} | IMPLIED.keys()


@pytest.mark.parametrize("field", CHOSEN, ids=str)
def test_a_column_takes_the_words_of_its_choices_only(field: "Field[Any, Any]") -> None:
    """No sweep would ever find a row in a state that nobody knows."""
    words = {value for value, _ in field.flatchoices} | ({""} if field.blank else set())
    checks = {check.name: check for check in field.model._meta.constraints if isinstance(check, CheckConstraint)}
    assert SAID_BY.get(str(field)) in checks or any(_allows(check, field.name) == words for check in checks.values())


def _allows(check: CheckConstraint, column: str) -> set[str] | None:
    """The words that this constraint leaves the column, whatever the other columns say."""
    said = check.condition
    if not isinstance(said, Q) or said.connector != Q.AND or said.negated:
        return None
    conditions = [part for part in said.children if isinstance(part, tuple)]
    return next((set(words) for name, words in conditions if name == f"{column}__in"), None)
