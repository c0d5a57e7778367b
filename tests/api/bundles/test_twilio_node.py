"""The official twilio-node fills and submits a bundle, with nothing changed but the base URL."""

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.api.bundles.irish import irish_end_user, irish_paper, irish_regulation
from tests.api.test_twilio_node import _run, modules, node
from tests.factories import AccountFactory

__all__ = ["modules", "node"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_draft_to_recall(live_server: LiveServer, node: list[str], modules: Path) -> None:
    account = AccountFactory.create()
    irish_regulation()
    items = irish_end_user(account).sid, irish_paper(account).sid
    known = live_server.url, account.sid, account.auth_token
    seen = _run(node, modules, *known, *items, program="bundles.js")
    assert (seen["made"], seen["submitted"], seen["recalled"]) == ("draft", "pending-review", "draft")
    assert seen["early"] == {"status": 400, "code": 22214, "results": 2}
    assert seen["evaluation"] == {"status": "compliant", "passed": [True, True]}
    assert (seen["frozen"], seen["listed"], seen["removed"], seen["gone"]) == (409, [True], True, 20404)
