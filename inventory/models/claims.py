"""The claims on a number are as its state: checked once more when a transaction commits, whoever wrote its rows.

A hold, a DID with its assignment, a stay in quarantine: each is a claim and has a table of its own, where a unique
index keeps the second one out. No constraint of one table can say the rest: that a number has the claim which its state
asks for and no other, and that all its rows name one account. These triggers do.
"""

from typing import Any

import pgtrigger

from inventory.models.references import ByIndex

# A held number has a holder (number_held_iff_holder), so no account means no claim. It needs no lock: whoever rightly
# moves a number with a claim ends that claim, so two who would not see each other meet at its row.
_CHECK = """
FOREACH touched IN ARRAY {touched} LOOP
    CONTINUE WHEN EXISTS (
        SELECT FROM inventory_phonenumber WHERE id = touched
        AND CASE state WHEN 'RESERVED' THEN holder_id END IS NOT DISTINCT FROM (
            SELECT account_id FROM inventory_hold JOIN inventory_reservation AS basket ON basket.id = reservation_id
            WHERE number_id = touched AND ended = '')
        AND CASE state WHEN 'IN_SERVICE' THEN holder_id END IS NOT DISTINCT FROM (
            SELECT account_id FROM inventory_did WHERE number_id = touched AND ended_at IS NULL)
        AND (SELECT (id, account_id) FROM inventory_did WHERE number_id = touched AND ended_at IS NULL)
            IS NOT DISTINCT FROM (
            SELECT (did_id, account_id) FROM inventory_assignment WHERE number_id = touched AND upper_inf(valid))
        AND (state = 'QUARANTINED') = EXISTS (
            SELECT FROM inventory_quarantine WHERE number_id = touched AND ended_at IS NULL)
        AND (state = 'RETURNED' OR NOT EXISTS (SELECT FROM inventory_providerrelease WHERE number_id = touched))
    );
    RAISE integrity_constraint_violation USING
        MESSAGE = format('The claims on number %s are not as its state', touched),
        CONSTRAINT = 'claims_are_as_the_state';
END LOOP;
RETURN NULL;
"""
_OLD_AND_NEW = """CASE TG_OP
    WHEN 'INSERT' THEN ARRAY[NEW.number_id]
    WHEN 'DELETE' THEN ARRAY[OLD.number_id]
    ELSE ARRAY[OLD.number_id, NEW.number_id]
END"""


def _at_commit(operation: pgtrigger.Operation, touched: str) -> pgtrigger.Trigger:
    options: dict[str, Any] = {"when": pgtrigger.After, "timing": pgtrigger.Deferred, "operation": operation}
    declare = [("touched", "bigint")]
    return ByIndex(name="claims_are_as_the_state", func=_CHECK.format(touched=touched), declare=declare, **options)


def claim(*columns: str) -> pgtrigger.Trigger:
    """For a table of claims; `columns` of it, beside `number_id`, tell whose a claim is and whether it is over."""
    changed = pgtrigger.UpdateOf("number_id", *columns)  # type: ignore[no-untyped-call]  # pgtrigger types not all
    return _at_commit(pgtrigger.Insert | pgtrigger.Delete | changed, _OLD_AND_NEW)


def claimed() -> pgtrigger.Trigger:
    """For the numbers. At its birth one has no claims, so an import does not meet this trigger at all."""
    moved = pgtrigger.UpdateOf("state", "holder_id")  # type: ignore[no-untyped-call]  # likewise
    return _at_commit(moved, "ARRAY[NEW.id]")
