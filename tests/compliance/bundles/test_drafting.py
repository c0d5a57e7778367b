"""A draft that is written page by page: what is pressed twice happens once, and what others rest on stays."""

from functools import partial

import pytest

from accounts.models import Account
from compliance.evaluation.case import Party
from compliance.evaluation.identifiers import described
from compliance.models import Bundle, DocumentStatus, EndUser, Evaluation, SupportingDocument
from compliance.refusals import OtherCountry
from compliance.rulebook.rules import IdentifierCheck
from compliance.services import bundles, drafting, evaluations
from tests.api.test_races import at_once
from tests.factories import AccountFactory, AddressFactory, BundleFactory, DocumentFactory, RegulationFactory, loaded
from tests.portal.papers_world import BERLINS_NUMBER, COMPANY, berlin

NAME, ADDRESS, REGISTER = "business_name_info", "business_address_proof_info", "business_reg_no_info"
EXCERPT = "commercial_registrar_excerpt"
SETTINGS = {"friendly_name": "Papers", "email": "a@b.de"}


def begin(account: Account) -> str:
    regulation = RegulationFactory.create()
    return drafting.begin(account=account, regulation=regulation, settings=SETTINGS, actor="account:test").sid


@pytest.fixture
def german(db: None) -> Bundle:
    loaded("DE")
    bundle: Bundle = BundleFactory.create(items=[])
    return bundle


@pytest.mark.django_db(transaction=True)
def test_pressed_at_once_each_verb_leaves_what_one_would() -> None:
    loaded("DE")
    account = AccountFactory.create()
    (sid,) = set(at_once([partial(begin, account)] * 3))
    bundle = Bundle.objects.get(sid=sid)
    at_once([partial(tell_one, bundle)] * 3)
    assert EndUser.objects.count() == 1
    at_once([partial(give_one, bundle)] * 3)
    assert SupportingDocument.objects.filter(deleted_at=None).count() == 1
    assert bundle.items.filter(ended_at=None, document__isnull=False).count() == 1


def tell_one(bundle: Bundle) -> str:
    return drafting.set_end_user(bundle=bundle, attributes=COMPANY).sid


def give_one(bundle: Bundle) -> str:
    return drafting.give(bundle=bundle, requirement_name=NAME, type=EXCERPT, attributes={"business_name": "M"}).sid


def test_a_look_finds_what_an_evaluation_finds_and_keeps_nothing(german: Bundle) -> None:
    drafting.set_end_user(bundle=german, attributes={**COMPANY, "email": "nobody"})
    found = evaluations.look(german)
    assert not Evaluation.objects.exists()
    kept = evaluations.run(german)
    assert kept.compliant is found.outcome.compliant is False
    assert [each["requirement_name"] for each in kept.results] == [
        each.requirement_name for each in found.outcome.results
    ]
    better = evaluations.look(german, instead=Party("business", COMPANY)).outcome.results[0]
    assert better.passed
    assert not evaluations.look(german).outcome.results[0].passed


def test_the_number_that_a_bundle_is_for_counts_when_it_is_evaluated(german: Bundle) -> None:
    berlin()
    bundles.change(bundle=german, settings={"for_number": BERLINS_NUMBER}, actor="account:test")
    german.refresh_from_db()
    area = evaluations.look(german).case.area
    assert area is not None
    assert area.localities == ("Berlin",)
    with pytest.raises(OtherCountry):
        bundles.change(bundle=german, settings={"for_number": 442079460000}, actor="account:test")


def test_a_paper_that_was_judged_well_keeps_the_address_it_shows(german: Bundle) -> None:
    old, new = (AddressFactory.create(account=german.account, street=street) for street in ("Old 1", "New 2"))
    judged = DocumentFactory.create(
        account=german.account, type=EXCERPT, addresses=[old], status=DocumentStatus.APPROVED
    )
    drafting.put(bundle=german, requirement_name=ADDRESS, document=judged)
    drafting.place(bundle=german, address=new, papers={ADDRESS: judged})
    judged.refresh_from_db()
    assert judged.attributes["address_sids"] == [old.sid]
    drafting.take_out(bundle=german, requirement_name=ADDRESS)
    judged.refresh_from_db()
    assert judged.deleted_at is None
    drafting.place(bundle=german, address=new, papers={ADDRESS: None})
    begun = drafting.held_for(german, ADDRESS)
    assert begun is not None
    assert begun.document is not None
    assert begun.document.attributes == {"address_sids": [new.sid]}
    drafting.take_out(bundle=german, requirement_name=ADDRESS)
    begun.document.refresh_from_db()
    assert begun.document.deleted_at is not None, "a draft that nothing holds"


def test_identifiers_are_called_by_their_names_with_an_example_that_holds() -> None:
    check = IdentifierCheck(("stdnum.fr.siren", "stdnum.de.vat"), hard=True)
    assert described(check) == [("SIREN", "404833048"), ("Ust ID Nr", "DE136695976")]
