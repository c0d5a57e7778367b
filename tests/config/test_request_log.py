"""A log line says which account asked for which path, and not what it searched for; nor what variables held."""

import os
import subprocess
import sys

import pytest
from celery.app.task import Context
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_structlog.celery.receivers import CeleryReceiver
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from config.request_log import RequestLog
from config.settings import local
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


@pytest.mark.parametrize(("code", "level"), [(200, "debug"), (302, "debug"), (404, "warning"), (500, "error")])
def test_under_make_run_only_what_went_wrong_is_news(code: int, level: str, settings: LazySettings) -> None:
    for name in ("DJANGO_STRUCTLOG_STATUS_2XX_LOG_LEVEL", "DJANGO_STRUCTLOG_STATUS_DEFAULT_LOG_LEVEL"):
        setattr(settings, name, getattr(local, name))
    with capture_logs() as lines:
        RequestLog(lambda _: HttpResponse(status=code))(RequestFactory().get("/"))
    assert [line["log_level"] for line in lines if line["event"] == "request_finished"] == [level]


def test_a_message_that_expired_while_the_worker_was_stopped_is_no_warning() -> None:
    with capture_logs() as lines:
        CeleryReceiver().receiver_task_revoked(Context(id="1", task="inventory.tasks.sweep_sourced"), expired=True)
    assert [(line["event"], line["log_level"]) for line in lines] == [("task_revoked", "info")]


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
