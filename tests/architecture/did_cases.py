"""What must not become of the rows of numbers in service: constraint and spoilt row, for `test_constraints`."""

from tests.architecture import rows
from tests.architecture.spoiling import Again, Change

CASES: list[tuple[str, Change | Again]] = [
    ("did_one_per_number", Again(rows.did, {"sid": "'PN' || repeat('f', 32)"})),
    ("did_sid_shape", Change(rows.did, "sid = 'PN' || repeat('F', 32)")),
    ("did_settings_known", Change(rows.did, "voice_method = 'PUT'")),
    ("did_settings_known", Change(rows.did, "voice_fallback_method = ''")),
    ("did_settings_known", Change(rows.did, "voice_receive_mode = 'telex'")),
    ("did_settings_known", Change(rows.did, "sms_method = 'get'")),
    ("did_settings_known", Change(rows.did, "sms_fallback_method = 'PUT'")),
    ("did_settings_known", Change(rows.did, "status_callback_method = 'PUT'")),
    ("did_settings_known", Change(rows.did, "emergency_status = 'active'")),
    ("did_protected_is_in_service", Change(rows.did, "protected_since = now(), ended_at = now()")),
    ("protection_names_its_actor", Again(rows.protection, {"actor": "''"})),
]
