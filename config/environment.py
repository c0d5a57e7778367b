"""The process environment, read and validated once: every setting a deployment may choose is named on this page.

A wrong or missing value stops the start with one message that lists them all (`EnvValidationError`).
"""

import ipaddress
import re
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import cast

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


def _address(value: str) -> None:
    """Refuse what is not host:port; the host a name or an IPv4 address, as the lab's sockets are IPv4."""
    host, _, port = value.rpartition(":")
    if not (re.fullmatch(r"[A-Za-z0-9.-]+", host) and re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65_536):
        raise ValidationError("Must be host:port, such as 127.0.0.1:5060.")


def _clamav_address(value: str) -> None:
    """Refuse what is neither host:port nor the path of a UNIX socket."""
    if value and not re.fullmatch(r"unix:/\S+", value):
        try:
            _address(value)
        except ValidationError:
            raise ValidationError("Must be host:port, unix:/path, or empty.") from None


def _media_address(value: str) -> None:
    """Refuse what can't stand in SDP, Contact and Via for others to send to: a name, or 0.0.0.0."""
    _address(value)
    try:
        usable = not ipaddress.IPv4Address(value.rpartition(":")[0]).is_unspecified
    except ValueError:
        usable = False
    if not usable:
        raise ValidationError("Must be an IPv4 address of ours that the carrier reaches, and a port.")


def _networks(values: list[str]) -> None:
    for value in values:
        try:
            ipaddress.ip_network(value)
        except ValueError:
            raise ValidationError("Each must be an address or a network, such as 192.0.2.0/24.") from None


def _picture_types(values: list[str]) -> None:
    """Refuse what the lab could not compare a picture in."""
    known = ("image/jpeg", "image/png", "image/gif", "image/webp")
    if set(values) - set(known):
        raise ValidationError(f"Each must be one of {', '.join(known)}.")


def _credentials(value: object) -> None:
    """Refuse what is not an object of objects of text; what is in it stays out of the message."""
    entries = value.values() if isinstance(value, dict) else [None]
    if not all(isinstance(entry, dict) and all(isinstance(one, str) for one in entry.values()) for entry in entries):
        raise ValidationError('Must be JSON such as {"slug of a provider": {"api_key": "..."}}.')


_url = validate.Regexp(
    r"^https?://[^/\s]+(/[^/\s]+)*$", error="Must be an http or https URL without a slash at its end."
)
_redis_url = validate.Regexp(r"^rediss?://[^/\s]+(/[0-9]+)?(\?\S+)?$", error="Must be redis://host:port/database.")
_e164 = validate.Regexp(r"^\+[1-9]\d{6,14}$")
_one_line = validate.Regexp(r"^[^\r\n]+\Z", error="Must be one line.")
_some_time = validate.Range(min=timedelta(seconds=1))


# No default: a web server or worker that was told nothing must not take the settings of a demonstration.
SETTINGS_MODULE: str = env.str("DJANGO_SETTINGS_MODULE")

SECRET_KEY: str = env.str("SECRET_KEY", validate=validate.Length(min=40))
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", validate=[validate.Length(min=1), _fernet_keys])

DATABASE = env.dj_db_url("DATABASE_URL")
DATABASE_POOL_SIZE: int = env.int("DATABASE_POOL_SIZE", 6, validate=validate.Range(min=0))
# None for a command, which may migrate or load ten million numbers; a web server has one (config.wsgi).
STATEMENT_TIMEOUT: timedelta = env.timedelta(
    "STATEMENT_TIMEOUT", timedelta(0), validate=validate.Range(min=timedelta(0))
)
REDIS_URL: str = env.str("REDIS_URL", validate=_redis_url)
TRAFFIC_REDIS_URL: str = env.str("TRAFFIC_REDIS_URL", REDIS_URL, validate=_redis_url)

PUBLIC_URL: str = env.str("NUMBERYARD_URL", "http://127.0.0.1:8000", validate=validate.Regexp(r"^https?://[^/]+$"))
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))
LOG_FORMAT: str = env.str("LOG_FORMAT", "console", validate=validate.OneOf(["console", "json"]))
METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")
# Counts over all hosts; on one host its threads make requests wait first, so a race ends in answers and not in 429.
CONCURRENT_REQUESTS: int = env.int("CONCURRENT_REQUESTS", 100, validate=validate.Range(min=1))

# What only a real deployment has: a proxy in front, and staff whose password alone shall open nothing.
_IS_REAL = SETTINGS_MODULE == "config.settings.production"
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", int(_IS_REAL), validate=validate.Range(min=0))
STAFF_SECOND_FACTOR: bool = env.bool("STAFF_SECOND_FACTOR", _IS_REAL)

# How long one may look at a document that one has opened with a reason; docs/privacy.md.
DECRYPT_GRANT_LIFETIME: timedelta = env.timedelta("DECRYPT_GRANT_LIFETIME", timedelta(minutes=15), validate=_some_time)
# Where callbacks may go besides the public internet; for development and tests.
CALLBACK_ALLOWED_NETWORKS: list[str] = env.list("CALLBACK_ALLOWED_NETWORKS", [], validate=_networks)
CALLBACK_PORTS: list[int] = env.list("CALLBACK_PORTS", [80, 443], subcast=int)
NOTICE_GIVE_UP_AFTER: timedelta = env.timedelta("NOTICE_GIVE_UP_AFTER", timedelta(days=1), validate=_some_time)
EMAIL = env.dj_email_url("EMAIL_URL", "file:/.data/mail")
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "Numberyard <numberyard@localhost>", validate=_one_line)
# Whom customers write to; the pages name it wherever only staff can help.
SUPPORT_EMAIL: str = env.str("SUPPORT_EMAIL", parseaddr(DEFAULT_FROM_EMAIL)[1], validate=_one_line)

# The share of clean numbers that is watched for 30 days more; docs/quarantine.md.
QUARANTINE_SENTINELS: float = env.float("QUARANTINE_SENTINELS", 0.01, validate=validate.Range(0, 1))
# How many numbers one person may retire or take from customers in bulk within a day; above, a second one approves.
BULK_RELEASES_ALONE: int = env.int("BULK_RELEASES_ALONE", 50, validate=validate.Range(min=0))
RECLAIM_WINDOW: timedelta = env.timedelta("RECLAIM_WINDOW", timedelta(days=10), validate=_some_time)
# Order, tests, and at least seven days off sale: what a provider without any history is taken to need.
RESTOCK_LEAD_TIME: timedelta = env.timedelta("RESTOCK_LEAD_TIME", timedelta(days=10), validate=_some_time)

# How often what a provider lists is read, and the least share of it that must be true; docs/catalogue.md.
CATALOGUE_INTERVAL: timedelta = env.timedelta("CATALOGUE_INTERVAL", timedelta(hours=6), validate=_some_time)
OFFER_HONESTY: float = env.float("OFFER_HONESTY", 0.8, validate=validate.Range(min=0, max=1))

SANDBOX_URL: str = env.str("SANDBOX_URL", "http://127.0.0.1:8190", validate=_url)
SANDBOX_API_KEY: str = env.str("SANDBOX_API_KEY", "")
# By the slug of the provider: the keys to it and, if it is not where its vendor says, its address; docs/providers.md.
PROVIDER_CREDENTIALS = cast(dict[str, dict[str, str]], env.json("PROVIDER_CREDENTIALS", {}, validate=_credentials))
# Where providers may be besides the public internet, there also without TLS; a private link, development, tests.
PROVIDER_ALLOWED_NETWORKS: list[str] = env.list("PROVIDER_ALLOWED_NETWORKS", [], validate=_networks)

LAB_SIP_ADDRESS: str = env.str("LAB_SIP_ADDRESS", "127.0.0.1:5080", validate=_media_address)
LAB_TRUNK_ADDRESS: str = env.str("LAB_TRUNK_ADDRESS", "127.0.0.1:5070", validate=_address)
LAB_SMSC_ADDRESS: str = env.str("LAB_SMSC_ADDRESS", "127.0.0.1:2775", validate=_address)
# SMPP 3.4, 5.2.1 and 5.2.2: sixteen and nine octets, the last of them null.
LAB_SMSC_SYSTEM_ID: str = env.str("LAB_SMSC_SYSTEM_ID", "lab", validate=validate.Length(max=15))
LAB_SMSC_PASSWORD: str = env.str("LAB_SMSC_PASSWORD", "lab", validate=validate.Length(max=8))
LAB_REFERENCE_NUMBER: str = env.str("LAB_REFERENCE_NUMBER", "+12025550142", validate=_e164)
LAB_FURTHER_REFERENCE_NUMBERS: list[str] = env.list(
    "LAB_FURTHER_REFERENCE_NUMBERS", [], validate=lambda numbers: [_e164(number) for number in numbers]
)
LAB_STIR_CERTIFICATES: list[str] = env.list("LAB_STIR_CERTIFICATES", [f"{SANDBOX_URL}/certificates/"])
LAB_MMS_ADDRESS: str = env.str("LAB_MMS_ADDRESS", "127.0.0.1:2526", validate=_address)
LAB_MMSC_ADDRESS: str = env.str("LAB_MMSC_ADDRESS", "127.0.0.1:2525", validate=_address)
LAB_MMS_DOMAIN: str = env.str(
    "LAB_MMS_DOMAIN", "mms.numberyard.example", validate=validate.Regexp(r"^([a-z0-9-]+\.)+[a-z0-9-]+$")
)
LAB_MMS_TRANSCODES: list[str] = env.list("LAB_MMS_TRANSCODES", [], validate=_picture_types)
LAB_EVIDENCE_DIR: Path = env.path("LAB_EVIDENCE_DIR", Path(".data") / "lab-evidence")
LAB_EVIDENCE_DAYS: int = env.int("LAB_EVIDENCE_DAYS", 90, validate=validate.Range(min=1))
LAB_TESTS_PER_DAY: int = env.int("LAB_TESTS_PER_DAY", 10, validate=validate.Range(min=0))
PASSPORT_LINK_LIFETIME: timedelta = env.timedelta("PASSPORT_LINK_LIFETIME", timedelta(days=30), validate=_some_time)
# Counted from 1970, so that days begin at midnight UTC.
LAB_SAMPLE_INTERVAL: timedelta = env.timedelta("LAB_SAMPLE_INTERVAL", timedelta(days=1), validate=_some_time)
LAB_CARRIER_SOURCES: list[str] = env.list("LAB_CARRIER_SOURCES", [], validate=_networks)
LAB_CONCURRENCY: int = env.int("LAB_CONCURRENCY", 40, validate=validate.Range(min=1, max=200))

DOCUMENTS_DIR: Path = env.path("DOCUMENTS_DIR", Path(".data") / "documents")
DOCUMENTS_S3_BUCKET: str = env.str("DOCUMENTS_S3_BUCKET", "")
DOCUMENTS_S3_ENDPOINT: str = env.str(
    "DOCUMENTS_S3_ENDPOINT", "", validate=lambda value: _url(value) if value else value
)
DOCUMENTS_S3_REGION: str = env.str("DOCUMENTS_S3_REGION", "")
DOCUMENTS_S3_ACCESS_KEY: str = env.str("DOCUMENTS_S3_ACCESS_KEY", "")
DOCUMENTS_S3_SECRET_KEY: str = env.str("DOCUMENTS_S3_SECRET_KEY", "")
CLAMAV_ADDRESS: str = env.str("CLAMAV_ADDRESS", "", validate=_clamav_address)

env.seal()
