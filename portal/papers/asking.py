"""What a country asks for one kind of number: for the customer who has not begun yet, in full and at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.utils import timezone

from accounts.models import Account
from compliance.lifecycle import EDITABLE, BundleState
from compliance.models import Bundle, Regulation, RegulationVersion
from compliance.rulebook.rules import (
    AddressScope,
    Availability,
    CountryRules,
    DocumentRequirement,
    EndUserRules,
    NumberTypeRules,
    Source,
)
from compliance.services import rulebooks
from compliance.services.deadlines import due_at
from numbering.types import NumberType
from portal.papers import words

SHOWN_DRAFTS = 3


@dataclass(frozen=True)
class Who:
    """One of the alternatives: a kind of end user, and how much it is asked for."""

    regulation: Regulation
    wanted: EndUserRules

    @property
    def value(self) -> str:
        """The machine name."""
        return self.regulation.end_user_type

    @property
    def words(self) -> words.Words:
        """Its name and what it means."""
        return words.of_who(self.value)

    @property
    def is_sold(self) -> bool:
        """Whether such a customer may have such a number at all."""
        return self.wanted.available != Availability.NO


@dataclass(frozen=True)
class Kind:
    """A number type of a country, as the rules in force have it. `whos`: nobody, where nothing is asked."""

    country: CountryRules
    number_type: str
    whos: tuple[Who, ...]

    @property
    def rules(self) -> NumberTypeRules:
        """Those of the number type."""
        return self.country.of(self.number_type)

    @property
    def words(self) -> words.Words:
        """Its name and what it means."""
        return words.of_type(self.number_type)

    @property
    def place(self) -> str:
        """The name of the country."""
        return words.country_name(self.country.country)

    def who(self, value: str) -> Who | None:
        """The alternative of that name."""
        return next((each for each in self.whos if each.value == value), None)


@dataclass(frozen=True)
class Asking:
    """What one alternative asks, how long its review takes, and where that is written."""

    kind: Kind
    who: Who
    version: RegulationVersion

    @property
    def wanted(self) -> EndUserRules:
        """The details and papers."""
        return self.who.wanted

    @property
    def is_confirmed(self) -> bool:
        """Whether the rules are known; where not, an operator decides."""
        return self.kind.rules.enforced and self.wanted.available == Availability.YES

    @property
    def details(self) -> list[words.Text]:
        """What is asked of the end user."""
        return [words.field_name(name) for name in self.wanted.fields]

    @property
    def papers(self) -> tuple[DocumentRequirement, ...]:
        """What must be proved."""
        return self.wanted.documents

    @property
    def asks_for_address(self) -> bool:
        """Whether a paper must show one."""
        return any(shows_address(each) for each in self.papers)

    @property
    def scope(self) -> AddressScope:
        """Where the address must lie."""
        return self.kind.rules.address_scope

    @property
    def due_at(self) -> datetime:
        """By when it would be decided, if it were handed in now."""
        return due_at(Bundle(regulation=self.who.regulation), timezone.now())

    @property
    def sources(self) -> Iterator[Source]:
        """What was read."""
        names = dict.fromkeys((*self.kind.rules.sources, *self.wanted.sources))
        return (self.kind.country.sources[name] for name in names if name in self.kind.country.sources)


def countries() -> list[tuple[str, str]]:
    """Codes and names of those with rules in force, in the order of the names."""
    return sorted(((code, words.country_name(code)) for code in rulebooks.countries()), key=itemgetter(1))


def kinds(country: str) -> dict[str, Kind]:
    """By number type, in the usual order: what the rules of a country know, or list as not described."""
    rules = rulebooks.current(country) if country else None
    if rules is None:
        return {}
    rows = list(rulebooks.regulations(country).order_by("-end_user_type"))
    known = {*rules.number_types, *(row.number_type for row in rows)}
    return {
        number_type: Kind(
            rules,
            number_type,
            tuple(
                Who(row, rules.of(number_type).of(row.end_user_type)) for row in rows if row.number_type == number_type
            ),
        )
        for number_type in NumberType.values
        if number_type in known
    }


def asking(kind: Kind | None, who: str) -> Asking | None:
    """What the chosen alternative asks; None: it is not chosen yet, or not in force."""
    chosen = kind.who(who) if kind else None
    version = rulebooks.in_force(chosen.regulation) if chosen else None
    return Asking(kind, chosen, version) if kind and chosen and version else None


def shows_address(requirement: DocumentRequirement) -> bool:
    """Whether a paper for it shows an address."""
    return any("address_sids" in paper.fields for paper in requirement.accepted)


def begun(account: Account, regulation: Regulation) -> list[Bundle]:
    """The account's drafts for the same, the newest first."""
    drafts = Bundle.objects.of(account).filter(regulation=regulation, state__in=EDITABLE)
    return list(drafts.order_by("-pk")[:SHOWN_DRAFTS])


def approved(account: Account, regulation: Regulation) -> Bundle | None:
    """Papers of the account that are good for such numbers already."""
    found = Bundle.objects.of(account).filter(regulation=regulation, state=BundleState.APPROVED)
    return found.order_by("-pk").first()
