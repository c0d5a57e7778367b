"""Keys are changed while customers write, change, look for and read their papers."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import Account
from accounts.services import rotation
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle, EndUser
from tests.factories import AccountFactory, AddressFactory, BundleFactory, DocumentFactory, EndUserFactory, UserFactory
from tests.patience import eventually

pytestmark = pytest.mark.django_db(transaction=True)


class Customer(threading.Thread):
    """Writes an address, an end user and a document, changes the end user, finds all of theirs again."""

    def __init__(self, account: Account, over: threading.Event) -> None:
        super().__init__(name=account.sid)
        self.account, self.over = account, over
        self.turns = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self._turn()
                self.turns += 1
        except BaseException as failure:  # noqa: BLE001 - told to the test
            self.failure = failure
        finally:
            connection.close()

    def _turn(self) -> None:
        owner, number = {"account": self.account}, str(self.turns)
        address = AddressFactory.create(customer_name=self.account.sid, street=number, **owner)
        end_user = EndUserFactory.create(attributes={"last_name": number}, **owner)
        DocumentFactory.create(addresses=[address], attributes={"document_number": number}, **owner)
        end_user.attributes = {"last_name": number, "changed": "yes"}
        end_user.revision += 1
        end_user.save(update_fields=["attributes", "revision"])
        self.check()

    def check(self) -> None:
        """Each of the addresses is found by name, and says what it said; no change is lost."""
        found = Address.objects.of(self.account).named("customer_name", self.account.sid)
        assert Counter(row.street for row in found) == Counter(str(turn) for turn in range(found.count()))
        last = EndUser.objects.filter(account=self.account).latest("pk")
        assert last.attributes["changed"] == "yes"


@pytest.fixture
def customers() -> Iterator[list[Customer]]:
    over = threading.Event()
    crowd = [Customer(AccountFactory.create(), over) for _ in range(3)]
    for customer in crowd:
        customer.start()
    yield crowd
    ended(crowd)


def ended(customers: list[Customer]) -> None:
    """Each has ended its turn."""
    for customer in customers:
        customer.over.set()
        customer.join()


def a_turn_of_each(customers: list[Customer]) -> None:
    """What was begun under the keys of before is over: each has begun and ended another turn."""
    before = [customer.turns for customer in customers]
    eventually(
        lambda: (
            any(each.failure for each in customers)
            or all(each.turns >= turns + 2 for each, turns in zip(customers, before, strict=True))
        )
    )


def test_two_rotations_under_load_lose_nothing_and_leave_no_old_key_in_use(
    customers: list[Customer], settings: Settings
) -> None:
    approved = BundleFactory.create(state=BundleState.APPROVED, friendly_name="Papers", email="a@example.com")
    first, second, third = settings.FIELD_ENCRYPTION_KEYS[0], *(Fernet.generate_key().decode() for _ in range(2))
    a_turn_of_each(customers)
    for newest, old in ((second, first), (third, second)):
        settings.FIELD_ENCRYPTION_KEYS = [newest, old]
        a_turn_of_each(customers)
        call_command("rotate_encryption")
        assert rotation.left_behind() == 0
        settings.FIELD_ENCRYPTION_KEYS = [newest]
        a_turn_of_each(customers)
    ended(customers)
    assert [customer.failure for customer in customers] == [None] * 3
    for customer in customers:
        customer.check()
    assert Bundle.objects.named("Papers").get().email == approved.email, "an approved bundle and its items rotate too"


def test_a_value_that_needs_an_old_key_is_counted(settings: Settings) -> None:
    EndUserFactory.create()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    with pytest.raises(CommandError, match="values still need an old key"):
        call_command("rotate_encryption", check=True)
    call_command("rotate_encryption")
    call_command("rotate_encryption", check=True)


def test_secrets_of_second_factors_move_to_the_new_key_too(settings: Settings) -> None:
    user, old = UserFactory.create(), settings.FIELD_ENCRYPTION_KEYS
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user).generate_codes()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *old]
    assert rotation.left_behind() == 2
    assert rotation.rotate() == 2
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    assert rotation.left_behind() == 0
    factors = {each.type: each for each in Authenticator.objects.filter(user=user)}
    assert decrypt(factors["totp"].data["secret"]) == secret
    assert factors["recovery_codes"].wrap().generate_codes() == codes
