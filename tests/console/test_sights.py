"""Opening a paper outside a review takes two people, where the policy says so: one asks, another one lets them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from compliance.models import Bundle, DecryptGrant, DocumentView, ReviewPolicy, SightReason, SightRequest
from compliance.refusals import AlreadyDecided, OwnDocument, OwnRequest
from compliance.services import grants, review, sights
from numbering.recent import forget_everything
from tests.console.test_paper_file import handed_in, look, paper_of
from tests.factories import UserFactory

CASE = {"reason": "authority", "note": "case 17"}


def person(email: str) -> User:
    user: User = UserFactory.create(email=email, is_staff=True)
    names = ("review_bundle", "grant_sight", "view_sightrequest")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def rosa(db: None) -> User:
    forget_everything()
    return person("rosa@example.com")


@pytest.fixture
def sam(db: None) -> User:
    return person("sam@example.com")


@pytest.fixture
def bundle(rosa: User) -> Bundle:
    """Waits for review, in a country whose policy wants two."""
    made = handed_in()
    country, today = made.regulation.country, timezone.now().date()
    ReviewPolicy.objects.create(country=country, sight_four_eyes=True, valid_from=today, set_by="user:ops")
    return made


def do(request: SightRequest, verb: str) -> str:
    return f"/console/compliance/sightrequest/{request.pk}/do/{verb}/"


def test_nothing_is_opened_before_a_second_person_lets_it(bundle: Bundle, rosa: User, sam: User) -> None:
    asked = look(client_of(rosa), bundle, **CASE)
    assert asked.status_code == 409
    assert "a second person must let you open it" in asked.content.decode()
    assert not DecryptGrant.objects.exists()
    request = SightRequest.objects.get()
    assert (request.asked_by, request.reason, request.note) == (rosa, "authority", "case 17")
    client_of(sam).post(do(request, "grant"), {"reason": "I saw the letter"})
    assert look(client_of(rosa), bundle, **CASE).status_code == 200
    view = DocumentView.objects.get()
    assert (view.user, view.grant.takes_two, view.grant.request) == (rosa, True, request)


def test_who_asks_does_not_let_themselves(bundle: Bundle, rosa: User) -> None:
    request = sights.ask(paper_of(bundle), rosa, SightReason.AUTHORITY, "case 17")
    answer = client_of(rosa).post(do(request, "grant"), {"reason": "trust me"}, follow=True)
    assert "You asked for it yourself" in answer.content.decode()
    with pytest.raises(OwnRequest):
        sights.decide(request, user=rosa, grants=True)


def test_a_refusal_opens_nothing_and_stands(bundle: Bundle, rosa: User, sam: User) -> None:
    look(client_of(rosa), bundle, **CASE)
    request = SightRequest.objects.get()
    client_of(sam).post(do(request, "refuse"), {"reason": "no letter"})
    assert look(client_of(rosa), bundle, **CASE).status_code == 409
    with pytest.raises(AlreadyDecided):
        sights.decide(request, user=sam, grants=True)
    assert SightRequest.objects.count() == 2  # she asked again


def test_who_belongs_to_the_account_lets_nobody(bundle: Bundle, rosa: User, sam: User) -> None:
    request = sights.ask(paper_of(bundle), rosa, SightReason.AUTHORITY, "case 17")
    Membership.objects.create(user=sam, account=bundle.account)
    with pytest.raises(OwnDocument):
        sights.decide(request, user=sam, grants=True)


def test_a_leave_is_for_one_reason_and_a_day(bundle: Bundle, rosa: User, sam: User) -> None:
    request = sights.ask(paper_of(bundle), rosa, SightReason.AUTHORITY, "case 17")
    sights.decide(request, user=sam, grants=True)
    assert look(client_of(rosa), bundle, reason="incident", note="case 17").status_code == 409
    long_ago = timezone.now() - sights.GOOD_FOR - timedelta(minutes=1)
    old = SightRequest.objects.create(
        document=paper_of(bundle),
        asked_by=rosa,
        reason="customer",
        note="case 18",
        granted=True,
        decided_by=sam,
        decided_at=long_ago,
    )
    assert sights.granted(old.document, rosa, SightReason.CUSTOMER) is None


def test_a_review_and_a_country_without_that_policy_take_one(bundle: Bundle, rosa: User) -> None:
    assert look(client_of(rosa), review.claim(bundle, rosa)).status_code == 200
    ReviewPolicy.objects.create(country=bundle.regulation.country, valid_from=timezone.now().date(), set_by="user:ops")
    assert look(client_of(rosa), bundle, **CASE).status_code == 200


def test_the_database_takes_no_leave_of_another_person_paper_or_reason(bundle: Bundle, rosa: User, sam: User) -> None:
    paper = paper_of(bundle)
    request = sights.ask(paper, rosa, SightReason.AUTHORITY, "case 17")
    for user, reason in ((rosa, "authority"), (sam, "authority"), (rosa, "incident")):
        with pytest.raises(IntegrityError), transaction.atomic():  # nobody let them yet; then: another's, another
            grants.open_document(paper, user, SightReason(reason), "case 17", takes_two=True, let=request)
        if request.decided_at is None:
            request = sights.decide(request, user=sam, grants=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        grants.open_document(paper, rosa, SightReason.AUTHORITY, "case 17", takes_two=True)
    grants.open_document(paper, rosa, SightReason.AUTHORITY, "case 17", takes_two=True, let=request)
