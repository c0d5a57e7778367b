"""The production settings refuse whatever would leave a door open, and name it."""

import os
import subprocess
import sys

import pytest

from config.settings import published

SOUND = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "NUMBERYARD_URL": "https://numbers.example",
    "ALLOWED_HOSTS": "numbers.example",
    "SECRET_KEY": "k" * 50,
    "FIELD_ENCRYPTION_KEYS": "x" * 43 + "=",
    "DATABASE_URL": "postgres://numberyard:secret@db.example/numberyard",
    "REDIS_URL": "redis://:secret@cache.example/0",
    "METRICS_TOKEN": "t" * 16,
    "SANDBOX_API_KEY": "",
    "LAB_SMSC_PASSWORD": "secret",
}


def start(**given: str) -> subprocess.CompletedProcess[str]:
    """Read the settings as a new process does, which knows nothing of the suite's."""
    command = [sys.executable, "-c", "from django.conf import settings; print(settings.SECURE_SSL_REDIRECT)"]
    environment = {"PATH": os.environ["PATH"], **SOUND, **given}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_sound_environment_is_accepted() -> None:
    assert start().stdout == "True\n"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NUMBERYARD_URL", "http://numbers.example"),
        ("ALLOWED_HOSTS", "localhost"),
        ("ALLOWED_HOSTS", "*"),
        ("SECRET_KEY", published.SECRET_KEY),
        ("FIELD_ENCRYPTION_KEYS", published.FIELD_ENCRYPTION_KEY),
        ("FIELD_ENCRYPTION_KEYS", f"{SOUND['FIELD_ENCRYPTION_KEYS']},{published.FIELD_ENCRYPTION_KEY}"),
        ("DATABASE_URL", "postgres://numberyard@db.example/numberyard"),
        ("REDIS_URL", "redis://cache.example/0"),
        ("METRICS_TOKEN", "t" * 15),
        ("SANDBOX_API_KEY", published.SANDBOX_API_KEY),
        ("LAB_SMSC_PASSWORD", published.SMSC_PASSWORD),
    ],
)
def test_an_open_door_is_refused_by_name(variable: str, value: str) -> None:
    said = start(**{variable: value}).stderr.splitlines()[-1]
    assert "production settings refused" in said
    assert f" {variable} " in said
    assert said.count(";") == 0  # that alone
