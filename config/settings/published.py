"""Secrets that everybody can read here, for tests and demonstrations; `production` refuses them."""

SECRET_KEY = "a-fixed-key-that-only-the-test-suite-uses-and-protects-nothing"  # noqa: S105 - that is the point
FIELD_ENCRYPTION_KEY = "dGhlLXRlc3Qtc3VpdGUtdXNlcy10aGlzLWtleS1vbmw="
SANDBOX_API_KEY = "sandbox-key"
SMSC_PASSWORD = "lab"  # noqa: S105 - the default of LAB_SMSC_PASSWORD

ALL = {SECRET_KEY, FIELD_ENCRYPTION_KEY, SANDBOX_API_KEY, SMSC_PASSWORD}
