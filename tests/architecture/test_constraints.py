"""Raw SQL against every named constraint of our tables: each refuses what it is there to refuse; none is forgotten."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint, Field, Q

from tests.architecture import rows
from tests.architecture.sizes import ROOMS

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Change:
    """A sound row, and what must not become of it: the SET part of an UPDATE. `past`: a trigger that stands before."""

    row: rows.Make
    to: str
    past: str = ""

    def sql(self, table: str, key: str, _columns: list[str]) -> str:
        return f"UPDATE {table} SET {self.to} WHERE {key} = %s"  # noqa: S608 - our own words


@dataclass(frozen=True)
class Again:
    """A sound row, and the same once more but for some columns, which are given as SQL."""

    row: rows.Make
    but: dict[str, str] = field(default_factory=dict)
    past: str = ""

    def sql(self, table: str, key: str, columns: list[str]) -> str:
        values = {column: f'"{column}"' for column in columns if column != key} | self.but
        into = ", ".join(f'"{column}"' for column in values)
        return f"INSERT INTO {table} ({into}) SELECT {', '.join(values.values())} FROM {table} WHERE {key} = %s"  # noqa: S608 - likewise


OTHER_ITEM = {"sid": "'BV' || repeat('f', 32)"}
RESOLVED = "resolved_at = now(), resolved_by = 'user:a', reason = 'mended'"
LIMITS_STAY, DECISIONS = "inventory.Quarantine:limits_stay", "inventory.QuarantineDecision:append_only"
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
    ("account_not_its_own_parent", Change(rows.account, "parent_id = id")),
    ("account_status_known", Change(rows.account, "status = 'asleep'")),
    ("account_by_operator_only_suspended", Change(rows.account, "suspended_by_operator = true")),
    ("account_of_operator_is_nobodys_subaccount", Change(rows.account, "is_operator = true, is_trial = true")),
    ("account_sid_shape", Change(rows.account, "sid = upper(sid)")),
    ("api_key_sid_shape", Change(rows.api_key, "sid = replace(sid, 'SK', 'AC')")),
    ("user_email_once_whatever_the_case", Again(rows.user, {"email": "upper(email)"})),
    ("membership_once", Again(rows.membership)),
    ("aging_rule_use_known", Change(rows.aging_rule, "previous_use = 'church'")),
    ("aging_rule_once_a_day", Again(rows.aging_rule)),
    ("aging_rule_maximum_after_minimum", Change(rows.aging_rule, "minimum_days = 45, maximum_days = 44")),
    ("number_type_rule_once_a_day", Again(rows.number_type_rule)),
    ("number_type_rule_type_known", Change(rows.number_type_rule, "number_type = 'landline'")),
    ("number_type_rule_requirement_known", Change(rows.number_type_rule, "address_requirement = 'moon'")),
    ("address_sid_shape", Again(rows.address, {"sid": "lower(sid)"})),
    ("address_country_is_alpha2", Again(rows.address, {"iso_country": "'de'"})),
    ("address_erased_is_deleted", Change(rows.address, "erased_at = now()")),
    ("end_user_sid_shape", Again(rows.end_user, {"sid": "lower(sid)"})),
    ("end_user_type_known", Again(rows.end_user, {"type": "'robot'"})),
    ("end_user_erased_is_deleted", Change(rows.end_user, "erased_at = now()")),
    ("document_sid_shape", Again(rows.document, {"sid": "replace(sid, 'RD', 'IT')"})),
    ("document_status_known", Change(rows.document, "status = 'lost'")),
    ("document_rejected_for_a_reason", Change(rows.document, "status = 'rejected'")),
    ("document_rejected_for_a_reason", Change(rows.document, "reason = 'expired'")),
    ("named_address_once", Again(rows.named_address)),
    ("document_erased_is_deleted", Change(rows.document, "erased_at = now()")),
    ("stored_file_name_shape", Again(rows.stored_file, {"name": "'../../etc/passwd'"})),
    ("stored_file_digest_shape", Again(rows.stored_file, {"name": "repeat('f', 32)", "digest": "upper(name)"})),
    ("stored_file_not_empty", Again(rows.stored_file, {"name": "repeat('f', 32)", "size": "0"})),
    ("stored_file_key_until_erased", Change(rows.stored_file, "erased_at = now()")),
    ("stored_file_key_until_erased", Change(rows.stored_file, "key = NULL")),
    ("regulation_once", Again(rows.regulation, {"sid": "'RN' || repeat('f', 32)"})),
    ("regulation_sid_shape", Change(rows.regulation, "sid = 'RN1'")),
    ("regulation_number_type_known", Change(rows.regulation, "number_type = 'landline'")),
    ("regulation_end_user_type_known", Change(rows.regulation, "end_user_type = 'robot'")),
    ("regulation_version_once", Again(rows.regulation_version)),
    ("rulebook_version_once", Again(rows.rulebook, {"digest": "repeat('f', 64)"})),
    ("rulebook_content_once", Again(rows.rulebook, {"version": "version + 1"})),
    ("rulebook_country_is_alpha2", Again(rows.rulebook, {"country": "'de'"})),
    ("rulebook_activated_by_somebody", Again(rows.rulebook, {"activated_by": "''"})),
    ("rulebook_activated_by_somebody", Again(rows.rulebook, {"effective_from": "NULL"})),
    ("rulebook_activated_by_somebody", Again(rows.rulebook, {"activated_at": "NULL"})),
    ("bundle_sid_shape", Again(rows.bundle, {"sid": "upper(sid)"})),
    ("bundle_state_known", Change(rows.bundle, "state = 'lost'", past="compliance.Bundle:lifecycle")),
    ("bundle_approved_under_a_version", Change(rows.approved_bundle, "approved_under_id = NULL")),
    (
        "bundle_approved_under_a_version",
        Change(rows.approved_bundle, "is_test = true", past="compliance.Bundle:identity_stays"),
    ),
    ("bundle_clock_runs_while_it_waits", Change(rows.bundle, "due_at = now()")),
    ("bundle_clock_runs_while_it_waits", Change(rows.bundle_in_review, "due_at = NULL")),
    ("bundle_claimed_in_review", Change(rows.bundle, "claimed_by_id = 1")),
    ("bundle_only_approval_runs_out", Change(rows.bundle, "valid_until = now()")),
    ("bundle_deleted_at_rest", Change(rows.bundle_in_review, "deleted_at = now()")),
    ("bundle_ledger_target_known", Again(rows.bundle_entry, {"target": "'lost'"})),
    ("bundle_ledger_source_known", Again(rows.bundle_entry, {"source": "'lost'"})),
    ("bundle_ledger_names_its_actor", Again(rows.bundle_entry, {"actor": "''"})),
    ("item_sid_shape", Again(rows.assigned_document, {"sid": "lower(sid)"})),
    ("item_is_an_end_user_or_a_document", Again(rows.assigned_document, {"document_id": "NULL"})),
    ("item_is_an_end_user_or_a_document", Again(rows.assigned_document, {"end_user_id": "document_id"})),
    ("item_document_once", Again(rows.assigned_document, OTHER_ITEM)),
    ("item_one_end_user", Again(rows.assigned_end_user, OTHER_ITEM)),
    ("evaluation_sid_shape", Again(rows.evaluation, {"sid": "lower(sid)"})),
    ("evaluation_hard_is_compliant", Again(rows.evaluation, {"hard_passed": "true"})),
    ("rollout_policy_country", Again(rows.rollout_policy, {"country": "'ie'"})),
    ("rollout_policy_end_known", Again(rows.rollout_policy, {"numbers_at_end": "'cut'"})),
    ("rollout_policy_set_by_somebody", Again(rows.rollout_policy, {"set_by": "''"})),
    ("recheck_once", Again(rows.recheck)),
    ("recheck_ends_what_lacks_something", Again(rows.recheck, {"valid_until": "now()"})),
    ("expiry_warning_once", Again(rows.expiry_warning)),
    ("review_policy_country", Again(rows.review_policy, {"country": "'ie'"})),
    ("review_policy_leaves_time", Again(rows.review_policy, {"target_hours": "0"})),
    ("review_policy_leaves_time", Again(rows.review_policy, {"claim_hours": "0"})),
    ("review_policy_set_by_somebody", Again(rows.review_policy, {"set_by": "''"})),
    ("notice_kind_known", Again(rows.notice, {"kind": "'pigeon'", "token": "gen_random_uuid()"})),
    ("notice_open_or_over", Change(rows.notice, "next_at = NULL")),
    ("notice_open_or_over", Change(rows.notice, "done_at = now()")),
    ("notice_open_or_over", Change(rows.notice, "payload = NULL")),
    ("notice_open_or_over", Change(rows.notice, "next_at = NULL, payload = NULL")),
    (
        "notice_open_or_over",
        Change(rows.notice, "next_at = NULL, payload = NULL, done_at = now(), given_up_at = now()"),
    ),
    ("verdict_rejects_for_a_reason", Again(rows.item_verdict, {"approved": "false"})),
    ("verdict_rejects_for_a_reason", Again(rows.item_verdict, {"reason": "'illegible'"})),
    ("bundle_erased_is_deleted", Change(rows.bundle, "erased_at = now()")),
    ("bundle_view_for_a_known_reason", Again(rows.bundle_view, {"reason": "'whim'"})),
    ("bundle_view_of_everything_noted", Again(rows.bundle_view, {"everything": "true"})),
    ("grant_for_a_known_reason", Again(rows.grant, {"reason": "'whim'", "note": "'case 7'"})),
    ("grant_ends_after_it_began", Again(rows.grant, {"expires_at": "granted_at"})),
    ("grant_beside_review_noted", Again(rows.grant, {"reason": "'authority'"})),
    ("document_view_of_something_known", Again(rows.document_view, {"what": "'all'"})),
    ("erasure_of_something", Again(rows.erasure, {"subject_sid": "'PN' || repeat('0', 32)"})),
    ("erasure_by_somebody_for_a_reason", Again(rows.erasure, {"actor": "''"})),
    ("erasure_by_somebody_for_a_reason", Again(rows.erasure, {"reason": "''"})),
    ("erasure_is_checked", Again(rows.erasure, {"checked": "false"})),
    ("legal_hold_on_something", Again(rows.legal_hold, {"subject_sid": "'PN' || repeat('0', 32)"})),
    ("legal_hold_by_somebody_for_a_reason", Again(rows.legal_hold, {"reason": "''"})),
    ("legal_hold_by_somebody_for_a_reason", Again(rows.legal_hold, {"placed_by": "''"})),
    ("legal_hold_lifted_by_somebody", Change(rows.legal_hold, "lifted_at = now()")),
    ("legal_hold_lifted_by_somebody", Change(rows.legal_hold, "lifted_by = 'user:a'")),
    ("retention_policy_once_a_day", Again(rows.retention_policy)),
    ("retention_policy_country_is_alpha2", Again(rows.retention_policy, {"country": "'de'"})),
    ("retention_policy_clock_known", Again(rows.retention_policy, {"clock": "'sundial'"})),
    ("retention_policy_has_a_source", Again(rows.retention_policy, {"source": "''", "days": "31", "country": "'FR'"})),
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
    ("did_one_per_number", Again(rows.did, {"sid": "'PN' || repeat('f', 32)"})),
    ("did_sid_shape", Change(rows.did, "sid = 'PN' || repeat('F', 32)")),
    ("did_settings_known", Change(rows.did, "voice_method = 'PUT'")),
    ("did_settings_known", Change(rows.did, "voice_fallback_method = ''")),
    ("did_settings_known", Change(rows.did, "voice_receive_mode = 'telex'")),
    ("did_settings_known", Change(rows.did, "sms_method = 'get'")),
    ("did_settings_known", Change(rows.did, "sms_fallback_method = 'PUT'")),
    ("did_settings_known", Change(rows.did, "status_callback_method = 'PUT'")),
    ("did_settings_known", Change(rows.did, "emergency_status = 'active'")),
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
    ("sku_once", Again(rows.sku)),
    ("sku_country_iso", Again(rows.sku, {"country": "'us'"})),
    ("sku_type_known", Again(rows.sku, {"number_type": "'landline'"})),
    ("sku_area_or_place", Again(rows.sku, {"place_id": "1"})),
    ("sku_capabilities_mask", Again(rows.sku, {"capabilities": "16"})),
    ("sku_class_known", Change(rows.sku, "service_class = 'B'")),
    ("sku_level_is_a_chance", Change(rows.sku, "level = 1")),
    ("sku_level_is_a_chance", Change(rows.sku, "level = 'NaN'")),
    ("sku_limit_in_a_currency", Change(rows.sku, "cost_limit = -1")),
    ("sku_limit_in_a_currency", Change(rows.sku, "currency = ''")),
    ("sku_state_sums_are_sane", Change(rows.sku_state, "n = -1")),
    ("sku_state_sums_are_sane", Change(rows.sku_state, "q2 = 'NaN'")),
    ("sku_state_floor_s_up_to", Change(rows.sku_state, "up_to = 21")),
    ("sku_state_floor_s_up_to", Change(rows.sku_state, "floor = 23")),
    ("sku_state_level_is_a_chance", Change(rows.sku_state, "level = 0")),
    ("demand_has_a_key", Change(rows.demand, "key = ''")),
    ("demand_country_iso", Change(rows.demand, "country = 'us'")),
    ("demand_type_known", Change(rows.demand, "number_type = 'landline'")),
    ("demand_capabilities_mask", Change(rows.demand, "capabilities = 16")),
    ("demand_kind_known", Change(rows.demand, "kind = 'wish'")),
    ("demand_fills_no_more_than_asked", Change(rows.demand, "units_filled = 4")),
    ("demand_fills_no_more_than_asked", Change(rows.demand, "units_requested = 0, units_filled = 0")),
    ("supply_terms_once", Again(rows.supply_terms)),
    ("supply_terms_country_iso", Change(rows.supply_terms, "country = 'us'")),
    ("supply_terms_type_known", Change(rows.supply_terms, "number_type = 'landline'")),
    ("supply_terms_lot_sane", Change(rows.supply_terms, "lot = 0")),
    ("supply_terms_cost_in_a_currency", Change(rows.supply_terms, "monthly_cost = -1")),
    ("supply_terms_cost_in_a_currency", Change(rows.supply_terms, "currency = 'usd'")),
    ("supply_terms_lead_sane", Change(rows.supply_terms, "lead_days = -1")),
    ("supply_terms_lead_sane", Change(rows.supply_terms, "lead_days_sd = 'NaN'")),
    ("proposal_status_known", Change(rows.proposal, f"{DECIDED}, status = 'perhaps'")),
    ("proposal_one_a_night", Again(rows.proposal, {"key": "'other'", "status": "'superseded'"})),
    ("proposal_one_open_per_sku", Again(rows.proposal, {"key": "'other'", "day": "day + 1"})),
    ("proposal_does_something", Change(rows.proposal, "quantity = 0")),
    ("proposal_orders_from_somebody", Change(rows.proposal, "provider_id = NULL")),
    ("proposal_orders_from_somebody", Change(rows.proposal, "quantity = -10")),
    ("proposal_cost_in_a_currency", Change(rows.proposal, "cost = -1")),
    ("proposal_cost_in_a_currency", Change(rows.proposal, "currency = ''")),
    ("proposal_allowed_within_the_quantity", Change(rows.proposal, f"{APPROVED}, allowed = 11")),
    ("proposal_allowed_within_the_quantity", Change(rows.proposal, f"{APPROVED}, allowed = -1")),
    ("proposal_allowed_within_the_quantity", Change(rows.surplus_proposal, f"{APPROVED}, allowed = -11")),
    ("proposal_allowed_iff_approved", Change(rows.proposal, APPROVED)),
    ("proposal_allowed_iff_approved", Change(rows.proposal, "allowed = 10")),
    ("proposal_decided_by_somebody_for_a_reason", Change(rows.proposal, "status = 'rejected', decided_at = now()")),
    ("proposal_approved_iff_due", Change(rows.proposal, f"{DECIDED}, status = 'approved', allowed = 10")),
    ("proposal_approved_iff_due", Change(rows.proposal, "next_attempt_at = now()")),
    ("proposal_ends_as_it_began", Change(rows.surplus_proposal, f"{DECIDED}, status = 'ordered', allowed = -10")),
    (
        "proposal_carries_out_no_more_than_allowed",
        Change(rows.proposal, f"{DECIDED}, status = 'ordered', allowed = 5, carried_out = 6"),
    ),
    (
        "proposal_carries_out_no_more_than_allowed",
        Change(rows.surplus_proposal, f"{DECIDED}, status = 'handed_back', allowed = -5, carried_out = 6"),
    ),
    ("tariff_once", Again(rows.tariff)),
    ("tariff_not_negative", Change(rows.tariff, "setup_price = -1")),
    ("tariff_not_negative", Change(rows.tariff, "monthly_price = -1")),
    ("tariff_country_iso", Change(rows.tariff, "country = ''")),
    ("tariff_type_known", Change(rows.tariff, "number_type = ''")),
    ("tariff_currency_iso", Change(rows.tariff, "currency = ''")),
    ("tariff_currency_iso", Change(rows.tariff, "currency = 'usd'")),
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
    ("quarantine_one_open", Again(rows.stay)),
    ("quarantine_runs_forward", Change(rows.stay, "earliest_at = entered_at - interval '1 day'", past=LIMITS_STAY)),
    (
        "quarantine_maximum_after_minimum",
        Change(rows.stay, "latest_at = earliest_at - interval '1 day'", past=LIMITS_STAY),
    ),
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
    ("quarantine_override_action_known", Change(rows.override, "action = 'beg', until = NULL")),
    ("quarantine_override_one_open", Again(rows.override)),
    ("quarantine_override_by_somebody_for_a_reason", Change(rows.override, "actor = ''")),
    ("quarantine_override_by_somebody_for_a_reason", Change(rows.override, "reason = ''")),
    ("quarantine_override_holds_until", Change(rows.override, "action = 'force_release'")),
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
