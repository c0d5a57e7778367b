"""What customers do to their numbers: settings, protecting, giving back, taking back, several at once, moving."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, User
from inventory.models import Did, PhoneNumber
from inventory.services import assignments, protection
from numbering.types import Capability
from tests.factories import (
    AccountFactory,
    BundleFactory,
    DidFactory,
    RegulationFactory,
)
from tests.portal.number_pages import CALLS, settings_of, shown

Text = Callable[..., str]


# --- its settings


def test_settings_are_saved(ada: Client, did: Did) -> None:
    form = settings_of(did, friendly_name="Front desk", voice_url=CALLS, sms_method="GET", voice_caller_id_lookup="on")
    answer = ada.post(f"/numbers/{did.sid}", form, follow=True)
    assert "The settings are saved." in answer.content.decode()
    did.refresh_from_db()
    assert (did.friendly_name, did.voice_url, did.sms_method) == ("Front desk", CALLS, "GET")
    assert did.voice_caller_id_lookup is True


def test_what_somebody_else_changed_meanwhile_stays(ada: Client, did: Did) -> None:
    before = settings_of(did)
    assignments.change(did=did, settings={"sms_url": "https://example.com/sms"}, to=None, by=did.account)
    # the form was drawn before, but holds the same text in all fields that were not touched, except the new one
    ada.post(f"/numbers/{did.sid}", before | {"sms_url": "https://example.com/sms", "friendly_name": "New"})
    did.refresh_from_db()
    assert (did.friendly_name, did.sms_url) == ("New", "https://example.com/sms")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"voice_url": "ftp://example.com"}, "voice_url"),
        ({"voice_url": "https://user:secret@example.com"}, "voice_url"),
        ({"sms_url": "example.com"}, "sms_url"),
        ({"voice_fallback_url": CALLS}, "voice_fallback_url"),
        ({"sms_fallback_url": CALLS}, "sms_fallback_url"),
        ({"trunk_sid": "TK1"}, "trunk_sid"),
        ({"voice_method": "PUT"}, "voice_method"),
        ({"friendly_name": "x" * 65}, "friendly_name"),
        ({"friendly_name": ""}, "friendly_name"),
    ],
    ids=lambda value: "-".join(value.values())[:24] if isinstance(value, dict) else value,
)
def test_wrong_settings_are_said_beside_their_field(ada: Client, did: Did, changed: dict[str, str], field: str) -> None:
    page = ada.post(f"/numbers/{did.sid}", settings_of(did, **changed)).content.decode()
    assert "Nothing was saved" in page
    assert f'id="id_{field}_error"' in page
    assert re.search(rf'id="id_{field}"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="id_{field}"', page)
    kept = Did.objects.get(pk=did.pk)
    assert (kept.voice_url, kept.sms_url, kept.friendly_name) == ("", "", "Desk")


def test_a_number_without_messages_has_no_settings_for_them(ada: Client, text_of: Text, account: Account) -> None:
    did = DidFactory.create(account=account, number__capabilities=int(Capability.VOICE))
    page = text_of(f"/numbers/{did.sid}")
    assert "sms_url" not in page
    assert "voice_receive_mode" not in page
    ada.post(f"/numbers/{did.sid}", settings_of(did, sms_url=CALLS, voice_url=CALLS))
    did.refresh_from_db()
    assert (did.sms_url, did.voice_url) == ("", CALLS)


# --- protecting, giving back, taking back


def test_the_consequences_are_told_before(text_of: Text, did: Did) -> None:
    page = unescape(text_of(f"/numbers/{did.sid}/give-back"))
    for words in ("no longer reach you", "only you can take it back", "sold to somebody else", "sign in with codes"):
        assert words in page
    did.refresh_from_db()
    assert did.ended_at is None


def test_giving_back_and_taking_back(ada: Client, text_of: Text, did: Did, ada_herself: User) -> None:
    assert ada.post(f"/numbers/{did.sid}/give-back")["Location"] == f"/numbers/{did.sid}"
    did.refresh_from_db()
    assert did.ended_at is not None
    assert did.number.ledger.get(verb="release").actor == f"user:{ada_herself.pk}"
    assert "You gave this number back" in text_of(f"/numbers/{did.sid}")
    assert shown(text_of("/numbers", state="RELEASED")) == [str(did.number)]
    assert shown(text_of("/numbers")) == []
    ada.post(f"/numbers/{did.sid}/take-back")
    did.refresh_from_db()
    assert did.ended_at is None
    assert "Taken back" in text_of(f"/numbers/{did.sid}")


def test_what_is_over_is_not_given_back_nor_taken_back_too_late(ada: Client, text_of: Text, did: Did) -> None:
    ada.post(f"/numbers/{did.sid}/give-back")
    assert ada.post(f"/numbers/{did.sid}/give-back").status_code == 404
    assert ada.post(f"/numbers/{did.sid}", settings_of(did)).status_code == 404
    PhoneNumber.objects.filter(pk=did.number_id).update(due_at=timezone.now())
    answer = ada.post(f"/numbers/{did.sid}/take-back")
    assert answer.status_code == 409
    assert "is not available" in answer.content.decode()
    assert "You don&#x27;t have this number any more" in text_of(f"/numbers/{did.sid}").replace("'", "&#x27;")


def test_a_protected_number_stays(ada: Client, text_of: Text, did: Did) -> None:
    ada.post(f"/numbers/{did.sid}/protect")
    assert "protected" in text_of("/numbers")
    answer = ada.post(f"/numbers/{did.sid}/give-back")
    assert answer.status_code == 409
    assert "nothing was changed" in answer.content.decode()
    page = ada.post(f"/numbers/{did.sid}/unprotect", {"typed": "0000"}).content.decode()
    assert "These are not the last four digits" in page
    assert Did.objects.get().protected_since is not None
    ada.post(f"/numbers/{did.sid}/unprotect", {"typed": str(did.number)[-4:]})
    assert Did.objects.get().protected_since is None
    ada.post(f"/numbers/{did.sid}/give-back")
    assert Did.objects.get().ended_at is not None


# --- several at once


def test_several_are_first_tried_and_then_given_back(ada: Client, account: Account, did: Did) -> None:
    kept = protection.protect(did=DidFactory.create(account=account), actor="user:1")
    form = {"do": "give-back", "did": [did.sid, kept.sid]}
    page = ada.post("/numbers/together", form).content.decode()
    assert "This would be done for 1 of 2" in page
    assert "is protected" in page
    assert "Give 1 number back" in page
    assert Did.objects.filter(ended_at=None).count() == 2, "trying changes nothing"
    assert did.number.ledger.filter(verb="release").count() == 0
    page = ada.post("/numbers/together", form | {"sure": "yes"}).content.decode()
    assert "Done for 1 of 2" in page
    assert list(Did.objects.filter(ended_at=None)) == [kept]


def test_a_setting_of_several(ada: Client, account: Account, did: Did) -> None:
    mute = DidFactory.create(account=account, number__capabilities=int(Capability.VOICE))
    form = {"do": "setting", "did": [did.sid, mute.sid]}
    assert 'name="setting"' in ada.post("/numbers/together", form).content.decode()
    chosen = form | {"setting": "sms_url", "value": "https://example.com/sms"}
    assert "This would be done for 1 of 2" in ada.post("/numbers/together", chosen).content.decode()
    did.refresh_from_db()
    assert did.sms_url == ""
    page = ada.post("/numbers/together", chosen | {"sure": "yes"}).content.decode()
    assert "Done for 1 of 2" in page
    assert "carries no messages" in page
    did.refresh_from_db()
    assert did.sms_url == "https://example.com/sms"


def test_a_wrong_setting_of_several_is_not_tried(ada: Client, did: Did) -> None:
    form = {"do": "setting", "did": [did.sid], "setting": "voice_url", "value": "javascript:alert(1)", "sure": "yes"}
    page = ada.post("/numbers/together", form).content.decode()
    assert "Give a whole address" in page
    assert Did.objects.get().voice_url == ""


@pytest.mark.parametrize("form", [{}, {"do": "sell", "did": "x"}, {"do": "give-back"}, {"do": "protect", "did": "PN0"}])
def test_nothing_chosen_leads_back(ada: Client, form: dict[str, str]) -> None:
    assert ada.post("/numbers/together", form)["Location"] == "/numbers"


# --- moving


def test_a_number_moves_to_a_subaccount_without_its_papers(
    ada: Client, text_of: Text, account: Account, did: Did
) -> None:
    child = AccountFactory.create(parent=account, friendly_name="Branch")
    assert "Branch" in text_of(f"/numbers/{did.sid}/move")
    assert ada.post(f"/numbers/{did.sid}/move", {"to": child.sid})["Location"] == "/numbers"
    did.refresh_from_db()
    assert did.account == child


def test_a_number_moves_to_no_strangers_account(ada: Client, text_of: Text, account: Account, did: Did) -> None:
    assert "There is no other account" in text_of(f"/numbers/{did.sid}/move")
    AccountFactory.create(parent=account)
    stranger = AccountFactory.create()
    assert "Select a valid choice" in ada.post(f"/numbers/{did.sid}/move", {"to": stranger.sid}).content.decode()
    did.refresh_from_db()
    assert did.account == account


def test_who_is_not_of_the_parent_account_moves_nothing(ada: Client, text_of: Text, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(parent=AccountFactory.create())
    did = DidFactory.create(account=account)
    assert "the people of the parent account only" in text_of(f"/numbers/{did.sid}/move")
    ada.post(f"/numbers/{did.sid}/move", {"to": account.parent.sid if account.parent else ""})
    did.refresh_from_db()
    assert did.account == account


def test_a_protected_number_is_not_moved(ada: Client, account: Account, did: Did) -> None:
    child = AccountFactory.create(parent=account)
    protection.protect(did=did, actor="user:1")
    page = ada.post(f"/numbers/{did.sid}/move", {"to": child.sid}).content.decode()
    assert "is protected" in page


def test_a_number_that_takes_papers_moves_on_those_of_the_other_account(ada: Client, account: Account) -> None:
    child = AccountFactory.create(parent=account, friendly_name="Branch")
    bundle = BundleFactory.create(account=child, approved=True, regulation=RegulationFactory.create(number_type="voip"))
    did = DidFactory.create(
        account=account, number__country="DE", number__number_type="voip", bundle_sid="BU" + "0" * 32
    )
    page = ada.post(f"/numbers/{did.sid}/move", {"to": child.sid}).content.decode()
    assert 'role="alert"' in page, "the law asks for papers"
    assert bundle.sid in page
    answer = ada.post(f"/numbers/{did.sid}/move", {"to": child.sid, "bundle_sid": bundle.sid})
    assert answer.status_code == 302, re.findall(r'role="alert">([^<]*)', answer.content.decode())
    did.refresh_from_db()
    assert (did.account, did.bundle_sid) == (child, bundle.sid)
