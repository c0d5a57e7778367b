"""Which rules are in force: country files become versions (`Rulebook`), and a version is in force once activated.

The first version of a country is in force at once. A later one waits, so that its impact can be seen before somebody
activates it. Loading and activating are done one at a time, each whole or not at all, and may be repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet
from django.utils import timezone

from accounts.refusals import Refused
from compliance.models import Regulation, RegulationVersion, Rulebook
from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.described import described, sid_of
from compliance.rulebook.rules import CountryRules, country_rules
from compliance.rulebook.sound_files import CountryFile, read_all
from compliance.services.dated_rules import write_dated_rules
from numbering.recent import Recent

SECONDS = 10.0  # how old the answer to "which version is in force" may be


class NotActivated(Refused):
    """The version can't be put in force on that day; the message says why."""


@dataclass(frozen=True)
class Loaded:
    """What a load did: countries read, versions that are in force at once, versions that wait for activation."""

    countries: int
    in_force: Sequence[Rulebook]
    waiting: Sequence[Rulebook]


def load(folder: Path = COUNTRY_FILES, *, activate_later_ones: bool = False, actor: str = "load") -> Loaded:
    """Read every country file; a content that was never loaded becomes the country's next version.

    `activate_later_ones`: put new versions in force today instead of letting them wait. Raises BadCountryFiles, and
    then nothing is loaded.
    """
    files = read_all(folder)
    with transaction.atomic():
        _one_at_a_time()
        _add_new_versions(files)
        first, later = _not_in_force(files)
        activated = [_activate(book, book.snapshot_date, actor) for book in first]
        if activate_later_ones:
            activated += [_activate(book, _soonest(book), actor) for book in later]
        write_dated_rules(activated)
        transaction.on_commit(_forget)
    _forget()
    return Loaded(len(files), activated, [] if activate_later_ones else later)


def activate(rulebook: Rulebook, *, effective_from: date, actor: str) -> Rulebook:
    """Put a version in force from that day on; again with the same day does nothing.

    Raises NotActivated where it is in force from another day, a newer version was activated, or the version in force
    began later than that.
    """
    with transaction.atomic():
        _one_at_a_time()
        book = Rulebook.objects.get(pk=rulebook.pk)
        if book.effective_from == effective_from:
            return book
        _refuse_disorder(book, effective_from)
        write_dated_rules([_activate(book, effective_from, actor)])
        transaction.on_commit(_forget)
    _forget()
    return book


def waiting() -> QuerySet[Rulebook]:
    """Versions that nobody has activated yet; one that a newer version passed over waits for nobody."""
    newer = Rulebook.objects.filter(country=OuterRef("country"), version__gt=OuterRef("version"))
    return Rulebook.objects.filter(~Exists(newer), effective_from=None)


def current(country: str, on: date | None = None) -> CountryRules | None:
    """The rules in force in that country on that day (today, UTC, if not given); None: nobody wrote its file.

    A version that another process activated is seen at most ten seconds later.
    """
    book = rulebook_in_force(country, on)
    return _rules(book.pk) if book else None


def rulebook_in_force(country: str, on: date | None = None) -> Rulebook | None:
    """The version in force, without its document (which is fetched when asked for); at most ten seconds old."""
    return _in_force(country.upper(), on or timezone.now().date())


def countries() -> list[str]:
    """Where rules are in force today: ISO 3166-1 alpha-2 codes in their order."""
    books = Rulebook.objects.filter(effective_from__lte=timezone.now().date())
    return list(books.order_by("country").values_list("country", flat=True).distinct())


def in_force(regulation: Regulation, on: date | None = None) -> RegulationVersion | None:
    """What the rules in force say of a regulation; None: they ask nothing of anybody for such a number, or no more."""
    book = rulebook_in_force(regulation.country, on)
    return _versions(book.pk).get(regulation.pk) if book else None


def version_in(book: Rulebook, regulation_id: int) -> RegulationVersion | None:
    """What a version, in force or not, says of a regulation; None: nothing."""
    return _versions(book.pk).get(regulation_id)


def rules_of(version: RegulationVersion) -> CountryRules:
    """The rules of the rulebook that this version belongs to, in force or not."""
    return _rules(version.rulebook_id)


def rules_in(book: Rulebook) -> CountryRules:
    """The rules of a version, in force or not."""
    return _rules(book.pk)


def regulations(
    country: str | None = None, number_type: str | None = None, end_user_type: str | None = None
) -> "QuerySet[Regulation]":
    """The regulations in force today, of all or of some."""
    wanted = {"country": country, "number_type": number_type, "end_user_type": end_user_type}
    books = Rulebook.objects.filter(effective_from__lte=timezone.now().date())
    if country is not None:
        wanted["country"] = country.upper()
        books = books.filter(country=country.upper())
    books = books.order_by("country", "-effective_from", "-version").distinct("country")
    given = {column: value for column, value in wanted.items() if value is not None}
    return Regulation.objects.filter(versions__rulebook__in=books.values("pk"), **given)


def _one_at_a_time() -> None:
    """Until the transaction ends, nobody else loads or activates."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('compliance.rulebooks', 0))")


def _add_new_versions(files: Sequence[CountryFile]) -> None:
    """A content that the country had before, be it of an old checkout, is no new version."""
    known = set(Rulebook.objects.values_list("country", "digest"))
    last = dict(Rulebook.objects.values_list("country").annotate(Max("version")))
    new = [
        Rulebook(
            country=file.country,
            version=last.get(file.country, 0) + 1,
            snapshot_date=date.fromisoformat(file.document["snapshot_date"]),
            digest=file.digest,
            document=file.document,
        )
        for file in files
        if (file.country, file.digest) not in known
    ]
    Rulebook.objects.bulk_create(new)
    _describe(new)


def _not_in_force(files: Sequence[CountryFile]) -> tuple[list[Rulebook], list[Rulebook]]:
    """The files' versions that nobody activated yet: those of countries without rules in force, and the others."""
    files_digests = {(file.country, file.digest) for file in files}
    active = dict(Rulebook.objects.exclude(effective_from=None).values_list("country").annotate(Max("version")))
    waiting = Rulebook.objects.filter(effective_from=None).order_by("country")
    found = [book for book in waiting if (book.country, book.digest) in files_digests]
    first = [book for book in found if book.country not in active]
    return first, [book for book in found if book.version > active.get(book.country, book.version)]


def _describe(books: Sequence[Rulebook]) -> None:
    found = [(book, part) for book in books for part in described(book.document)]
    regulations = [
        Regulation(
            sid=sid_of(book.country, part.number_type, part.end_user_type),
            country=book.country,
            number_type=part.number_type,
            end_user_type=part.end_user_type,
        )
        for book, part in found
    ]
    Regulation.objects.bulk_create(regulations, ignore_conflicts=True)
    ids: Mapping[str, int] = dict(Regulation.objects.values_list("sid", "pk"))
    RegulationVersion.objects.bulk_create(
        RegulationVersion(regulation_id=ids[regulation.sid], rulebook=book, fingerprint=part.fingerprint)
        for regulation, (book, part) in zip(regulations, found, strict=True)
    )


def _activate(book: Rulebook, effective_from: date, actor: str) -> Rulebook:
    book.effective_from, book.activated_at, book.activated_by = effective_from, timezone.now(), actor[:80]
    book.save(update_fields=["effective_from", "activated_at", "activated_by"])
    return book


def _refuse_disorder(book: Rulebook, effective_from: date) -> None:
    if book.effective_from is not None:
        raise NotActivated(f"{book} is in force from {book.effective_from} on")
    others = Rulebook.objects.filter(country=book.country, effective_from__isnull=False)
    if newer := others.filter(version__gt=book.version).first():
        raise NotActivated(f"{newer} was activated already; load the wanted rules with a new snapshot_date")
    if later := others.filter(effective_from__gt=effective_from).first():
        raise NotActivated(f"{later} begins on {later.effective_from}, so {book} can't begin before that day")


def _soonest(book: Rulebook) -> date:
    """Today, or when the last activated version of the country begins."""
    others = Rulebook.objects.filter(country=book.country).aggregate(last=Max("effective_from"))
    return max(timezone.now().date(), others["last"] or book.snapshot_date)


def _read_in_force(country: str, on: date) -> Rulebook | None:
    books = Rulebook.objects.filter(country=country, effective_from__lte=on).defer("document")
    return books.order_by(F("effective_from").desc(), "-version").first()


def _read_rules(rulebook_id: int) -> CountryRules:
    return country_rules(Rulebook.objects.values_list("document", flat=True).get(pk=rulebook_id))


def _read_versions(rulebook_id: int) -> Mapping[int, RegulationVersion]:
    rows = RegulationVersion.objects.select_related("regulation", "rulebook").defer("rulebook__document")
    return {row.regulation_id: row for row in rows.filter(rulebook=rulebook_id)}


def _forget() -> None:
    _in_force.forget()


_in_force = Recent(_read_in_force, seconds=SECONDS)
# A version never changes, so what was read of it stays true.
_rules = Recent(_read_rules, seconds=3_600)
_versions = Recent(_read_versions, seconds=3_600)
