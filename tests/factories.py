"""Rows for tests: `NumberFactory()` is a US local number on sale; traits put it elsewhere in its life.

Accounts are opened through the service, so `account.auth_token` signs real requests.
"""

# mypy: disable-error-code="no-untyped-call, untyped-decorator, misc"
# factory_boy 3.3 types its factories but not its declarations.

import datetime as dt
from contextlib import AbstractContextManager
from typing import Any

import pgtrigger
from django.db import transaction
from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory
from factory.helpers import post_generation
from psycopg.types.range import TimestamptzRange

from accounts.models import Account, User
from accounts.services import credentials
from inventory.lifecycle import CLOCKED, State
from inventory.models import Assignment, Did, Hold, PhoneNumber, Provider, Reservation
from inventory.models.phone_number import BIRTH
from numbering.areas import area_code
from numbering.e164 import E164
from numbering.types import ALL_CAPABILITIES, NumberType

FIRST_NUMBER = 14_154_440_000  # away from the +1415555.... that tests write out


class AccountFactory(DjangoModelFactory[Account]):
    """An active account with a readable auth token."""

    class Meta:
        model = Account

    friendly_name = Sequence(lambda n: f"Customer {n}")

    @classmethod
    def _create(cls, model_class: type[Account], *args: Any, **fields: Any) -> Account:
        status = fields.pop("status", None)
        account = credentials.open_account(**fields)
        if status:
            account.status = status
            account.save(update_fields=["status"])
        return account


class UserFactory(DjangoModelFactory[User]):
    """A person with the password "password"."""

    class Meta:
        model = User

    email = Sequence(lambda n: f"person{n}@example.com")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        return User.objects.create_user(**{"password": "password", **fields})


class ProviderFactory(DjangoModelFactory[Provider]):
    """A carrier of the sandbox."""

    class Meta:
        model = Provider

    slug = Sequence(lambda n: f"carrier-{n}")
    name = LazyAttribute(lambda provider: provider.slug.title())
    adapter = "sandbox"
    emergency_tests = True


def anywhere_in_life() -> AbstractContextManager[None]:
    """Numbers may be made in any state meanwhile, without the moves that lead there."""
    return pgtrigger.ignore(f"inventory.PhoneNumber:{BIRTH.name}")


class NumberFactory(DjangoModelFactory[PhoneNumber]):
    """On sale, San Francisco, everything it can carry; both papers current."""

    class Meta:
        model = PhoneNumber

    class Params:
        sourced = Trait(state=State.SOURCED, passport_expires_at=None, cleared_at=None)
        testing = Trait(state=State.TESTING, passport_expires_at=None, cleared_at=None)
        quarantined = Trait(state=State.QUARANTINED, cleared_at=None)
        failed = Trait(state=State.FAILED, passport_expires_at=None, cleared_at=None)

    @classmethod
    def _create(cls, model_class: type[PhoneNumber], *args: Any, **fields: Any) -> PhoneNumber:
        with anywhere_in_life():
            number: PhoneNumber = super()._create(model_class, *args, **fields)
        return number

    e164 = Sequence(lambda n: FIRST_NUMBER + n)
    country = LazyAttribute(lambda number: E164(number.e164).country or "US")
    number_type = NumberType.LOCAL
    area_code = LazyAttribute(lambda number: area_code(E164(number.e164)))
    declared_capabilities = int(ALL_CAPABILITIES)
    capabilities = int(ALL_CAPABILITIES)
    state = State.AVAILABLE
    passport_expires_at = LazyFunction(lambda: timezone.now() + dt.timedelta(days=30))
    cleared_at = LazyFunction(timezone.now)
    due_at = LazyAttribute(lambda number: timezone.now() + dt.timedelta(days=27) if number.state in CLOCKED else None)


class ReservationFactory(DjangoModelFactory[Reservation]):
    """A basket that runs out in fifteen minutes; put numbers in it with `HoldFactory`."""

    class Meta:
        model = Reservation

    account = SubFactory(AccountFactory)
    expires_at = LazyFunction(lambda: timezone.now() + dt.timedelta(minutes=15))


class HoldFactory(DjangoModelFactory[Hold]):
    """A reserved number in a basket of its own."""

    class Meta:
        model = Hold

    reservation = SubFactory(ReservationFactory)
    number = SubFactory(
        NumberFactory,
        state=State.RESERVED,
        holder=SelfAttribute("..reservation.account"),
        due_at=SelfAttribute("..reservation.expires_at"),
    )


class DidFactory(DjangoModelFactory[Did]):
    """A number in service for an account, with its open assignment."""

    class Meta:
        model = Did
        skip_postgeneration_save = True

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Did:
        """In one transaction, as a purchase does it: at its commit the claims on the number must be complete."""
        with transaction.atomic():
            did: Did = super()._generate(strategy, params)
        return did

    account = SubFactory(AccountFactory)
    number = SubFactory(NumberFactory, state=State.IN_SERVICE, holder=SelfAttribute("..account"))
    friendly_name = LazyAttribute(lambda did: E164(did.number.e164).national_format)

    @post_generation
    def assignment(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Open since an hour ago."""
        Assignment.objects.create(
            number=self.number,
            account=self.account,
            did=self,
            valid=TimestamptzRange(timezone.now() - dt.timedelta(hours=1), None),
        )
