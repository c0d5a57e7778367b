"""Approved papers that must be renewed: what is missing now, by when, what happens then, and the way there."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle, ExpiryWarning, RolloutPolicy
from compliance.services import rollout, rulebooks
from portal.templatetags.moments import day
from tests.compliance.country_folder import folder_of
from tests.compliance.test_impact import ask_for_a_phone_number, version
from tests.factories import BundleFactory, DocumentFactory, EndUserFactory, advanced


def shown_by(client: Client, bundle: Bundle) -> str:
    answer = client.get(f"/papers/{bundle.sid}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def lacking(account: Account, tmp_path: Path) -> Bundle:
    """Approved, and since then the rules ask for a phone number too."""
    rulebooks.load(folder_of(tmp_path, "DE"))
    bundle: Bundle = BundleFactory.create(account=account, approved=True)
    book = version(tmp_path, ask_for_a_phone_number)
    rulebooks.activate(book, effective_from=timezone.now().date(), actor="user:anna")
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.valid_until
    return bundle


def test_what_is_missing_by_when_and_what_happens_then(ada: Client, lacking: Bundle) -> None:
    shown = shown_by(ada, lacking)
    assert lacking.valid_until
    wanted = (
        f"bring these papers up to date before {day(lacking.valid_until)}",
        "Who will use the numbers, Telephone number:",
        "Asked for too: Telephone number.",
        "no number in service is cut",
        "Make the copy",
        "1 thing is missing under the new rules",
    )
    assert [words for words in wanted if words not in shown] == []
    assert "bring it up to date before" in ada.get("/papers").content.decode()


def test_a_policy_that_keeps_numbers_is_told(ada: Client, lacking: Bundle) -> None:
    RolloutPolicy.objects.create(valid_from=date(2020, 1, 1), set_by="user:anna", numbers_at_end="keep")
    assert "until our staff decide" in shown_by(ada, lacking)


def test_from_the_copy_to_papers_in_place(ada: Client, account: Account, lacking: Bundle) -> None:
    answer = ada.post(f"/papers/{lacking.sid}/copy", follow=True).content.decode()
    assert "This is the copy." in answer
    copy = Bundle.objects.get(copied_from=lacking)
    assert "Go to the copy" in shown_by(ada, lacking)
    end_user = copy.items.get(end_user__isnull=False).end_user
    assert end_user
    end_user.attributes |= {"phone_number": "+493012345678"}
    end_user.save()
    advanced(copy, BundleState.APPROVED)
    assert "Put these papers in place" in shown_by(ada, lacking)
    answer = ada.post(f"/papers/{copy.sid}/replace", follow=True).content.decode()
    assert "Brought up to date" in answer
    lacking.refresh_from_db()
    assert lacking.valid_until is None


def test_what_is_no_copy_is_put_nowhere(ada: Client, account: Account) -> None:
    bundle = BundleFactory.create(account=account, approved=True)
    answer = ada.post(f"/papers/{bundle.sid}/replace", follow=True).content.decode()
    assert "This is not a copy of other papers" in answer


def test_papers_that_need_no_renewal_are_not_copied(ada: Client, account: Account) -> None:
    bundle = BundleFactory.create(account=account, approved=True)
    answer = ada.post(f"/papers/{bundle.sid}/copy", follow=True).content.decode()
    assert "is not approved with a day on which that runs out" in answer
    assert not Bundle.objects.filter(copied_from=bundle).exists()


def test_a_paper_that_expires_is_renewed_in_a_copy(ada: Client, account: Account) -> None:
    passport: dict[str, Any] = {"type": "passport", "attributes": {"expiration_date": "2031-05-04"}}
    paper = DocumentFactory.create(account=account, **passport)
    bundle = BundleFactory.create(account=account, approved=True, items=[EndUserFactory.create(account=account), paper])
    ExpiryWarning.objects.create(bundle=bundle, document=paper, revision=1)
    shown = shown_by(ada, bundle)
    assert "A paper in it expires: renew it in time" in shown
    assert "Passport: valid until 4 May 2031" in shown
    assert "This is the copy." in ada.post(f"/papers/{bundle.sid}/copy", follow=True).content.decode()


def test_an_approval_that_ended_says_why(ada: Client, lacking: Bundle) -> None:
    Bundle.objects.filter(pk=lacking.pk).update(valid_until=datetime(2026, 1, 1, tzinfo=UTC))
    rollout.expire_due()
    shown = shown_by(ada, lacking)
    assert "The approval ended" in shown
    assert "things have to be corrected" in shown
    assert "ny-todo ny-lacks" in shown
