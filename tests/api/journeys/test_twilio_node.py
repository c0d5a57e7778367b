"""The official twilio-node from a regulation to a number; staff approve in between."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from tests.api.journeys.conftest import Begin
from tests.api.journeys.customers import CUSTOMERS
from tests.api.journeys.desk import Desk
from tests.api.journeys.scans import pdf
from tests.api.test_twilio_node import HERE, modules, node
from tests.factories import NumberFactory
from tests.patience import PATIENCE

__all__ = ["modules", "node"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+447400123456"
TOLD = ("first_name", "last_name", "email", "phone_number")


def profile() -> str:
    """What the customer knows, as the program reads it."""
    who = CUSTOMERS["GB"]
    words = {name.title().replace("_", ""): value for name, value in who.lives.items()}
    lives = {name[0].lower() + name[1:]: value for name, value in words.items()}
    told = {name: who.tell(name) for name in TOLD}
    return json.dumps({"lives": lives, "told": told, "scan": base64.b64encode(pdf().content).decode()})


def test_from_a_regulation_to_a_number(
    *, begin: Begin, live_server: LiveServer, account: Account, desk: Desk, node: list[str], modules: Path
) -> None:
    begin("GB")
    NumberFactory.create(e164=int(NUMBER[1:]), country="GB", number_type="mobile")
    arguments = live_server.url, account.sid, account.auth_token, NUMBER, profile()
    program = subprocess.Popen(
        [*node, str(HERE / "journey.js"), *arguments],
        env={**os.environ, "NODE_PATH": str(modules)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdout is not None
        sid = program.stdout.readline().strip()
        if sid:
            desk.approve(sid)
        out, errors = program.communicate("approved\n", timeout=PATIENCE)
    assert program.returncode == 0, errors
    assert json.loads(out) == {
        "before": [22214, 22216, 22216],
        "after": "compliant",
        "early": {"code": 21649, "unmet": [21649]},
        "status": "twilio-approved",
        "bought": NUMBER,
        "held": 21648,
    }
