"""What the log does not say, even when somebody says it to the log."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import RequestFactory
from django.views.debug import get_exception_reporter_filter

from compliance.models import Address
from compliance.rulebook import catalogue
from config.redaction import GONE, PRIVATE, redact, traceback_without_values

CANARY = "Quackenbush"
SAID = """
from config import logs
import logging, structlog, sys

logs.configure("DEBUG", "{style}")
structlog.get_logger("ours").info("seen", customer_name="Quackenbush", sid="AD1", nested={{"street": "Quackenbush"}})
logging.getLogger("theirs").warning("sent to %s", "quackenbush.quackenbush@quackenbush.example")
logging.getLogger("PIL.TiffImagePlugin").debug("tag: Quackenbush")
for name in ("ours", "theirs"):
    try:
        int("Quackenbush")
    except ValueError:
        try:
            {{}}["Quackenbush"]
        except KeyError:
            logging.getLogger("theirs").exception("it broke")
            structlog.get_logger("ours").exception("it_broke")
"""


@pytest.mark.parametrize("style", ["json", "console"])
def test_keys_addresses_and_what_exceptions_quote_are_not_written(style: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAID.format(style=style)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
    )
    code = [line for line in done.stderr.splitlines() if CANARY.lower() in line.lower()]
    assert code == [], "only code of ours may show in a traceback"
    assert "AD1" in done.stderr
    assert done.stderr.count("KeyError") >= 4


def test_postgresql_shows_no_row() -> None:
    text = (
        'psycopg.errors.CheckViolation: new row violates check constraint "x"\n'
        f"DETAIL:  Failing row contains (1, {CANARY}, (nested) {CANARY})."
    )
    assert CANARY not in traceback_without_values(text)
    said: dict[str, Any] = dict(redact(None, "", {"event": f"DETAIL: Key (customer_name)=({CANARY}) already exists."}))
    assert CANARY not in json.dumps(said)


def test_every_private_field_of_the_catalogue_and_of_addresses_is_known_by_name() -> None:
    fields = {name for name, field in catalogue.catalogue().fields.items() if field.pii != "none"}
    columns = {column.name for column in Address._meta.concrete_fields if type(column).__name__ == "EncryptedText"}
    assert (fields | columns) - PRIVATE <= {"region"}, "a region is not a person, and the log of the stock names them"


def test_what_is_blank_or_public_stays() -> None:
    event = {"sid": "IT1", "email": "", "attributes": {}, "country": "DE", "count": 3}
    assert dict(redact(None, "", event)) == event
    assert redact(None, "", {"email": "a"})["email"] == GONE


def test_an_error_report_has_places_and_no_values() -> None:
    request = RequestFactory().post("/", {"FriendlyName": CANARY})
    chosen = get_exception_reporter_filter(request)
    assert chosen.get_post_parameters(request) == {}
    assert not chosen.get_traceback_frame_variables(request, sys._getframe())
