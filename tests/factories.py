"""Rows for tests: `NumberFactory()` is a US local number on sale; traits put it elsewhere in its life.

Accounts are opened through the service, so `account.auth_token` signs real requests.
"""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory
from psycopg.types.range import TimestamptzRange

from accounts.models import Account, User
from accounts.services import credentials
from inventory.lifecycle import State
from inventory.models import Assignment, Did, Hold, PhoneNumber, Provider, Reservation
from numbering.areas import area_code
from numbering.e164 import E164
from numbering.types import ALL_CAPABILITIES, NumberType

FIRST_NUMBER = 14_155_550_000


class AccountFactory(DjangoModelFactory[Account]):
    """An active account with a readable auth token."""

    class Meta:
        model = Account

    friendly_name = factory.Sequence(lambda n: f"Customer {n}")

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

    email = factory.Sequence(lambda n: f"person{n}@example.com")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        return User.objects.create_user(**{"password": "password", **fields})


class ProviderFactory(DjangoModelFactory[Provider]):
    """A carrier of the sandbox."""

    class Meta:
        model = Provider

    slug = factory.Sequence(lambda n: f"carrier-{n}")
    name = factory.LazyAttribute(lambda provider: provider.slug.title())
    adapter = "sandbox"


class NumberFactory(DjangoModelFactory[PhoneNumber]):
    """On sale, San Francisco, everything it can carry; both papers current."""

    class Meta:
        model = PhoneNumber

    class Params:
        sourced = factory.Trait(state=State.SOURCED, passport_expires_at=None, cleared_at=None)
        testing = factory.Trait(state=State.TESTING, passport_expires_at=None, cleared_at=None)
        quarantined = factory.Trait(state=State.QUARANTINED, cleared_at=None)
        failed = factory.Trait(state=State.FAILED, passport_expires_at=None, cleared_at=None)

    e164 = factory.Sequence(lambda n: FIRST_NUMBER + n)
    country = factory.LazyAttribute(lambda number: E164(number.e164).country or "US")
    number_type = NumberType.LOCAL
    area_code = factory.LazyAttribute(lambda number: area_code(E164(number.e164)))
    declared_capabilities = int(ALL_CAPABILITIES)
    capabilities = int(ALL_CAPABILITIES)
    state = State.AVAILABLE
    passport_expires_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=30))
    cleared_at = factory.LazyFunction(timezone.now)


class ReservationFactory(DjangoModelFactory[Reservation]):
    """A basket that runs out in fifteen minutes; put numbers in it with `HoldFactory`."""

    class Meta:
        model = Reservation

    account = factory.SubFactory(AccountFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(minutes=15))


class HoldFactory(DjangoModelFactory[Hold]):
    """A reserved number in a basket of its own."""

    class Meta:
        model = Hold

    reservation = factory.SubFactory(ReservationFactory)
    number = factory.SubFactory(
        NumberFactory,
        state=State.RESERVED,
        holder=factory.SelfAttribute("..reservation.account"),
        due_at=factory.SelfAttribute("..reservation.expires_at"),
    )


class DidFactory(DjangoModelFactory[Did]):
    """A number in service for an account, with its open assignment."""

    class Meta:
        model = Did
        skip_postgeneration_save = True

    account = factory.SubFactory(AccountFactory)
    number = factory.SubFactory(NumberFactory, state=State.IN_SERVICE, holder=factory.SelfAttribute("..account"))
    friendly_name = factory.LazyAttribute(lambda did: E164(did.number.e164).national_format)

    @factory.post_generation
    def assignment(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Open since an hour ago."""
        Assignment.objects.create(
            number=self.number,
            account=self.account,
            did=self,
            valid=TimestamptzRange(timezone.now() - dt.timedelta(hours=1), None),
        )
