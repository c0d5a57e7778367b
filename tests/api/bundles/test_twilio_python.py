"""The official twilio-python, as a customer fills and submits bundles, with nothing changed but the base URL."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from accounts.models import Account
from compliance.models import Bundle, RegulationVersion
from compliance.services import transition
from tests.api.bundles.irish import irish_bundle, irish_end_user, irish_paper, irish_regulation
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(transactional_db: None) -> Account:
    row: Account = AccountFactory.create(friendly_name="Ada")
    return row


@pytest.fixture
def client_of(live_server: LiveServer, settings: Any) -> Callable[[Account], Client]:
    settings.PUBLIC_URL = live_server.url  # the links of a list lead there

    def make(account: Account) -> Client:
        client = Client(account.sid, account.auth_token)
        client.numbers.base_url = live_server.url
        return client

    return make


@pytest.fixture
def papers(client_of: Callable[[Account], Client], account: Account) -> Any:
    """The regulatory API, signed by Ada."""
    return client_of(account).numbers.v2.regulatory_compliance


def approve(sid: str) -> None:
    """As a reviewer does."""
    bundle = Bundle.objects.get(sid=sid)
    version = RegulationVersion.objects.get(regulation=bundle.regulation)
    transition.move(bundle, "claim", actor="user:reviewer", due_at=timezone.now())
    transition.move(bundle, "approve", actor="user:reviewer", approved_under=version)


def test_from_draft_to_approval_step_by_step(papers: Any, account: Account) -> None:
    regulation = irish_regulation()
    bundle = papers.bundles.create(
        friendly_name="Dublin", email="ada@example.com", iso_country="IE", number_type="local", end_user_type="business"
    )
    assert (bundle.status, bundle.regulation_sid) == ("draft", regulation.sid)
    mine = papers.bundles(bundle.sid)
    found = mine.evaluations.create()
    assert (found.status, [each["error_code"] for each in found.results]) == ("noncompliant", [22214, 22216])
    end_user, paper = irish_end_user(account, email="nobody"), irish_paper(account)
    wrong = mine.item_assignments.create(object_sid=end_user.sid)
    mine.item_assignments.create(object_sid=paper.sid)
    with pytest.raises(TwilioRestException) as refused:
        mine.update(status="pending-review")
    assert refused.value.status == 400
    assert refused.value.details["results"][0]["invalid"][0]["object_field"] == "email"
    assert mine.item_assignments(wrong.sid).delete() is True
    mine.item_assignments.create(object_sid=irish_end_user(account).sid)
    assert mine.evaluations.create().status == "compliant"
    assert [each.status for each in mine.evaluations.list()] == ["compliant", "noncompliant"]
    assert mine.update(status="pending-review", friendly_name="Dublin, filed").status == "pending-review"
    assert mine.update(status="draft").status == "draft"
    assert mine.update(status="pending-review").status == "pending-review"
    approve(bundle.sid)
    assert mine.fetch().status == "twilio-approved"


def test_bundles_are_listed_filtered_and_put_in_order(papers: Any, account: Account) -> None:
    rows = [irish_bundle(account, items=[], friendly_name=f"n{turn % 2}") for turn in range(5)]
    newest = [row.sid for row in reversed(rows)]
    assert [each.sid for each in papers.bundles.list(page_size=2)] == newest
    assert [each.sid for each in papers.bundles.list(sort_by="date-updated", sort_direction="ASC", page_size=2)] == [
        row.sid for row in rows
    ]
    assert len(papers.bundles.list(friendly_name="n1")) == 2
    assert papers.bundles.list(status="twilio-approved") == []
    assert papers.bundles.list(has_valid_until_date=True, valid_until_date_before=timezone.now()) == []
    assert papers.bundles(newest[0]).delete() is True
    with pytest.raises(TwilioRestException) as gone:
        papers.bundles(newest[0]).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
