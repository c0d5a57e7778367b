"""What people read by e-mail, in their language."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from accounts import languages
from accounts.models import Account, Membership, Role, User
from accounts.services.invitations import invite
from compliance.lifecycle import BundleState
from compliance.models import Bundle, ExpiryWarning, Notice, NoticeKind, Regulation
from compliance.services import bundles, notices, review
from compliance.services.letters import TOLD_BY_EMAIL, News, body, subject
from compliance.services.notices import Coming
from inventory.models import WaitlistEntry, WaitlistOffer, WaitlistServing
from inventory.waitlist.letters import letter
from portal.team import letters
from tests.compliance.review import waiting
from tests.factories import NumberFactory, ReservationFactory, UserFactory
from tests.portal.filed.papers import rejected
from tests.portal.languages.reading import untranslated
from tests.portal.languages.walking import DATA

ALLAUTH = (
    *("account_already_exists", "email_confirmation", "email_confirmation_signup", "password_reset_code"),
    "unknown_account",
)


@pytest.fixture
def germany(db: None) -> Regulation:
    return waiting.regulation()


def left_of(*texts: object) -> list[str]:
    return [left for text in texts for left in untranslated(str(text), data=(*DATA, "bundle", "ada@example.com"))]


def test_letters_of_bundles(account: Account, germany: Regulation) -> None:
    bundle = waiting.draft(of=germany, account=account, email="ada@example.com")
    for event in sorted(TOLD_BY_EMAIL):
        with override("de"):
            news = News(event, day="2031-05-04")
            assert left_of(subject(bundle, news), body(bundle, news)) == []


def test_a_letter_speaks_the_language_of_its_reader_and_a_program_hears_english(
    account: Account, germany: Regulation, ada_herself: User
) -> None:
    languages.remember(ada_herself, "de")
    bundle = waiting.draft(
        of=germany, account=account, email="Ada@example.com", status_callback="https://example.com/news"
    )
    rejected(waiting.submitted(bundle), UserFactory.create(is_staff=True), "commercial_registrar_excerpt")
    told = Notice.objects.filter(bundle=bundle, event="rejected")
    letter_to_her = told.get(kind=NoticeKind.EMAIL).payload
    assert letter_to_her
    assert left_of(letter_to_her["subject"], letter_to_her["body"]) == []
    heard = told.get(kind=NoticeKind.CALLBACK).payload
    assert heard
    assert heard["told"]["reason"].startswith("Extract from the commercial register")


def test_strangers_are_written_to_in_english(account: Account, germany: Regulation) -> None:
    bundle = waiting.submitted(waiting.draft(of=germany, account=account, email="papers@example.com"))
    with override("de"):
        review.claim(bundle, UserFactory.create(is_staff=True))
        notices.tell([Coming(bundle, timezone.now().date())], "regulation_changed")
    assert Notice.objects.latest("pk").payload["subject"].startswith("The rules have changed for your papers")
    assert languages.of_letters_to("x@example.com", "") == dict.fromkeys(("x@example.com", ""), settings.LANGUAGE_CODE)


def test_what_is_kept_of_a_check_is_english(account: Account, ada_herself: User) -> None:
    regulation = waiting.regulation(enforced=True, mode="manual")
    bundle: Bundle = waiting.draft(of=regulation, account=account)
    with override("de"):
        handed_in = bundles.submit(bundle, actor="account:AC")
    assert handed_in.state == BundleState.PENDING_REVIEW
    kept = handed_in.evaluations.latest("pk")
    assert "⟦" not in str(kept.results) + str(kept.flags)
    assert "⟦" not in str(list(handed_in.ledger.values()))
    assert ExpiryWarning.objects.count() == 0


def test_the_letter_of_the_waitlist(account: Account) -> None:
    entry = WaitlistEntry.objects.create(
        account=account, country="US", number_type="local", area_code="415", locality="Oakland", contains="taxi",
        capabilities=3, quantity=2, served=1, mode="notify", expires_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    for basket in (None, ReservationFactory.create(account=account)):
        serving = WaitlistServing.objects.create(entry=entry, reservation=basket)
        WaitlistOffer.objects.create(serving=serving, number=NumberFactory.create())
        with override("de"):
            written = letter(serving)
        assert left_of(written.subject, written.body) == []


def test_an_invitation(account: Account, ada_herself: User) -> None:
    with override("de"):
        letters.send(invite(account=account, email="grace@example.com", role=Role.VIEWER, invited_by=ada_herself))
    assert left_of(mail.outbox[-1].subject, str(mail.outbox[-1].body)) == []


@pytest.mark.parametrize("name", ALLAUTH)
def test_letters_of_the_entrance(name: str) -> None:
    about = {"code": "ABCD-EFGH", "email": "ada@example.com", "signup_url": "https://example.com/sign-up"}
    with override("de"):
        for part in ("subject", "message"):
            said = get_template(f"account/email/{name}_{part}.txt").render(about)
            assert left_of(said.replace("ABCD-EFGH", "")) == []


def test_the_language_is_remembered_where_it_is_chosen_and_where_one_signs_in(
    ada: Client, ada_herself: User, client: Client
) -> None:
    ada.post("/language", {"language": "de", "next": "/"})
    ada_herself.refresh_from_db()
    assert ada_herself.language == "de"
    ada.post("/language", {"language": "xx", "next": "/"})
    ada_herself.refresh_from_db()
    assert ada_herself.language == "de"
    ada_herself.vouch_for_address()
    spoken = {"Accept-Language": "en-gb"}
    client.post("/sign-in", {"login": ada_herself.email, "password": "password"}, headers=spoken)
    ada_herself.refresh_from_db()
    assert ada_herself.language == "en-gb"
    assert Membership.objects.filter(user=ada_herself).exists()
