"""What goes into a bundle, and what the evaluation says of it."""

from typing import Any

import pytest

from accounts.models import Account
from compliance.lifecycle import EDITABLE, BundleState
from compliance.models import Bundle, EndUser, ItemAssignment, SupportingDocument
from compliance.services import items as item_services
from numbering.models import Place, PlacePrefix
from tests.api.bundles.conftest import BUNDLES
from tests.api.bundles.irish import irish_address, irish_bundle, irish_end_user, irish_paper
from tests.api.conftest import Caller
from tests.api.test_incoming import refused

pytestmark = pytest.mark.django_db

FIXED = [state for state in BundleState if state not in EDITABLE]


def items_of(bundle: Bundle) -> str:
    return f"{BUNDLES}/{bundle.sid}/ItemAssignments"


def assigned(caller: Caller, bundle: Bundle, sid: str, **form: str) -> Any:
    return caller.post(items_of(bundle), {"ObjectSid": sid, **form})


def evaluated(caller: Caller, bundle: Bundle, **form: str) -> dict[str, Any]:
    answer = caller.post(f"{BUNDLES}/{bundle.sid}/Evaluations", form)
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def empty(account: Account) -> Bundle:
    return irish_bundle(account, items=[])


def test_items_are_assigned_listed_read_and_taken_out(ada: Caller, account: Account, empty: Bundle) -> None:
    end_user, paper = irish_end_user(account), irish_paper(account)
    first = assigned(ada, empty, end_user.sid).json()
    second = assigned(ada, empty, paper.sid, RequirementName="business_address_info").json()
    assert (first["object_sid"], first["bundle_sid"], first["account_sid"]) == (end_user.sid, empty.sid, ada.sid)
    assert first["url"].endswith(f"{items_of(empty)}/{first['sid']}")
    assert second["numberyard"] == {"requirement_name": "business_address_info"}
    assert ada.get(items_of(empty)).json()["results"] == [second, first]
    assert ada.get(f"{items_of(empty)}/{first['sid']}").json() == first
    assert ada.delete(f"{items_of(empty)}/{first['sid']}").status_code == 204
    refused(ada.get(f"{items_of(empty)}/{first['sid']}"), 20404, 404)
    refused(ada.delete(f"{items_of(empty)}/{first['sid']}"), 20404, 404)
    assert ada.get(items_of(empty)).json()["results"] == [second]
    assert ItemAssignment.objects.filter(ended_at__isnull=False).count() == 1  # the row stays


def test_a_change_of_items_is_a_change_of_the_bundle(ada: Caller, account: Account, empty: Bundle) -> None:
    before = Bundle.objects.get().updated_at
    assigned(ada, empty, irish_end_user(account).sid)
    assert Bundle.objects.get().updated_at > before


def test_what_is_nothing_to_assign_is_refused(ada: Caller, account: Account, outsider: Account, empty: Bundle) -> None:
    gone = irish_end_user(account)
    EndUser.objects.filter(pk=gone.pk).update(deleted_at=gone.created_at)
    strangers = [irish_end_user(outsider).sid, irish_paper(outsider).sid]
    for sid in [*strangers, gone.sid, "IT" + "0" * 32, "RD" + "0" * 32, "IT1", "nonsense", "IT" + "A" * 32]:
        refused(assigned(ada, empty, sid), 22205, 400)
    for sid in (irish_address(account).sid, empty.sid, "PN" + "0" * 32, "XX" + "A" * 32):
        refused(assigned(ada, empty, sid), 22206, 400)
    refused(ada.post(items_of(empty)), 22205, 400)


def test_a_bundle_has_one_end_user_and_each_paper_once(ada: Caller, account: Account, bundle: Bundle) -> None:
    paper = SupportingDocument.objects.get()
    refused(assigned(ada, bundle, irish_end_user(account).sid), 20409, 409)
    refused(assigned(ada, bundle, paper.sid), 20409, 409)
    assert assigned(ada, bundle, irish_paper(account).sid).status_code == 201


def test_nobody_fills_a_bundle_without_end(
    ada: Caller, account: Account, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_services, "MOST_ITEMS", 2)
    refused(assigned(ada, bundle, irish_paper(account).sid), 20409, 409)


def test_a_paper_is_meant_for_a_requirement_that_there_is(ada: Caller, account: Account, empty: Bundle) -> None:
    answer = assigned(ada, empty, irish_paper(account).sid, RequirementName="proof_of_identity")
    refused(answer, 20001, 400)
    assert "business_address_info" in answer.json()["message"]
    refused(assigned(ada, empty, irish_end_user(account).sid, RequirementName="business_address_info"), 20001, 400)


@pytest.mark.parametrize("state", FIXED)
def test_items_stay_once_a_reviewer_may_look_at_them(state: BundleState, ada: Caller, account: Account) -> None:
    bundle = irish_bundle(account, state)
    refused(assigned(ada, bundle, irish_paper(account).sid), 20409, 409)
    refused(ada.delete(f"{items_of(bundle)}/{bundle.items.latest('pk').sid}"), 20409, 409)
    assert bundle.items.filter(ended_at=None).count() == 2


def test_items_of_a_rejected_bundle_are_exchanged(ada: Caller, account: Account) -> None:
    bundle = irish_bundle(account, BundleState.REJECTED)
    assert ada.delete(f"{items_of(bundle)}/{bundle.items.latest('pk').sid}").status_code == 204
    assert assigned(ada, bundle, irish_paper(account).sid).status_code == 201


def test_an_evaluation_of_what_is_complete(ada: Caller, bundle: Bundle) -> None:
    body = evaluated(ada, bundle)
    assert (body["status"], body["bundle_sid"], body["account_sid"]) == ("compliant", bundle.sid, ada.sid)
    assert body["regulation_sid"] == bundle.regulation.sid
    end_user, address = body["results"]
    assert (end_user["object_type"], end_user["requirement_name"]) == ("business", "business_info")
    assert (address["object_type"], address["requirement_name"]) == ("business_address", "business_address_info")
    for result in (end_user, address):
        assert (result["passed"], result["failure_reason"], result["error_code"]) == (True, None, None)
        assert (result["valid"] != [], result["invalid"]) == (True, [])
    assert body["numberyard"]["regulation_version"] == 1
    assert "area_not_known" in {flag["code"] for flag in body["numberyard"]["flags"]}
    assert ada.get(f"{BUNDLES}/{bundle.sid}/Evaluations/{body['sid']}").json() == body


def test_one_result_for_each_requirement_also_when_nothing_was_given(ada: Caller, empty: Bundle) -> None:
    body = evaluated(ada, empty)
    assert body["status"] == "noncompliant"
    assert [(each["passed"], each["error_code"]) for each in body["results"]] == [(False, 22214), (False, 22216)]
    assert {field["error_code"] for field in body["results"][0]["invalid"]} == {22215}
    (address,) = body["results"][1]["invalid"]
    assert (address["object_field"], address["error_code"]) == ("address_sids", 22219)
    for result in body["results"]:
        assert result["failure_reason"]
        assert result["numberyard"]["how_to_fix"]


def test_each_evaluation_is_kept_as_it_was(ada: Caller, account: Account, empty: Bundle) -> None:
    before = evaluated(ada, empty)
    assigned(ada, empty, irish_end_user(account).sid)
    assigned(ada, empty, irish_paper(account).sid)
    after = evaluated(ada, empty)
    assert (before["status"], after["status"]) == ("noncompliant", "compliant")
    assert ada.get(f"{BUNDLES}/{empty.sid}/Evaluations").json()["results"] == [after, before]


@pytest.mark.parametrize("state", list(BundleState))
def test_a_bundle_is_evaluated_in_every_state(state: BundleState, ada: Caller, account: Account) -> None:
    assert evaluated(ada, irish_bundle(account, state))["status"] == "compliant"


def _place(id_: int, name: str, prefix: int) -> Place:
    about = {"country": "IE", "granularity": "locality", "source": "libphonenumber"}
    place = Place.objects.create(id=id_, name=name, normalised_name=name.lower(), **about)
    PlacePrefix.objects.create(prefix=prefix, country="IE", place=place)
    return place


def test_with_a_number_its_area_counts(ada: Caller, bundle: Bundle) -> None:
    dublin, _ = _place(1, "Dublin", 3531), _place(2, "Cork", 35321)
    near = {"source": "inferred_nearest", "nearest": dublin, "distance_km": 9}
    Place.objects.create(id=3, country="IE", name="Swords", normalised_name="swords", granularity="locality", **near)
    here = evaluated(ada, bundle, PhoneNumber="+35315550100")
    assert (here["status"], here["numberyard"]["flags"]) == ("compliant", [])
    there = evaluated(ada, bundle, PhoneNumber="+353215550100")
    (city,) = there["results"][1]["invalid"]
    assert (city["error_code"], city["numberyard"]["reason"]) == (21615, "address_out_of_area")
    SupportingDocument.objects.get().addresses.get()
    moved = irish_bundle(bundle.account, items=_in_swords(bundle.account))
    assert evaluated(ada, moved, PhoneNumber="+35315550100")["status"] == "compliant"


def _in_swords(account: Account) -> list[EndUser | SupportingDocument]:
    return [irish_end_user(account), irish_paper(account, addresses=[irish_address(account, city="Swords")])]


def test_a_number_of_another_country_is_refused(ada: Caller, bundle: Bundle) -> None:
    path = f"{BUNDLES}/{bundle.sid}/Evaluations"
    refused(ada.post(path, {"PhoneNumber": "+493012345678"}), 20001, 400)
    refused(ada.post(path, {"PhoneNumber": "nonsense"}), 20001, 400)


def test_no_word_of_the_customers_is_in_an_evaluation(ada: Caller, account: Account) -> None:
    secret = "Zquxxle"
    attributes = dict.fromkeys(("business_name", "first_name", "email", "is_subassigned", "nickname"), secret)
    address = irish_address(account, city=secret, postal_code=secret, street=f"PO Box {secret}")
    items = [irish_end_user(account, **attributes), irish_paper(account, addresses=[address])]
    bundle = irish_bundle(account, items=items)
    body = evaluated(ada, bundle)
    assert body["status"] == "noncompliant"
    assert secret not in str(body)
    answer = ada.post(f"{BUNDLES}/{bundle.sid}", {"Status": "pending-review"})
    assert answer.status_code == 400
    assert secret not in answer.content.decode()
