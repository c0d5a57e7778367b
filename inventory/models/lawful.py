"""No DID without the papers that its kind of number asks for, whoever writes its row.

`compliance.gate` explains to the customer what is missing. This trigger knows less (addresses are ciphertext, so it
can't tell whether one lies in the right town) and has the last word: a DID refers to live papers of its own account
only, to a bundle only while that is approved for such numbers, and goes without one only where a rule says that it may.

Only what changes is checked: a rule that came, or an approval that ran out, never takes a number out of service. The
papers are locked as the gate locks them, so that their rejection or deletion and this row come one after the other.
"""

import pgtrigger
from django.db import IntegrityError
from psycopg import Error

from inventory.models.references import ByIndex

_CHECK = """
IF NEW.ended_at IS NOT NULL THEN
    RETURN NEW;
END IF;
is_new := TG_OP = 'INSERT' OR OLD.ended_at IS NOT NULL
    OR OLD.account_id <> NEW.account_id OR OLD.number_id <> NEW.number_id;
IF NEW.address_sid <> '' AND (is_new OR OLD.address_sid <> NEW.address_sid) THEN
    PERFORM FROM compliance_address
    WHERE sid = NEW.address_sid AND account_id = NEW.account_id AND deleted_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE integrity_constraint_violation USING
            MESSAGE = format('%s is no address of the account of %s', NEW.address_sid, NEW.sid),
            CONSTRAINT = 'did_address_of_its_account';
    END IF;
END IF;
IF NEW.emergency_address_sid <> '' AND (is_new OR OLD.emergency_address_sid <> NEW.emergency_address_sid) THEN
    PERFORM FROM compliance_address
    WHERE sid = NEW.emergency_address_sid AND account_id = NEW.account_id AND deleted_at IS NULL
    AND emergency_enabled FOR SHARE;
    IF NOT FOUND THEN
        RAISE integrity_constraint_violation USING
            MESSAGE = format('%s is not for emergency calls from %s', NEW.emergency_address_sid, NEW.sid),
            CONSTRAINT = 'did_emergency_address_of_its_account';
    END IF;
END IF;
IF NOT is_new AND OLD.bundle_sid = NEW.bundle_sid THEN
    RETURN NEW;
END IF;
SELECT country, number_type INTO kind FROM inventory_phonenumber WHERE id = NEW.number_id;
IF NEW.bundle_sid <> '' THEN
    PERFORM FROM compliance_bundle AS bundle JOIN compliance_regulation AS regulation ON regulation.id = regulation_id
    WHERE bundle.sid = NEW.bundle_sid AND account_id = NEW.account_id AND deleted_at IS NULL
    AND state = 'approved' AND (valid_until IS NULL OR valid_until > clock_timestamp())
    AND country = kind.country AND number_type = kind.number_type FOR SHARE OF bundle;
    IF NOT FOUND THEN
        RAISE integrity_constraint_violation USING
            MESSAGE = format('%s is not approved for %s and its account', NEW.bundle_sid, NEW.sid),
            CONSTRAINT = 'did_bundle_approved';
    END IF;
ELSIF coalesce((
    SELECT needs_bundle FROM compliance_numbertyperule
    WHERE country = kind.country AND number_type = kind.number_type
    AND valid_from <= (clock_timestamp() AT TIME ZONE 'UTC')::date ORDER BY valid_from DESC LIMIT 1), true)
THEN
    RAISE integrity_constraint_violation USING
        MESSAGE = format('%s is of a kind that nobody may have without a bundle', NEW.sid),
        CONSTRAINT = 'did_bundle_needed';
END IF;
RETURN NEW;
"""
_COLUMNS = ("account_id", "number_id", "address_sid", "emergency_address_sid", "bundle_sid", "ended_at")

_REFUSALS = (
    "did_address_of_its_account",
    "did_emergency_address_of_its_account",
    "did_bundle_approved",
    "did_bundle_needed",
)


def is_unlawful(error: IntegrityError) -> bool:
    """Whether it was this trigger that refused the row."""
    cause = error.__cause__
    return isinstance(cause, Error) and cause.diag.constraint_name in _REFUSALS


def lawful() -> pgtrigger.Trigger:
    """For the DIDs."""
    changed = pgtrigger.UpdateOf(*_COLUMNS)  # type: ignore[no-untyped-call]  # pgtrigger types not all
    return ByIndex(
        name="lawful",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | changed,
        declare=[("is_new", "boolean"), ("kind", "record")],
        func=_CHECK,
    )
