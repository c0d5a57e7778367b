"""Every mistake in the environment is named at once, by its variable; nothing is taken for granted."""

import os
import subprocess
import sys

import pytest

SOUND = {
    "DJANGO_SETTINGS_MODULE": "config.settings.local",
    "SECRET_KEY": "k" * 50,
    "FIELD_ENCRYPTION_KEYS": "x" * 43 + "=",
    "DATABASE_URL": "postgres://numberyard:secret@db.example/numberyard",
    "REDIS_URL": "redis://:secret@cache.example/0",
}


def load(module: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Import a module in a new process, which knows nothing of the suite's environment."""
    environment = {key: value for key, value in {**SOUND, **given}.items() if value}
    return subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_sound_environment_is_accepted() -> None:
    assert load("config.environment").stderr == ""


@pytest.mark.parametrize("key", ["short", "ä" * 44, "x" * 44, f"{SOUND['FIELD_ENCRYPTION_KEYS']},short"])
def test_a_bad_encryption_key_is_reported_with_the_other_mistakes(key: str) -> None:
    said = load("config.environment", FIELD_ENCRYPTION_KEYS=key, SECRET_KEY="short").stderr.splitlines()[-1]
    assert "EnvValidationError" in said
    assert "'FIELD_ENCRYPTION_KEYS'" in said
    assert "'SECRET_KEY'" in said
    assert key not in said


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        ("LAB_SIP_ADDRESS", ["127.0.0.1", ":5080", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:sip", "[::1]:5080"]),
        ("CLAMAV_ADDRESS", ["clamd", "127.0.0.1:0", "unix:", "unix:/a b", "/run/clamd.ctl"]),
        ("DOCUMENTS_S3_ENDPOINT", ["s3.example", "https://s3.example/"]),
        ("LAB_SIP_ADDRESS", ["0.0.0.0:5080", "lab.example:5080", "localhost:5080"]),
        ("LAB_TRUNK_ADDRESS", ["sip:carrier.example:5060"]),
        ("LAB_SMSC_ADDRESS", ["carrier.example"]),
        ("LAB_FURTHER_REFERENCE_NUMBERS", ["12025550142", "+12025550143,five"]),
        ("LAB_MMS_ADDRESS", ["127.0.0.1"]),
        ("LAB_MMSC_ADDRESS", ["smtp://carrier.example:25"]),
        ("LAB_MMS_DOMAIN", ["numberyard", "mms numberyard.example"]),
        ("LAB_CARRIER_SOURCES", ["carrier.example", "192.0.2.1/24", "192.0.2.0/24,10.0.0.0/33"]),
        ("LAB_MMS_TRANSCODES", ["image/tiff", "jpeg"]),
        ("LAB_SMSC_SYSTEM_ID", ["sixteen-octets-x"]),
        ("LAB_SMSC_PASSWORD", ["nineoctet"]),
        ("PROVIDER_CREDENTIALS", ["key", '["key"]', '{"telnyx": "key"}', '{"telnyx": {"api_key": 7}}']),
        ("SANDBOX_URL", ["127.0.0.1:8190", "ftp://127.0.0.1", "http://127.0.0.1:8190/"]),
        ("REDIS_URL", ["cache.example:6379", "http://cache.example", "redis://cache.example/first"]),
        ("RECLAIM_WINDOW", ["-10d", "0d", "soon"]),
        ("RESTOCK_LEAD_TIME", ["-10d", "0d", "soon"]),
    ],
)
def test_a_value_that_nothing_could_work_with_is_refused_by_name(variable: str, values: list[str]) -> None:
    for value in values:
        said = load("config.environment", **{variable: value}).stderr.splitlines()
        assert said, f"{variable}={value} was accepted"
        assert f"EnvValidationError: Environment variables invalid: {{'{variable}'" in said[-1]


@pytest.mark.parametrize(
    "sound",
    [
        {"LAB_TRUNK_ADDRESS": "sip.carrier.example:5060"},
        {"SANDBOX_URL": "https://carrier.example/lab"},
        {"CLAMAV_ADDRESS": "unix:/run/clamd.ctl"},
        {"CLAMAV_ADDRESS": "clamd.example:3310"},
    ],
)
def test_names_and_paths_are_fine(sound: dict[str, str]) -> None:
    assert load("config.environment", **sound).stderr == ""


@pytest.mark.parametrize(
    ("process", "given", "limit"),
    [
        ("config.wsgi", {}, "30s"),
        ("config.wsgi", {"STATEMENT_TIMEOUT": "5s"}, "5s"),
        ("django; django.setup()", {}, "0"),  # a command: it may have ten million rows to go through
        ("config.celery", {"STATEMENT_TIMEOUT": "150s"}, "150s"),
    ],
)
def test_how_long_a_statement_may_take_depends_on_who_asks(process: str, given: dict[str, str], limit: str) -> None:
    code = (
        f"{process}; from django.db import connection; cursor = connection.cursor();"
        "cursor.execute('SHOW statement_timeout'); exit(cursor.fetchone()[0])"
    )
    suite = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    assert load(code, **suite, **given).stderr.splitlines()[-1] == limit


@pytest.mark.parametrize("module", ["config.wsgi", "config.celery"])
def test_a_server_that_was_not_told_its_settings_does_not_start(module: str) -> None:
    """With a default it would serve plain HTTP, with a demonstration's secrets, and nobody would notice."""
    refused = load(module, DJANGO_SETTINGS_MODULE="")
    assert refused.returncode == 1
    assert "DJANGO_SETTINGS_MODULE" in refused.stderr.splitlines()[-1]
