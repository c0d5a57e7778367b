"""The production settings refuse whatever would leave a door open, and name it."""

import os
import re
import subprocess
import sys
from pathlib import Path

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
    "EMAIL_URL": "submission://numberyard:secret@mail.example",
    "SANDBOX_API_KEY": "",
    "LAB_SMSC_PASSWORD": "secret",
}


HTTPS_ONLY = "from django.conf import settings; print(settings.SECURE_SSL_REDIRECT)"
COLLECT_OURS = """
import sys, django
from django.conf import settings
settings.STATIC_ROOT = sys.argv[1]
settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
django.setup()
from django.core.management import call_command
from django.templatetags.static import static
call_command("collectstatic", interactive=False, verbosity=0)
print(static("numberyard/tokens.css"))
"""


def start(program: str = HTTPS_ONLY, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a program with the settings as a new process reads them, which knows nothing of the suite's."""
    command = [sys.executable, "-c", program, *arguments]
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
        ("EMAIL_URL", "file:/.data/mail"),
        ("SANDBOX_API_KEY", published.SANDBOX_API_KEY),
        ("LAB_SMSC_PASSWORD", published.SMSC_PASSWORD),
    ],
)
def test_an_open_door_is_refused_by_name(variable: str, value: str) -> None:
    said = start(**{variable: value}).stderr.splitlines()[-1]
    assert "production settings refused" in said
    assert f" {variable} " in said
    assert said.count(";") == 0  # that alone


def test_a_static_file_is_named_by_what_is_in_it_and_compressed_beforehand(tmp_path: Path) -> None:
    url = start(COLLECT_OURS, str(tmp_path)).stdout.strip()
    assert re.fullmatch(r"/static/numberyard/tokens\.[0-9a-f]{12}\.css", url)
    collected = tmp_path / url.removeprefix("/static/")
    assert all(collected.with_name(collected.name + ending).exists() for ending in ("", ".br", ".gz"))
