"""The process environment, read and validated once: every setting a deployment may choose is named on this page.

A wrong or missing value stops the start with one message that lists them all (`EnvValidationError`).
"""

from datetime import timedelta

from cryptography.fernet import Fernet
from environs import Env, ValidationError, validate

env = Env(eager=False)


def _fernet_keys(keys: list[str]) -> None:
    """Refuse what Fernet can't use; the keys themselves stay out of the message."""
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise ValidationError(f"Key {number} is not 32 bytes of URL-safe base64.") from None


# No default: a web server or worker that was told nothing must not take the settings of a demonstration.
SETTINGS_MODULE: str = env.str("DJANGO_SETTINGS_MODULE")

SECRET_KEY: str = env.str("SECRET_KEY", validate=validate.Length(min=40))
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", validate=[validate.Length(min=1), _fernet_keys])

DATABASE = env.dj_db_url("DATABASE_URL")
DATABASE_POOL_SIZE: int = env.int("DATABASE_POOL_SIZE", 6, validate=validate.Range(min=0))
REDIS_URL: str = env.str("REDIS_URL")

PUBLIC_URL: str = env.str("NUMBERYARD_URL", "http://127.0.0.1:8000", validate=validate.Regexp(r"^https?://[^/]+$"))
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))
LOG_FORMAT: str = env.str("LOG_FORMAT", "console", validate=validate.OneOf(["console", "json"]))
METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")
# Counts over all hosts; on one host its threads make requests wait first, so a race ends in answers and not in 429.
CONCURRENT_REQUESTS: int = env.int("CONCURRENT_REQUESTS", 100, validate=validate.Range(min=1))

RECLAIM_WINDOW: timedelta = env.timedelta("RECLAIM_WINDOW", timedelta(days=10))
RETEST_INTERVAL: timedelta = env.timedelta("RETEST_INTERVAL", timedelta(days=30))

SANDBOX_URL: str = env.str("SANDBOX_URL", "http://127.0.0.1:8190")
SANDBOX_API_KEY: str = env.str("SANDBOX_API_KEY", "")

LAB_SIP_ADDRESS: str = env.str("LAB_SIP_ADDRESS", "127.0.0.1:5080")
LAB_TRUNK_ADDRESS: str = env.str("LAB_TRUNK_ADDRESS", "127.0.0.1:5070")
LAB_SMSC_ADDRESS: str = env.str("LAB_SMSC_ADDRESS", "127.0.0.1:2775")
LAB_SMSC_SYSTEM_ID: str = env.str("LAB_SMSC_SYSTEM_ID", "lab")
LAB_SMSC_PASSWORD: str = env.str("LAB_SMSC_PASSWORD", "lab")
LAB_REFERENCE_NUMBER: str = env.str(
    "LAB_REFERENCE_NUMBER", "+12025550142", validate=validate.Regexp(r"^\+[1-9]\d{6,14}$")
)
LAB_CONCURRENCY: int = env.int("LAB_CONCURRENCY", 20, validate=validate.Range(min=1, max=200))

env.seal()
