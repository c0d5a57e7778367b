"""What must not become of accounts and people: cases of `test_constraints`."""

from tests.architecture import rows
from tests.architecture.spoiling import Again, Change

CASES: list[tuple[str, Change | Again]] = [
    ("account_not_its_own_parent", Change(rows.account, "parent_id = id")),
    ("account_status_known", Change(rows.account, "status = 'asleep'")),
    ("account_by_operator_only_suspended", Change(rows.account, "suspended_by_operator = true")),
    ("account_of_operator_is_nobodys_subaccount", Change(rows.account, "is_operator = true, is_trial = true")),
    ("account_sid_shape", Change(rows.account, "sid = upper(sid)")),
    ("api_key_sid_shape", Change(rows.api_key, "sid = replace(sid, 'SK', 'AC')")),
    ("user_email_once_whatever_the_case", Again(rows.user, {"email": "upper(email)"})),
    ("membership_once", Again(rows.membership)),
    ("membership_role_known", Change(rows.membership, "role = 'boss'", past="accounts.Membership:somebody_owns_it")),
    ("invitation_role_known", Change(rows.invitation, "role = 'boss'")),
    ("invitation_email_in_small_letters", Change(rows.invitation, "email = 'Grace@example.com'")),
    ("invitation_lasts", Change(rows.invitation, "expires_at = created_at")),
    ("invitation_accepted_or_revoked", Change(rows.invitation, "accepted_at = now(), revoked_at = now()")),
    ("invitation_waits_once", Again(rows.invitation)),
]
