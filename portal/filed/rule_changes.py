"""What an approved bundle needs before its approval runs out: the rules changed, or a paper expires."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from compliance.lifecycle import BundleState
from compliance.models import Bundle, NumbersAtEnd, Recheck
from compliance.rulebook.catalogue import catalogue
from compliance.services import expiring_papers, rollout, rulebooks
from portal.filed import words
from portal.filed.what_changed import what_changed
from portal.papers.words import field_name, paper_name


class Missing(NamedTuple):
    """Something that the new rules ask for: of what, which field (may be blank), and the rules' sentence."""

    of: str
    field: str
    sentence: str


class Expiring(NamedTuple):
    """A paper and its last day."""

    name: str
    sid: str
    day: date


class Task(NamedTuple):
    """What is to be done. `until` None: no end is set, only `expiring` papers are to be renewed. `copy`: the newest,
    in which that is done; `numbers_are_kept`: whether an approval with numbers outlives its end until staff decide."""

    until: datetime | None
    begins: date | None
    missing: Sequence[Missing]
    changes: Sequence[str]
    expiring: Sequence[Expiring]
    copy: Bundle | None
    numbers_are_kept: bool


def task_of(bundle: Bundle, rechecks: Sequence[Recheck]) -> Task | None:
    """Of an approved bundle; None: nothing is to be done. `rechecks`: with their rulebooks, the newest first."""
    if bundle.state != BundleState.APPROVED:
        return None
    expiring = _expiring(bundle)
    if bundle.valid_until is None and not expiring:
        return None
    recheck = next((each for each in rechecks if each.lacks), None) if bundle.valid_until else None
    return Task(
        until=bundle.valid_until,
        begins=recheck.rulebook.effective_from if recheck else None,
        missing=_missing(bundle, recheck),
        changes=_changes(bundle, recheck),
        expiring=expiring,
        copy=bundle.copies.filter(deleted_at=None).order_by("-pk").first(),
        numbers_are_kept=rollout.numbers_at_end(bundle.regulation.country) == NumbersAtEnd.KEEP,
    )


def _missing(bundle: Bundle, recheck: Recheck | None) -> list[Missing]:
    names = words.requirement_names(bundle.regulation)
    return [
        Missing(
            names.get(lack["requirement"], ""),
            lack["field"] and str(field_name(lack["field"])),
            catalogue().retold(lack["code"], lack["sentence"]),
        )
        for lack in (recheck.lacks if recheck else ())
    ]


def _changes(bundle: Bundle, recheck: Recheck | None) -> Sequence[str]:
    if recheck is None or bundle.approved_under is None:
        return ()
    about = bundle.regulation
    before, after = rulebooks.rules_of(bundle.approved_under), rulebooks.rules_in(recheck.rulebook)
    return what_changed(before, after, about.number_type, about.end_user_type)


def _expiring(bundle: Bundle) -> list[Expiring]:
    warned = expiring_papers.told().filter(bundle=bundle).select_related("document")
    return [
        Expiring(paper_name(paper.type), paper.sid, day)
        for paper in (each.document for each in warned)
        if (day := expiring_papers.last_day_of(paper))
    ]
