"""A log line says which account asked for which path, and not what it searched for; nor what variables held."""

import os
import subprocess
import sys

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from config.request_log import RequestLog
from tests.factories import AccountFactory

FAILURE = """
from config import logs
import logging

logs.configure("INFO", "{style}")

def fail():
    token = "unspeakable"
    raise RuntimeError("it broke")

try:
    fail()
except RuntimeError:
    logging.getLogger("django.request").exception("said")  # as Django does
"""


def test_a_request_line_has_the_account_and_no_query_string() -> None:
    account = AccountFactory.build()

    def view(request: HttpRequest) -> HttpResponse:
        request.user = account  # type: ignore[assignment]  # as DRF does once it knows who calls
        return HttpResponse()

    with capture_logs(processors=[merge_contextvars]) as lines:
        RequestLog(view)(RequestFactory().get("/2010-04-01/x.json?FriendlyName=Ada&PhoneNumber=555"))
    line = next(line for line in lines if line["event"] == "request_finished")
    assert (line["request"], line["account_sid"]) == ("GET /2010-04-01/x.json", account.sid)
    assert all("Ada" not in str(line) and "user_id" not in line for line in lines)


def test_a_traceback_shows_no_values() -> None:
    """Rich is among the development tools; structlog would use it and print the variables of every frame."""
    for style in ("console", "json"):
        said = subprocess.run(
            [sys.executable, "-c", FAILURE.format(style=style)],
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        assert "it broke" in said
        assert "in fail" in said
        assert said.count("unspeakable") == 0
