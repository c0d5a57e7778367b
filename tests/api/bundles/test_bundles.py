"""Bundles: made, read, changed, handed in, taken back, deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle, DocumentStatus, Evaluation, Regulation, SupportingDocument
from compliance.services import end_users, review
from tests.api.bundles.conftest import BUNDLES, Make
from tests.api.bundles.irish import ATTRIBUTES, irish_bundle, irish_end_user, irish_paper
from tests.api.conftest import Caller
from tests.api.test_incoming import refused
from tests.factories import BundleFactory, RegulationFactory, RegulationVersionFactory, UserFactory

pytestmark = pytest.mark.django_db

GROUP = {"IsoCountry": "ie", "NumberType": "Local", "EndUserType": "business"}
NEW = {"FriendlyName": "Dublin", "Email": "ada@example.com"}


def path_of(bundle: Bundle) -> str:
    return f"{BUNDLES}/{bundle.sid}"


def asked_for(caller: Caller, bundle: Bundle, status: str) -> Any:
    return caller.post(path_of(bundle), {"Status": status})


def test_a_new_bundle_is_a_draft_for_its_regulation(made: Make, irish: Regulation, ada: Caller) -> None:
    body = made(StatusCallback="https://a.example/cb")
    assert (body["status"], body["regulation_sid"], body["account_sid"]) == ("draft", irish.sid, ada.sid)
    assert (body["friendly_name"], body["email"]) == ("Dublin", "ada@example.com")
    assert (body["status_callback"], body["valid_until"]) == ("https://a.example/cb", None)
    assert body["url"].endswith(f"{BUNDLES}/{body['sid']}")
    assert body["links"]["item_assignments"] == f"{body['url']}/ItemAssignments"
    assert [event["verb"] for event in body["numberyard"]["history"]] == ["create"]
    assert ada.get(f"{BUNDLES}/{body['sid']}").json() == body


def test_a_regulation_is_named_by_its_group_too(irish: Regulation, ada: Caller) -> None:
    answer = ada.post(BUNDLES, NEW | GROUP)
    assert (answer.status_code, answer.json()["regulation_sid"]) == (201, irish.sid)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (GROUP | {"EndUserType": "robot"}, 22200),
        (GROUP | {"NumberType": "imaginary"}, 22200),
        (GROUP | {"IsoCountry": "AQ"}, 22201),
        (GROUP | {"IsoCountry": "Ireland"}, 22201),
        ({"RegulationSid": "RN" + "0" * 32}, 22201),
        ({"RegulationSid": "RN1"}, 22201),
        ({}, 22202),
        ({"IsoCountry": "IE", "NumberType": "local"}, 22202),
        (GROUP | {"FriendlyName": ""}, 20001),
        (GROUP | {"FriendlyName": "x" * 256}, 20001),
        (GROUP | {"Email": "nobody"}, 20001),
        (GROUP | {"StatusCallback": "ftp://a.example"}, 21402),
        (GROUP | {"StatusCallback": "http://10.0.0.1/cb"}, 21402),
        (GROUP | {"IsTest": "perhaps"}, 20001),
    ],
)
def test_what_makes_no_bundle_is_refused(asked: dict[str, str], code: int, irish: Regulation, ada: Caller) -> None:
    refused(ada.post(BUNDLES, NEW | asked), code, 400)
    assert not Bundle.objects.exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"IsoCountry": "IE", "NumberType": "local"}, "missing: EndUserType"),
        (GROUP | {"IsoCountry": "AQ"}, f"for AQ local {GROUP['EndUserType']}: no bundle is needed"),
    ],
)
def test_who_names_no_regulation_hears_what_is_missing(
    asked: dict[str, str], said: str, irish: Regulation, ada: Caller
) -> None:
    assert said in ada.post(BUNDLES, NEW | asked).json()["message"]


def test_a_status_that_does_not_follow_is_explained(irish: Regulation, ada: Caller, account: Account) -> None:
    bundle = BundleFactory.create(account=account, regulation=irish, state=BundleState.IN_REVIEW)
    answer = ada.post(f"{BUNDLES}/{bundle.sid}", {"Status": "draft"})
    refused(answer, 20409, 409)
    assert answer.json()["message"] == f"{bundle.sid} is in-review: can't reopen it, it has to be twilio-rejected first"


def test_a_group_that_contradicts_the_sid_is_no_regulation(irish: Regulation, ada: Caller) -> None:
    refused(ada.post(BUNDLES, NEW | {"RegulationSid": irish.sid, "IsoCountry": "DE"}), 22201, 400)


def test_a_bundle_without_a_name_or_an_address_to_write_to_is_refused(irish: Regulation, ada: Caller) -> None:
    for name in NEW:
        refused(ada.post(BUNDLES, {**{k: v for k, v in NEW.items() if k != name}, **GROUP}), 20001, 400)


def test_the_same_post_with_its_key_makes_one_bundle(irish: Regulation, ada: Caller) -> None:
    first, second = (ada.post(BUNDLES, NEW | GROUP, Idempotency_Key="b1") for _ in range(2))
    assert first.json()["sid"] == second.json()["sid"]
    assert Bundle.objects.count() == 1


def test_settings_change_and_the_regulation_stays(bundle: Bundle, ada: Caller) -> None:
    form = {"FriendlyName": "Cork", "Email": "b@example.com", "StatusCallback": "https://a.example/x"}
    body = ada.post(path_of(bundle), {**form, "RegulationSid": "RN" + "0" * 32}).json()
    assert (body["friendly_name"], body["email"], body["status_callback"]) == tuple(form.values())
    assert body["regulation_sid"] == bundle.regulation.sid
    assert ada.post(path_of(bundle), {"StatusCallback": ""}).json()["status_callback"] is None
    assert ada.get(BUNDLES, {"FriendlyName": "Cork"}).json()["results"][0]["sid"] == bundle.sid


def test_submitting_what_is_complete_hands_it_to_the_reviewers(bundle: Bundle, ada: Caller) -> None:
    body = ada.post(path_of(bundle), {"Status": "pending-review", "FriendlyName": "Handed in"}).json()
    assert (body["status"], body["friendly_name"]) == ("pending-review", "Handed in")
    (submission,) = body["numberyard"]["submissions"]
    assert (submission["status"], submission["faults"]) == ("compliant", [])
    assert submission["evaluation_sid"] == Evaluation.objects.get().sid
    assert body["numberyard"]["date_review_due"] is not None
    assert [item["status"] for item in body["numberyard"]["items"]] == ["pending-review", "pending-review"]


def test_submitting_what_lacks_something_is_refused_with_every_finding(ada: Caller, account: Account) -> None:
    bundle = irish_bundle(account, items=[irish_end_user(account, first_name=None, email="nobody")])
    answer = ada.post(path_of(bundle), {"Status": "pending-review", "FriendlyName": "No"})
    refused(answer, 22215, 400)
    end_user, address = answer.json()["details"]["results"]
    assert [field["object_field"] for field in end_user["invalid"]] == ["first_name", "email"]
    assert [field["error_code"] for field in end_user["invalid"]] == [22215, None]
    assert end_user["invalid"][1]["numberyard"]["reason"] == "invalid_email"
    assert (address["error_code"], address["numberyard"]["reason"]) == (22216, "document_missing")
    unchanged = Bundle.objects.get()
    assert (unchanged.state, unchanged.friendly_name) == (BundleState.DRAFT, bundle.friendly_name)


SUBMITTED_WITHOUT: dict[int, Callable[[Account], list[Any]]] = {
    22214: lambda account: [irish_paper(account)],
    22215: lambda account: [irish_end_user(account, business_name=" "), irish_paper(account)],
    22216: lambda account: [irish_end_user(account)],
    22219: lambda account: [irish_end_user(account), irish_paper(account, addresses=[])],
    18001: lambda account: [irish_end_user(account), irish_paper(account, type="passport")],
    20001: lambda account: [irish_end_user(account, is_subassigned="perhaps"), irish_paper(account)],
}


@pytest.mark.parametrize("code", sorted(SUBMITTED_WITHOUT))
def test_the_code_is_that_of_the_first_fault(code: int, ada: Caller, account: Account) -> None:
    bundle = irish_bundle(account, items=SUBMITTED_WITHOUT[code](account))
    refused(asked_for(ada, bundle, "pending-review"), code, 400)


def test_what_nobody_has_confirmed_is_not_enforced_but_handed_in(ada: Caller, account: Account) -> None:
    unknown = RegulationFactory.create(country="IE", number_type="voip", end_user_type="business")
    RegulationVersionFactory.create(regulation=unknown)
    bundle = BundleFactory.create(account=account, regulation=unknown, items=[])
    body = asked_for(ada, bundle, "pending-review").json()
    assert body["status"] == "pending-review"
    assert body["numberyard"]["submissions"][0]["faults"] == ["regulation_not_confirmed"]


def test_what_is_not_sold_to_such_customers_cannot_be_submitted(ada: Caller, account: Account) -> None:
    closed = RegulationFactory.create(country="IE", number_type="mobile", end_user_type="individual")
    RegulationVersionFactory.create(regulation=closed)
    bundle = BundleFactory.create(account=account, regulation=closed, items=[])
    answer = asked_for(ada, bundle, "pending-review")
    refused(answer, 20001, 400)
    (result,) = answer.json()["details"]["results"]
    assert result["numberyard"]["reason"] == "end_user_type_not_available"


def test_a_test_bundle_is_rejected_by_itself(ada: Caller, account: Account) -> None:
    bundle = irish_bundle(account, is_test=True)
    body = asked_for(ada, bundle, "pending-review").json()
    assert (body["status"], body["numberyard"]["is_test"]) == ("twilio-rejected", True)


def test_what_is_waiting_can_be_recalled_and_is_a_draft_again(bundle: Bundle, ada: Caller) -> None:
    asked_for(ada, bundle, "pending-review")
    body = asked_for(ada, bundle, "draft").json()
    assert (body["status"], body["numberyard"]["date_review_due"]) == ("draft", None)
    assert SupportingDocument.objects.get().status == DocumentStatus.DRAFT
    assert [event["verb"] for event in body["numberyard"]["history"]] == ["create", "submit", "recall"]


def test_a_recall_leaves_a_paper_that_another_bundle_has_handed_in(ada: Caller, account: Account) -> None:
    end_user, paper = irish_end_user(account), irish_paper(account)
    first, second = (irish_bundle(account, items=[end_user, paper]) for _ in range(2))
    for one in (first, second):
        asked_for(ada, one, "pending-review")
    asked_for(ada, first, "draft")
    assert SupportingDocument.objects.get().status == DocumentStatus.PENDING_REVIEW
    asked_for(ada, second, "draft")
    assert SupportingDocument.objects.get().status == DocumentStatus.DRAFT


def test_a_rejected_bundle_is_mended_and_handed_in_again(ada: Caller, account: Account) -> None:
    bundle = irish_bundle(account, BundleState.REJECTED)
    assert asked_for(ada, bundle, "draft").json()["status"] == "draft"
    assert asked_for(ada, bundle, "pending-review").json()["status"] == "pending-review"


def test_an_end_user_s_verdict_is_told_with_the_decision_and_holds_until_they_change(
    ada: Caller, account: Account
) -> None:
    def told() -> dict[str, Any]:
        row: dict[str, Any] = ada.get(path_of(bundle)).json()["numberyard"]["items"][0]
        return {name: row[name] for name in ("status", "reason", "failure_reason", "how_to_fix")}

    business = irish_end_user(account)
    bundle = irish_bundle(account, items=[business, irish_paper(account)])
    nothing = {"reason": None, "failure_reason": None, "how_to_fix": None}
    assert told() == {"status": "draft", **nothing}
    asked_for(ada, bundle, "pending-review")
    reviewer = UserFactory.create(is_staff=True)
    review.claim(bundle, reviewer)
    end_user, paper = bundle.items.order_by("pk")
    words = {"reason": "name_mismatch", "sentence": "The register has another name.", "fix_hint": "Give that one."}
    review.judge(bundle, end_user, user=reviewer, approved=False, **words)
    assert told() == {"status": "pending-review", **nothing}, "a verdict is the reviewer's own until they decide"
    review.judge(bundle, paper, user=reviewer, approved=True)
    review.decide(bundle, reviewer)
    said = {"reason": "name_mismatch", "failure_reason": words["sentence"], "how_to_fix": words["fix_hint"]}
    assert told() == {"status": "rejected", **said}
    asked_for(ada, bundle, "draft")
    assert told() == {"status": "rejected", **said}
    end_users.change(end_user=business, attributes={**ATTRIBUTES, "last_name": "Burke"})
    assert told() == {"status": "draft", **nothing}
    asked_for(ada, bundle, "pending-review")
    review.claim(bundle, reviewer)
    review.judge(bundle, end_user, user=reviewer, approved=True)
    review.decide(bundle, reviewer)
    assert told() == {"status": "approved", **nothing}


def test_an_end_user_who_was_judged_well_stays_so_in_a_rejected_bundle(ada: Caller, account: Account) -> None:
    bundle = irish_bundle(account)
    asked_for(ada, bundle, "pending-review")
    reviewer = UserFactory.create(is_staff=True)
    review.claim(bundle, reviewer)
    end_user, paper = bundle.items.order_by("pk")
    review.judge(bundle, end_user, user=reviewer, approved=True)
    review.judge(bundle, paper, user=reviewer, approved=False, reason="illegible")
    review.decide(bundle, reviewer)
    for status in (None, "draft", "pending-review"):
        if status:
            asked_for(ada, bundle, status)
        assert ada.get(path_of(bundle)).json()["numberyard"]["items"][0]["status"] == "approved"


def test_what_was_judged_well_is_not_judged_again(ada: Caller, account: Account) -> None:
    good, bad = irish_paper(account), irish_paper(account)
    bundle = irish_bundle(account, BundleState.REJECTED, items=[irish_end_user(account), good, bad])
    papers = SupportingDocument.objects
    papers.filter(pk=good.pk).update(status=DocumentStatus.APPROVED)
    said = {"reason": "illegible", "reason_sentence": "The paper cannot be read.", "fix_hint": "Scan it again."}
    papers.filter(pk=bad.pk).update(status=DocumentStatus.REJECTED, **said)
    told = {item["object_sid"]: item for item in ada.get(path_of(bundle)).json()["numberyard"]["items"]}
    assert (told[bad.sid]["status"], told[bad.sid]["reason"]) == ("rejected", "illegible")
    assert (told[bad.sid]["failure_reason"], told[bad.sid]["how_to_fix"]) == tuple(said.values())[1:]
    asked_for(ada, bundle, "pending-review")
    assert papers.get(pk=good.pk).status == DocumentStatus.APPROVED
    assert (papers.get(pk=bad.pk).status, papers.get(pk=bad.pk).reason) == (DocumentStatus.PENDING_REVIEW, "")


@pytest.mark.parametrize("status", ["pending-review", "draft"])
def test_to_ask_for_the_status_that_it_has_changes_nothing(status: str, bundle: Bundle, ada: Caller) -> None:
    asked_for(ada, bundle, status)
    before = ada.get(path_of(bundle)).json()
    assert asked_for(ada, bundle, status).json() == before


@pytest.mark.parametrize("status", ["in-review", "twilio-approved", "twilio-rejected", "provisionally-approved"])
def test_what_reviewers_decide_customers_cannot_set(status: str, bundle: Bundle, ada: Caller) -> None:
    refused(asked_for(ada, bundle, status), 20403, 403)


def test_a_status_that_there_is_not_is_refused(bundle: Bundle, ada: Caller) -> None:
    refused(asked_for(ada, bundle, "approved"), 22203, 400)


@pytest.mark.parametrize("state", [BundleState.IN_REVIEW, BundleState.PROVISIONALLY_APPROVED, BundleState.APPROVED])
@pytest.mark.parametrize("status", ["draft", "pending-review"])
def test_what_a_reviewer_has_or_approved_goes_nowhere(
    state: BundleState, status: str, ada: Caller, account: Account
) -> None:
    bundle = irish_bundle(account, state)
    refused(asked_for(ada, bundle, status), 20409, 409)
    assert Bundle.objects.get().state == state


@pytest.mark.parametrize("state", [BundleState.DRAFT, BundleState.REJECTED, BundleState.APPROVED])
def test_a_bundle_at_rest_can_be_deleted(
    state: BundleState, ada: Caller, account: Account, held: dict[str, list[str]]
) -> None:
    bundle = irish_bundle(account, state)
    assert ada.delete(path_of(bundle)).status_code == 204
    refused(ada.get(path_of(bundle)), 20404, 404)
    refused(ada.delete(path_of(bundle)), 20404, 404)
    assert ada.get(BUNDLES).json()["results"] == []
    assert Bundle.objects.get().ledger.latest("pk").verb == "delete"


@pytest.mark.parametrize(
    "state", [BundleState.PENDING_REVIEW, BundleState.IN_REVIEW, BundleState.PROVISIONALLY_APPROVED]
)
def test_a_bundle_that_is_being_reviewed_cannot_be_deleted(state: BundleState, ada: Caller, account: Account) -> None:
    refused(ada.delete(path_of(irish_bundle(account, state))), 21647, 400)


def test_a_bundle_with_numbers_cannot_be_deleted(ada: Caller, account: Account, held: dict[str, list[str]]) -> None:
    bundle = irish_bundle(account, BundleState.APPROVED)
    held[bundle.sid] = ["+35315550100"]
    refused(ada.delete(path_of(bundle)), 21648, 400)
    assert ada.get(path_of(bundle)).status_code == 200


def test_staff_are_not_named_to_customers(ada: Caller, account: Account) -> None:
    history = ada.get(path_of(irish_bundle(account, BundleState.REJECTED))).json()["numberyard"]["history"]
    assert {event["actor"] for event in history} == {"reviewer"}


def test_a_refusal_names_the_state_as_the_status_does(ada: Caller, account: Account) -> None:
    path = f"{BUNDLES}/{irish_bundle(account, BundleState.IN_REVIEW).sid}"
    paper = irish_paper(account)
    for answer in (
        ada.delete(path),
        ada.post(path, {"Status": "draft"}),
        ada.post(f"{path}/ItemAssignments", {"ObjectSid": paper.sid}),
    ):
        assert " in-review" in answer.json()["message"]
    assert "not twilio-approved" in ada.post(f"{path}/Copies").json()["message"]
