"""Copies, ReplaceItems and Clones."""

from typing import Any

import pytest

from accounts.models import Account, AccountStatus
from api.rendering import iso8601
from compliance.lifecycle import BundleState
from compliance.models import Bundle, DocumentStatus, EndUser, SupportingDocument
from compliance.services import transition
from compliance.vault import objects
from tests.api.bundles.conftest import BUNDLES
from tests.api.bundles.irish import irish_address, irish_bundle, irish_end_user, irish_paper, running_out
from tests.api.bundles.rules import newer_rules
from tests.api.conftest import Caller
from tests.api.test_incoming import refused
from tests.factories import AccountFactory, advanced

pytestmark = pytest.mark.django_db


def copied(caller: Caller, bundle: Bundle, **form: str) -> Any:
    return caller.post(f"{BUNDLES}/{bundle.sid}/Copies", form)


def replaced(caller: Caller, target: Bundle, source_sid: str) -> Any:
    return caller.post(f"{BUNDLES}/{target.sid}/ReplaceItems", {"FromBundleSid": source_sid})


def cloned(caller: Caller, bundle: Bundle, to: Account, **form: str) -> Any:
    return caller.post(f"{BUNDLES}/{bundle.sid}/Clones", {"TargetAccountSid": to.sid, **form})


def content(bundle: Bundle) -> tuple[EndUser, SupportingDocument]:
    live = bundle.items.filter(ended_at=None)
    return EndUser.objects.get(assignments__in=live), SupportingDocument.objects.get(assignments__in=live)


def approved_copy(caller: Caller, original: Bundle) -> Bundle:
    copy = Bundle.objects.get(sid=copied(caller, original).json()["sid"])
    return advanced(copy, BundleState.APPROVED)


@pytest.fixture
def ending(account: Account) -> Bundle:
    """An approved bundle of Ada's whose rules have changed."""
    return running_out(account, friendly_name="Dublin", status_callback="https://a.example/cb")


def test_a_copy_is_a_draft_with_the_same_content_in_items_of_its_own(
    ada: Caller, account: Account, ending: Bundle
) -> None:
    answer = copied(ada, ending)
    body = answer.json()
    assert (answer.status_code, body["status"], body["valid_until"]) == (201, "draft", None)
    assert (body["friendly_name"], body["status_callback"]) == ("Dublin", "https://a.example/cb")
    assert body["numberyard"]["copied_from"] == ending.sid
    (old_user, old_paper), (user, paper) = content(ending), content(Bundle.objects.get(sid=body["sid"]))
    assert user.pk != old_user.pk
    assert paper.pk != old_paper.pk
    assert (user.attributes, paper.attributes) == (old_user.attributes, old_paper.attributes)
    assert list(paper.addresses.all()) == list(old_paper.addresses.all())
    assert paper.status == DocumentStatus.DRAFT
    user.revision += 1
    user.save(update_fields=["revision"])  # may be changed, while the original is frozen


def test_copies_are_listed_below_their_original(ada: Caller, ending: Bundle) -> None:
    first = copied(ada, ending).json()
    second = copied(ada, ending, FriendlyName="Mended").json()
    assert second["friendly_name"] == "Mended"
    assert ada.get(f"{BUNDLES}/{ending.sid}/Copies").json()["results"] == [second, first]
    assert ada.get(f"{BUNDLES}/{first['sid']}/Copies").json()["results"] == []


def test_a_copied_paper_has_a_file_of_its_own(ada: Caller, account: Account) -> None:
    file = objects.put(b"%PDF-1.7", mime_type="application/pdf")
    paper = irish_paper(account, file=file)
    ending = running_out(account, items=[irish_end_user(account), paper])
    _, twin = content(Bundle.objects.get(sid=copied(ada, ending).json()["sid"]))
    assert twin.file is not None
    assert twin.file.name != file.name
    assert (objects.read(twin.file), twin.file.mime_type) == (b"%PDF-1.7", "application/pdf")


@pytest.mark.parametrize("state", list(BundleState))
def test_only_what_is_approved_and_runs_out_is_copied(state: BundleState, ada: Caller, account: Account) -> None:
    refused(copied(ada, irish_bundle(account, state)), 22223, 400)


def test_replacing_gives_the_original_the_items_of_its_approved_copy(ada: Caller, ending: Bundle) -> None:
    copy = approved_copy(ada, ending)
    answer = replaced(ada, ending, copy.sid)
    body = answer.json()
    assert (answer.status_code, body["sid"], body["status"]) == (201, ending.sid, "twilio-approved")
    assert body["valid_until"] is None
    assert content(ending) == content(copy)
    assert ending.items.filter(ended_at__isnull=False).count() == 2
    entry = ending.ledger.latest("pk")
    assert (entry.verb, entry.data["from"]) == ("replace_items", copy.sid)
    assert ada.get(f"{BUNDLES}/{ending.sid}").json()["numberyard"]["history"][-1]["verb"] == "replace_items"


def test_once_replaced_the_copy_can_be_deleted_and_its_items_stay_frozen(
    ada: Caller, ending: Bundle, held: dict[str, list[str]]
) -> None:
    copy = approved_copy(ada, ending)
    replaced(ada, ending, copy.sid)
    assert ada.delete(f"{BUNDLES}/{copy.sid}").status_code == 204
    assert [item["object_sid"][:2] for item in ada.get(f"{BUNDLES}/{ending.sid}").json()["numberyard"]["items"]] == [
        "IT",
        "RD",
    ]


def test_a_second_replacement_by_the_same_copy_is_harmless(ada: Caller, ending: Bundle) -> None:
    copy = approved_copy(ada, ending)
    for _ in range(2):
        assert replaced(ada, ending, copy.sid).status_code == 201
    assert ending.items.filter(ended_at=None).count() == 2


def test_what_does_not_replace(ada: Caller, account: Account, outsider: Account, ending: Bundle) -> None:
    draft = copied(ada, ending).json()["sid"]
    refused(replaced(ada, ending, draft), 22224, 400)
    refused(replaced(ada, ending, irish_bundle(account, BundleState.APPROVED).sid), 22224, 400)
    refused(replaced(ada, ending, "BU" + "0" * 32), 22225, 400)
    refused(replaced(ada, ending, irish_bundle(outsider).sid), 22225, 400)
    refused(replaced(ada, ending, "BU1"), 22225, 400)
    refused(replaced(ada, ending, ending.sid), 22226, 400)
    refused(ada.post(f"{BUNDLES}/{ending.sid}/ReplaceItems"), 22225, 400)


def test_a_target_that_is_no_longer_approved_keeps_its_items(ada: Caller, ending: Bundle) -> None:
    copy = approved_copy(ada, ending)
    transition.move(ending, "expire", actor="sweep:expiry")
    refused(replaced(ada, ending, copy.sid), 22224, 400)


def test_a_copy_that_was_approved_under_older_rules_does_not_replace(ada: Caller, ending: Bundle) -> None:
    copy = approved_copy(ada, ending)
    newer_rules(ending.regulation)
    refused(replaced(ada, ending, copy.sid), 22228, 400)


def test_a_copy_with_another_address_does_not_replace(ada: Caller, account: Account, ending: Bundle) -> None:
    moved = Bundle.objects.get(sid=copied(ada, ending).json()["sid"])
    _, paper = content(moved)
    elsewhere = irish_address(account, street="2 Grafton Street")
    paper.addresses.set([elsewhere])
    advanced(moved, BundleState.APPROVED)
    refused(replaced(ada, ending, moved.sid), 22229, 400)


def test_the_same_address_under_another_sid_does_not_replace(ada: Caller, account: Account, ending: Bundle) -> None:
    """Numbers on the bundle would go on with a SID that its papers don't show: 21651 at their next change."""
    copy = Bundle.objects.get(sid=copied(ada, ending).json()["sid"])
    _, paper = content(copy)
    old = paper.addresses.get()
    paper.addresses.set([irish_address(account, customer_name=old.customer_name)])
    advanced(copy, BundleState.APPROVED)
    answer = replaced(ada, ending, copy.sid)
    refused(answer, 22229, 400)
    assert old.sid in answer.json()["message"]


@pytest.fixture
def branch(account: Account) -> Account:
    """A subaccount of Ada's."""
    row: Account = AccountFactory.create(parent=account, friendly_name="Branch")
    return row


def test_a_clone_is_approved_in_the_other_account_with_rows_of_its_own(
    ada: Caller, account: Account, branch: Account, ending: Bundle
) -> None:
    SupportingDocument.objects.update(status=DocumentStatus.APPROVED)
    answer = cloned(ada, ending, branch)
    body = answer.json()
    assert (answer.status_code, body["status"], body["account_sid"]) == (201, "twilio-approved", branch.sid)
    assert "sid" not in body
    clone = Bundle.objects.get(sid=body["bundle_sid"])
    assert (clone.approved_under, clone.valid_until) == (ending.approved_under, ending.valid_until)
    (old_user, old_paper), (user, paper) = content(ending), content(clone)
    assert user.attributes == old_user.attributes
    assert paper.status == DocumentStatus.APPROVED
    (address,) = paper.addresses.all()
    assert paper.attributes["address_sids"] == [address.sid]
    assert (address.street, address.validated) == ("1 Grafton Street", True)
    assert {user.account, paper.account, address.account} == {branch}
    assert old_paper.addresses.get().sid != address.sid
    assert {entry.reason for entry in clone.ledger.exclude(verb="create")} == {f"clone of {ending.sid}"}
    assert [entry.verb for entry in clone.ledger.order_by("pk")] == ["create", "submit", "claim", "approve"]
    assert branch_sees(branch, clone).json()["numberyard"]["submissions"] == []


def branch_sees(branch: Account, clone: Bundle) -> Any:
    return Caller(branch.sid, branch.auth_token).get(f"{BUNDLES}/{clone.sid}")


@pytest.mark.parametrize("strange", [{"a": 1}, ["AD1"], 7, None, "AD1"])
def test_what_is_no_address_is_left_behind(strange: object, ada: Caller, branch: Account, ending: Bundle) -> None:
    """Rules that are not confirmed refuse no attributes, so anything may have been approved."""
    _, paper = content(ending)
    address = paper.addresses.get()
    SupportingDocument.objects.filter(pk=paper.pk).update(attributes={"address_sids": [strange, address.sid]})
    answer = cloned(ada, ending, branch)
    assert answer.status_code == 201
    _, twin = content(Bundle.objects.get(sid=answer.json()["bundle_sid"]))
    assert twin.attributes["address_sids"] == [twin.addresses.get().sid] != [address.sid]


def test_a_single_address_that_is_no_list_is_the_clones_own(ada: Caller, branch: Account, ending: Bundle) -> None:
    _, paper = content(ending)
    SupportingDocument.objects.filter(pk=paper.pk).update(attributes={"address_sids": paper.addresses.get().sid})
    _, twin = content(Bundle.objects.get(sid=cloned(ada, ending, branch).json()["bundle_sid"]))
    assert twin.attributes["address_sids"] == [twin.addresses.get().sid]


def test_a_clone_as_a_draft_is_to_be_submitted(ada: Caller, branch: Account, ending: Bundle) -> None:
    body = cloned(ada, ending, branch, MoveToDraft="true", FriendlyName="Again").json()
    assert (body["status"], body["friendly_name"], body["valid_until"]) == ("draft", "Again", None)
    _, paper = content(Bundle.objects.get(sid=body["bundle_sid"]))
    assert paper.status == DocumentStatus.DRAFT


def test_the_parent_clones_bundles_of_its_subaccounts(ada: Caller, account: Account, branch: Account) -> None:
    below = irish_bundle(branch, BundleState.APPROVED)
    assert cloned(ada, below, account).json()["account_sid"] == account.sid


def test_a_subaccount_clones_nothing(branch: Account, account: Account) -> None:
    own = irish_bundle(branch, BundleState.APPROVED)
    refused(cloned(Caller(branch.sid, branch.auth_token), own, account), 21474, 400)


def test_where_a_clone_may_not_go(ada: Caller, account: Account, outsider: Account, ending: Bundle) -> None:
    refused(cloned(ada, ending, outsider), 21473, 400)
    refused(ada.post(f"{BUNDLES}/{ending.sid}/Clones", {"TargetAccountSid": "AC" + "0" * 32}), 21473, 400)
    refused(ada.post(f"{BUNDLES}/{ending.sid}/Clones", {"TargetAccountSid": "AC1"}), 21470, 400)
    refused(ada.post(f"{BUNDLES}/{ending.sid}/Clones"), 21470, 400)
    closed = AccountFactory.create(parent=account, status=AccountStatus.CLOSED)
    refused(cloned(ada, ending, closed), 21472, 400)
    assert Bundle.objects.count() == 1


@pytest.mark.parametrize("state", [state for state in BundleState if state != BundleState.APPROVED])
def test_only_approved_bundles_are_cloned(state: BundleState, ada: Caller, account: Account, branch: Account) -> None:
    refused(cloned(ada, irish_bundle(account, state), branch), 20409, 409)
    refused(cloned(ada, irish_bundle(account, state), branch, MoveToDraft="true"), 20409, 409)


def test_a_clone_is_no_copy(ada: Caller, account: Account, ending: Bundle) -> None:
    clone = cloned(ada, ending, account).json()["bundle_sid"]
    refused(replaced(ada, ending, clone), 22224, 400)


def test_an_end_is_not_lost_by_cloning(ada: Caller, branch: Account, ending: Bundle) -> None:
    assert cloned(ada, ending, branch).json()["valid_until"] == iso8601(ending.valid_until)
