"""What may be tried only so often: each limit counts by what nobody can choose, and says when to come back."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from allauth.account import app_settings as account
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from redis import RedisError

from accounts.models import Invitation
from accounts.services import invitations
from config.settings import base
from tests.compliance.vault.pictures import png
from tests.factories import UserFactory
from tests.security.world import World, browser

pytestmark = pytest.mark.django_db
SEARCH = {"country": "US", "type": "local"}


def network() -> str:
    """An address that no other test comes from (RFC 4193)."""
    text = uuid4().hex
    return f"fd{text[:2]}:{text[2:6]}:{text[6:10]}:{text[10:14]}::1"


def searched(client: Client, **how: str) -> int:
    return client.get("/find", SEARCH, **how).status_code  # type: ignore[arg-type]  # of the WSGI environment


def test_strangers_search_so_often_from_one_network(settings: Settings) -> None:
    settings.PORTAL_RATE_LIMITS = {"search": "2/m"}
    here, there = network(), network()
    neighbour = here.removesuffix("1") + "2"  # of the same /64: somebody who has one has all of it
    assert [searched(Client(), REMOTE_ADDR=each) for each in (here, neighbour, here, there)] == [200, 200, 429, 200]
    refused = Client().get("/find", SEARCH, REMOTE_ADDR=here)
    assert refused["Retry-After"] == "60"
    assert "Wait 1 minute, then try again" in refused.content.decode()


def test_customers_search_so_often_wherever_they_are(settings: Settings) -> None:
    settings.PORTAL_RATE_LIMITS = {"search": "2/m"}
    user, client = UserFactory.create(email=f"{uuid4()}@example.com"), Client()
    client.force_login(user)
    codes = [searched(client, REMOTE_ADDR=network()) for _ in range(3)]
    assert codes[2] == 429
    assert 429 not in codes[:2]


@pytest.mark.parametrize("proxies", [0, 1], ids=["no proxy", "a proxy"])
def test_what_a_client_says_of_itself_counts_for_nothing(settings: Settings, proxies: int) -> None:
    settings.PORTAL_RATE_LIMITS, settings.ALLAUTH_TRUSTED_PROXY_COUNT = {"search": "1/m"}, proxies
    real = network()
    said = [f"{network()}, {real}" if proxies else network() for _ in range(3)]
    codes = [
        Client().get("/find", SEARCH, headers={"X-Forwarded-For": each}, REMOTE_ADDR=real).status_code for each in said
    ]
    assert codes == [200, 429, 429]


def test_without_redis_everybody_may_search(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PORTAL_RATE_LIMITS = {"search": "1/m"}

    def away(*args: object, **options: object) -> bool:
        raise RedisError

    monkeypatch.setattr(cache, "add", away)
    assert [searched(Client(), REMOTE_ADDR="192.0.2.1") for _ in range(2)] == [200, 200]


def test_a_person_uploads_so_many_files_an_hour(settings: Settings, world: World) -> None:
    settings.PORTAL_RATE_LIMITS = {"upload": "1/h"}
    path = f"/papers/{world.hers['<bundle_sid:sid>']}/documents/business_address_info"
    ada, codes = browser(world.ada), []
    for _ in range(2):
        scan = SimpleUploadedFile("scan.png", png(), content_type="image/png")
        codes.append(ada.post(path, {"type": "business_address", "File": scan}))
    assert (codes[0].status_code, codes[1].status_code, codes[1]["Retry-After"]) == (302, 429, "3600")


def test_an_account_sends_so_many_invitations_a_day_whatever_it_takes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_A_DAY", 3)
    ada = browser(world.ada)
    for _ in range(2):
        assert ada.post("/team/invite", {"email": "victim@example.com", "role": "viewer"}).status_code == 302
        ada.post(f"/team/invitations/{Invitation.objects.latest('pk').pk}/revoke")
    refused = ada.post("/team/invite", {"email": "victim@example.com", "role": "viewer"})
    assert refused.status_code == 409
    first = Invitation.objects.filter(account=world.ada).earliest("pk").created_at + timedelta(days=1)
    assert f"invite the next one after {first:%H:%M} UTC" in refused.content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        again = browser(world.ada).post("/team/invite", {"email": "victim@example.com", "role": "viewer"})
    assert again.status_code == 302


def test_every_door_where_one_may_guess_or_cause_letters_has_a_limit(settings: Settings) -> None:
    """Those of the deployment; the suite's are off."""
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS
    rates = account.RATE_LIMITS
    for name in ("login", "login_failed", "signup", "reset_password", "reset_password_from_key", "reauthenticate"):
        assert rates[name], name
    for name in ("change_password", "manage_email", "confirm_email"):
        assert rates[name], name
    assert "/ip" in rates["signup"]
    assert "/key" in rates["reset_password"]
    assert set(base.PORTAL_RATE_LIMITS) == {"search", "upload"}


@pytest.mark.parametrize("path", ["/sign-in", "/account/forgotten"])
def test_the_page_of_a_limit_says_when_to_come_back(settings: Settings, path: str) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip", "reset_password": "1/m/ip"}
    here, form = network(), {"login": "x@example.com", "email": "x@example.com", "password": "x"}
    answers = [Client(REMOTE_ADDR=here).post(path, form) for _ in range(2)]
    assert answers[1].status_code == 429
    assert "Wait a few minutes" in answers[1].content.decode()


def test_a_mailbox_gets_so_many_letters_an_hour_from_wherever_they_are_asked_for(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "5/h/key"}
    form = {"email": f"{uuid4()}@example.com"}
    codes = [Client(REMOTE_ADDR=network()).post("/account/forgotten", form).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]
