"""Rows for tests: `NumberFactory()` is a US local number on sale; traits put it elsewhere in its life.

Accounts are opened through the service, so `account.auth_token` signs real requests.
"""

# mypy: disable-error-code="no-untyped-call, untyped-decorator, misc"
# factory_boy 3.3 types its factories but not its declarations.

import datetime as dt
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
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
from compliance.lifecycle import BundleState
from compliance.models import (
    Address,
    Bundle,
    EndUser,
    EndUserType,
    ItemAssignment,
    NumberTypeRule,
    Regulation,
    RegulationVersion,
    Rulebook,
    SupportingDocument,
)
from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.described import sid_of
from compliance.services import rulebooks, transition
from inventory.lifecycle import CLOCKED, State
from inventory.models import Allocation, Assignment, Did, Hold, PhoneNumber, Provider, Reservation
from inventory.models.phone_number import BIRTH
from numbering.areas import area_code
from numbering.e164 import E164
from numbering.types import ALL_CAPABILITIES, NumberType

FIRST_NUMBER = 14_154_440_000  # away from the +1415555.... that tests write out
FIRST_OWN_NUMBER = 14_156_660_000  # in ranges of ours


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


class AllocationFactory(DjangoModelFactory[Allocation]):
    """A thousands block in San Francisco, allocated to us; the next one lies beside it."""

    class Meta:
        model = Allocation

    provider = SubFactory(ProviderFactory, adapter="own_blocks", emergency_tests=False)
    country = "US"
    number_type = NumberType.LOCAL
    first = Sequence(lambda n: FIRST_OWN_NUMBER + 1_000 * n)
    size = 1_000
    holder = "Numberyard, OCN 999Z"
    source = "NANPA Part 3, 2025-12-01"
    allocated_on = dt.date(2025, 12, 1)
    capabilities = int(ALL_CAPABILITIES)
    monthly_cost = "0.0200"


def anywhere_in_life() -> AbstractContextManager[None]:
    """Numbers may be made in any state meanwhile, without the moves that lead there."""
    return pgtrigger.ignore(f"inventory.PhoneNumber:{BIRTH.name}")


def freely_assigned(country: str, number_type: str) -> None:
    """The rule, older than any file's, that nobody has to give papers for such numbers."""
    rule = {"address_requirement": "none", "confidence": "documented", "enforced": True, "needs_bundle": False}
    NumberTypeRule.objects.get_or_create(
        country=country, number_type=number_type, valid_from=dt.date(1970, 1, 1), defaults=rule
    )


class NumberFactory(DjangoModelFactory[PhoneNumber]):
    """On sale, San Francisco, everything it can carry; both papers current. Its kind asks for no papers, unless the
    test has `loaded` the rules of its country."""

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
        freely_assigned(number.country, number.number_type)
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
        """In one transaction, as a purchase does it: at its commit the claims on the number must be complete.

        Its papers are those that the test gives, good enough or not: rules may have changed since it was bought.
        """
        with transaction.atomic(), pgtrigger.ignore("inventory.Did:lawful"):
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


def loaded(*countries: str) -> None:
    """Put the countries' own files in force, as `load_regulations` does with all of them."""
    with TemporaryDirectory() as folder:
        for country in countries:
            shutil.copy(COUNTRY_FILES / f"{country.lower()}.yaml", folder)
        rulebooks.load(Path(folder))


def _in_force(country: str) -> Rulebook:
    books = Rulebook.objects.filter(country=country, effective_from__isnull=False)
    if not books.exists():
        loaded(country)
    return books.latest("effective_from", "version")


class RegulationFactory(DjangoModelFactory[Regulation]):
    """What a business gives for a German local number; always the same row for the same three columns."""

    class Meta:
        model = Regulation
        django_get_or_create = ("country", "number_type", "end_user_type")

    country = "DE"
    number_type = NumberType.LOCAL
    end_user_type = EndUserType.BUSINESS
    sid = LazyAttribute(lambda row: sid_of(row.country, row.number_type, row.end_user_type))


class RegulationVersionFactory(DjangoModelFactory[RegulationVersion]):
    """A regulation as the rules in force have it (the country's file, if nobody loaded any)."""

    class Meta:
        model = RegulationVersion
        django_get_or_create = ("regulation", "rulebook")

    regulation = SubFactory(RegulationFactory)
    rulebook = LazyAttribute(lambda row: _in_force(row.regulation.country))
    fingerprint = "0" * 64


class AddressFactory(DjangoModelFactory[Address]):
    """A business address in Berlin."""

    class Meta:
        model = Address

    account = SubFactory(AccountFactory)
    customer_name = Sequence(lambda n: f"Musterfirma {n} GmbH")
    friendly_name = "Head office"
    street = "Unter den Linden 77"
    city = "Berlin"
    postal_code = "10117"
    iso_country = "DE"
    validated = True


class EndUserFactory(DjangoModelFactory[EndUser]):
    """A business with what most countries ask of one."""

    class Meta:
        model = EndUser

    account = SubFactory(AccountFactory)
    type = EndUserType.BUSINESS
    friendly_name = Sequence(lambda n: f"Musterfirma {n}")
    attributes = LazyFunction(
        lambda: {
            "business_name": "Musterfirma GmbH",
            "business_registration_number": "HRB 86891",
            "business_website": "https://musterfirma.example",
            "first_name": "Erika",
            "last_name": "Mustermann",
            "email": "erika@musterfirma.example",
        }
    )


class DocumentFactory(DjangoModelFactory[SupportingDocument]):
    """A business address without a file, at the `addresses` given (one of the account's own, if none are)."""

    class Meta:
        model = SupportingDocument
        skip_postgeneration_save = True

    @classmethod
    def _create(cls, model_class: type[SupportingDocument], *args: Any, **fields: Any) -> SupportingDocument:
        addresses = fields.pop("addresses", None)
        if addresses is None:
            addresses = [AddressFactory.create(account=fields["account"])]
        attributes = {"address_sids": [address.sid for address in addresses], **fields.pop("attributes", {})}
        document: SupportingDocument = super()._create(model_class, *args, attributes=attributes, **fields)
        document.addresses.set(addresses)
        return document

    account = SubFactory(AccountFactory)
    type = "business_address"
    friendly_name = Sequence(lambda n: f"Paper {n}")


#: The verbs that lead a draft to a state.
_WAY = {
    BundleState.DRAFT: [],
    BundleState.PENDING_REVIEW: ["submit"],
    BundleState.IN_REVIEW: ["submit", "claim"],
    BundleState.PROVISIONALLY_APPROVED: ["submit", "claim", "approve_provisionally"],
    BundleState.APPROVED: ["submit", "claim", "approve"],
    BundleState.REJECTED: ["submit", "claim", "reject"],
}


class BundleFactory(DjangoModelFactory[Bundle]):
    """A draft for a German local number of a business; `items` as given, or an end user and a business address.

    `state` leads it there through the moves; `valid_until`: the end of an approval; `address`: the one on its paper.
    """

    class Meta:
        model = Bundle

    class Params:
        approved = Trait(state=BundleState.APPROVED)

    account = SubFactory(AccountFactory)
    regulation = SubFactory(RegulationFactory)
    friendly_name = Sequence(lambda n: f"Bundle {n}")
    email = "papers@example.com"
    state = BundleState.DRAFT

    @classmethod
    def _create(cls, model_class: type[Bundle], *args: Any, **fields: Any) -> Bundle:
        later = {name: fields.pop(name, None) for name in ("state", "items", "address", "valid_until")}
        bundle: Bundle = super()._create(model_class, *args, **fields)
        transition.record_birth(bundle, actor="user:test")
        items = cls._items(bundle, later["address"]) if later["items"] is None else later["items"]
        for item in items:
            kind = "end_user" if isinstance(item, EndUser) else "document"
            ItemAssignment.objects.create(bundle=bundle, **{kind: item})
        return advanced(bundle, later["state"], valid_until=later["valid_until"])

    @classmethod
    def _items(cls, bundle: Bundle, address: Address | None) -> list[EndUser | SupportingDocument]:
        fields: dict[str, Any] = {"account": bundle.account}
        papers = {"addresses": [address]} if address else {}
        return [
            EndUserFactory.create(type=bundle.regulation.end_user_type, **fields),
            DocumentFactory.create(**fields, **papers),
        ]


def advanced(bundle: Bundle, state: BundleState, *, valid_until: dt.datetime | None = None) -> Bundle:
    """A draft bundle, brought to a state through the moves."""
    due = timezone.now() + dt.timedelta(days=1)
    for verb in _WAY[state]:
        changes: dict[str, Any] = {"due_at": due if verb not in ("approve", "reject") else None}
        if verb == "approve":
            version = RegulationVersionFactory.create(regulation=bundle.regulation)
            changes |= {"approved_under": version, "valid_until": valid_until}
        bundle = transition.move(bundle, verb, actor="user:test", **changes)
    return bundle
