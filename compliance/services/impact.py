"""What a version of a country's rules does to regulations, bundles and numbers: told before anybody activates it.

The same question, asked of one bundle, decides after the activation: `compliance.services.rollout`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from accounts.sweeping import batches
from compliance import holdings
from compliance.evaluation import evaluate
from compliance.evaluation.case import Area, Case
from compliance.evaluation.outcome import Outcome
from compliance.lifecycle import BundleState
from compliance.models import Bundle, EndUserType, Regulation, RegulationVersion, Rulebook
from compliance.rulebook.differences import differences
from compliance.rulebook.rules import AddressScope
from compliance.services import rulebooks
from compliance.services.areas import area_of
from compliance.services.evaluations import cases_of
from numbering.e164 import E164
from numbering.types import NumberType


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that the new rules ask for and the old ones did not. Names and reasons only, nothing of the papers."""

    requirement: str
    field: str
    code: str
    sentence: str

    @property
    def what(self) -> tuple[str, str, str]:
        """Two that agree in it are the same; sentences differ by the area."""
        return self.requirement, self.field, self.code


@dataclass(frozen=True, slots=True)
class RegulationChange:
    """A regulation that is `new`, `dropped` or `changed`, and how."""

    sid: str
    number_type: str
    end_user_type: str
    kind: str
    differences: Sequence[str] = ()

    @property
    def number_type_in_words(self) -> str:
        """As people call it."""
        return NumberType(self.number_type).label

    @property
    def end_user_type_in_words(self) -> str:
        """Likewise."""
        return EndUserType(self.end_user_type).label


@dataclass(frozen=True, slots=True)
class BundleImpact:
    """An approved bundle that lacks something under the new rules, and the numbers in service that hang on it."""

    sid: str
    account_sid: str
    regulation_sid: str
    lacks: Sequence[Lack]
    numbers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Impact:
    """What the version changes. `looked_at`: bundles evaluated; `is_whole`: all that there are."""

    country: str
    version: int
    replaces: int | None
    on: date
    regulations: Sequence[RegulationChange]
    bundles: Sequence[BundleImpact] = field(default=())
    looked_at: int = 0
    is_whole: bool = True

    @property
    def numbers(self) -> int:
        """Numbers in service on bundles that lack something."""
        return sum(len(bundle.numbers) for bundle in self.bundles)


def impact_of(book: Rulebook, *, effective_from: date | None = None, most: int | None = None) -> Impact:
    """What happens if the version takes effect on that day (today, if not given); `most`: look at so many bundles."""
    on = max(effective_from or timezone.now().date(), timezone.now().date())
    before = in_force_before(book)
    found, looked_at = [], 0
    for batch in _some(approved_before(book), most):
        looked_at += len(batch)
        found += _named(lacking(batch, book, on))
    return Impact(
        country=book.country,
        version=book.version,
        replaces=before.version if before else None,
        on=on,
        regulations=list(_changes(before, book)),
        bundles=found,
        looked_at=looked_at,
        is_whole=most is None or looked_at < most,
    )


def in_force_before(book: Rulebook) -> Rulebook | None:
    """The version that this one replaces: the last of those before it that somebody activated."""
    earlier = Rulebook.objects.filter(country=book.country, version__lt=book.version, effective_from__isnull=False)
    return earlier.order_by("-version").first()


def approved_before(book: Rulebook) -> "QuerySet[Bundle]":
    """Bundles of the country that were approved under an earlier version."""
    return Bundle.objects.filter(
        state=BundleState.APPROVED,
        deleted_at=None,
        approved_under__rulebook__country=book.country,
        approved_under__rulebook__version__lt=book.version,
    )


def lacking(bundles: Sequence[Bundle], book: Rulebook, on: date) -> dict[Bundle, list[Lack]]:
    """Which of these approved bundles lack something on that day under a version, beyond what they lack under their own
    by then; in a number of queries that does not depend on how many they are.

    None does where the version asks for the same or for nothing, or where its rules are not confirmed: an unconfirmed
    rule is never enforced as fact, so an approval stays. Come with `account`, `regulation` and `approved_under`.
    """
    versions = {bundle: rulebooks.version_in(book, bundle.regulation_id) for bundle in bundles}
    pairs = {
        bundle: (bundle.approved_under, new)
        for bundle, new in versions.items()
        if bundle.approved_under and new and new.fingerprint != bundle.approved_under.fingerprint
    }
    cases, areas = cases_of(list(pairs)), _areas(pairs)
    found = {
        bundle: [
            lack
            for area in areas.get(bundle.sid, [None])
            for lack in _beyond(own, new, bundle.regulation, replace(cases[bundle.pk], area=area), on)
        ]
        for bundle, (own, new) in pairs.items()
    }
    return {bundle: list({lack.what: lack for lack in lacks}.values()) for bundle, lacks in found.items() if lacks}


def _areas(pairs: Mapping[Bundle, Sequence[RegulationVersion]]) -> dict[str, list[Area]]:
    """By SID of the bundle: those of its numbers in service, where one of its two versions asks for them."""
    asking = [
        bundle.sid
        for bundle, versions in pairs.items()
        if any(
            rulebooks.rules_of(each).of(bundle.regulation.number_type).address_scope == AddressScope.AREA_CODE
            for each in versions
        )
    ]
    held = holdings.numbers_on(asking)
    return {
        sid: list(dict.fromkeys(area_of(E164.parse(number)) for number in numbers)) for sid, numbers in held.items()
    }


def _beyond(
    own: RegulationVersion, new: RegulationVersion, regulation: Regulation, case: Case, on: date
) -> Iterator[Lack]:
    outcome = _judge(new, regulation, case, on)
    if outcome.confirmed:
        known = {lack.what for lack in _lacks(_judge(own, regulation, case, on))}
        yield from (lack for lack in _lacks(outcome) if lack.what not in known)


def _judge(version: RegulationVersion, regulation: Regulation, case: Case, on: date) -> Outcome:
    rules = rulebooks.rules_of(version)
    return evaluate(rules, regulation.number_type, regulation.end_user_type, case, on)


def _lacks(outcome: Outcome) -> Iterator[Lack]:
    for result in outcome.results:
        if result.code is not None:
            yield Lack(result.requirement_name, "", result.code.value, result.sentence)
        for found in result.invalid:
            code = found.code.value if found.code else ""
            yield Lack(result.requirement_name, found.part or found.field, code, found.sentence)


def _named(found: Mapping[Bundle, Sequence[Lack]]) -> list[BundleImpact]:
    numbers = holdings.numbers_on([bundle.sid for bundle in found])
    return [
        BundleImpact(bundle.sid, bundle.account.sid, bundle.regulation.sid, lacks, numbers.get(bundle.sid, ()))
        for bundle, lacks in found.items()
    ]


def _some(bundles: "QuerySet[Bundle]", most: int | None) -> Iterator[list[Bundle]]:
    """In the order of their ids, in batches; `most`: the first so many only."""
    rows = bundles.select_related("account", "regulation", "approved_under")
    if most is None:
        yield from batches(rows)
    elif first := list(rows.order_by("pk")[:most]):
        yield first


def _changes(before: Rulebook | None, book: Rulebook) -> Iterator[RegulationChange]:
    old = {version.regulation: version for version in _versions(before)} if before else {}
    new = {version.regulation: version for version in _versions(book)}
    for regulation in sorted({*old, *new}, key=lambda row: (row.number_type, row.end_user_type)):
        if kind := _kind(old.get(regulation), new.get(regulation)):
            yield RegulationChange(
                regulation.sid,
                regulation.number_type,
                regulation.end_user_type,
                kind,
                _differences(before, book, regulation) if kind == "changed" else (),
            )


def _versions(book: Rulebook) -> "QuerySet[RegulationVersion]":
    return book.regulations.select_related("regulation")


def _kind(old: RegulationVersion | None, new: RegulationVersion | None) -> str:
    if old is None or new is None:
        return "new" if old is None else "dropped"
    return "changed" if old.fingerprint != new.fingerprint else ""


def _differences(before: Rulebook | None, book: Rulebook, regulation: Regulation) -> Sequence[str]:
    if before is None:
        return ()
    old, new = rulebooks.rules_in(before), rulebooks.rules_in(book)
    return differences(old, new, regulation.number_type, regulation.end_user_type)
