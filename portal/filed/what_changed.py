"""What changes from one version of a country's rules to the next, for whoever has papers under the older one."""

from collections.abc import Callable, Iterable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from compliance.models import AddressRequirement
from compliance.rulebook.rules import (
    AcceptedDocument,
    AddressScope,
    Availability,
    CountryRules,
    DocumentRequirement,
    EndUserRules,
    NumberTypeRules,
)
from portal.papers.words import field_name, paper_name

_ADDRESS = {
    AddressRequirement.NONE: lazy("No address is asked for any more."),
    AddressRequirement.ANY: lazy("An address is asked for, anywhere in the world."),
    AddressRequirement.LOCAL: lazy("An address in the country is asked for."),
    AddressRequirement.FOREIGN: lazy("An address outside of the country is asked for."),
}
_LIES = {
    AddressScope.ANY: lazy("The address may lie anywhere in the world."),
    AddressScope.COUNTRY: lazy("The address must lie in the country of the number."),
    AddressScope.AREA_CODE: lazy("The address must lie in the area of the number."),
    AddressScope.NOT_IN_COUNTRY: lazy("The address must lie outside of the country of the number."),
}
_SOLD = {
    Availability.YES: lazy("Such numbers are sold to customers like you."),
    Availability.NO: lazy("Such numbers are no longer sold to customers like you."),
    Availability.UNKNOWN: lazy("Whether such numbers are sold to customers like you is not confirmed any more."),
}


def what_changed(before: CountryRules, after: CountryRules, number_type: str, end_user_type: str) -> list[str]:
    """In sentences for a customer of that kind; nothing: what is asked stays. Staff read
    `compliance.rulebook.differences`, which names everything as the data do."""
    old, new = before.of(number_type), after.of(number_type)
    return [
        *_of_type(old, new),
        *_of_end_user(old.of(end_user_type), new.of(end_user_type)),
        *_of_country(before, after),
    ]


def _of_type(old: NumberTypeRules, new: NumberTypeRules) -> Iterator[str]:
    if old.enforced != new.enforced:
        yield _("These rules are binding now.") if new.enforced else _("These rules bind no more: our staff decide.")
    if old.address_requirement != new.address_requirement:
        yield from _said(_ADDRESS.get(AddressRequirement(new.address_requirement)))
    if old.address_scope != new.address_scope:
        yield from _said(_LIES.get(new.address_scope))
    if old.po_box_allowed != new.po_box_allowed and new.po_box_allowed is not None:
        yes, no = (
            _("A post office box will do as an address."),
            _("A post office box is no longer taken as an address."),
        )
        yield yes if new.po_box_allowed else no
    if old.postal_code_required != new.postal_code_required:
        yield _("A postal code is needed.") if new.postal_code_required else _("A postal code is no longer needed.")
    if old.address_must_match_document != new.address_must_match_document:
        yield _matching(new.address_must_match_document)
    if old.review_mode != new.review_mode:
        nobody = _("Papers that pass every check are approved at once.")
        yield nobody if new.review_mode == "auto" else _("A person of our staff reads the papers.")


def _of_end_user(old: EndUserRules, new: EndUserRules) -> Iterator[str]:
    if old.available != new.available:
        yield str(_SOLD[new.available])
    yield from _more(old.fields, new.fields, lambda name: _("Asked for too: %(what)s.") % {"what": field_name(name)})
    yield from _more(
        new.listed, old.listed, lambda name: _("No longer asked for: %(what)s.") % {"what": field_name(name)}
    )
    before = {paper.requirement_name: paper for paper in old.documents}
    after = {paper.requirement_name: paper for paper in new.documents}
    yield from _more(before, after, lambda name: _("To be proved too: %(what)s.") % {"what": _(after[name].name)})
    yield from _more(
        after, before, lambda name: _("No longer to be proved: %(what)s.") % {"what": _(before[name].name)}
    )
    for name, paper in after.items():
        if name in before:
            yield from (f"{_(paper.name)}: {line}" for line in _of_requirement(before[name], paper))


def _of_requirement(old: DocumentRequirement, new: DocumentRequirement) -> Iterator[str]:
    before, after = ({paper.type: paper for paper in each.accepted} for each in (old, new))
    yield from _more(before, after, lambda kind: _("%(paper)s will do too.") % {"paper": paper_name(kind)})
    yield from _more(after, before, lambda kind: _("%(paper)s will no longer do.") % {"paper": paper_name(kind)})
    for kind, paper in after.items():
        if kind in before:
            yield from _of_paper(before[kind], paper)
        yield from _of_age(old, new, kind)
    if old.issuing_country != new.issuing_country:
        yield _("It counts who issued the paper: the form says which countries may have.")
    if old.must_match_document != new.must_match_document:
        yield _matching(new.must_match_document)
    if old.sides != new.sides:
        whole = _("Show: %(sides)s.") % {"sides": _(new.sides)} if new.sides else ""
        yield whole or _("Which sides are shown no longer matters.")


def _of_paper(old: AcceptedDocument, new: AcceptedDocument) -> Iterator[str]:
    paper = paper_name(new.type)
    shows = _("%(paper)s must show this too: %(what)s.")
    yield from _more(old.fields, new.fields, lambda name: shows % {"paper": paper, "what": field_name(name)})
    not_any_more = _("%(paper)s need no longer show this: %(what)s.")
    yield from _more(new.fields, old.fields, lambda name: not_any_more % {"paper": paper, "what": field_name(name)})
    if old.file_required != new.file_required:
        scan, none = _("Of %(paper)s a scan is needed."), _("Of %(paper)s no scan is needed any more.")
        yield (scan if new.file_required else none) % {"paper": paper}


def _of_age(old: DocumentRequirement, new: DocumentRequirement, kind: str) -> Iterator[str]:
    months = new.max_age_of(kind)
    if months == old.max_age_of(kind):
        return
    if months is None:
        yield _("%(paper)s may be of any age.") % {"paper": paper_name(kind)}
        return
    said = ngettext(
        "%(paper)s may be at most %(months)s month old.", "%(paper)s may be at most %(months)s months old.", months
    )
    yield said % {"paper": paper_name(kind), "months": months}


def _of_country(before: CountryRules, after: CountryRules) -> Iterator[str]:
    if before.postal_code_pattern != after.postal_code_pattern:
        yield _("Postal codes of the country are checked in another way.")
    if before.address_fields != after.address_fields:
        yield _("An address in the country has other parts.")
    for field in sorted({*before.identifiers, *after.identifiers}):
        if before.identifiers.get(field) != after.identifiers.get(field):
            yield _("This is checked in another way: %(what)s.") % {"what": field_name(field)}


def _matching(must: bool) -> str:
    if must:
        return _("The address on it must be the one that you gave, word for word.")
    return _("The address on it may be written in another way than the one that you gave.")


def _said(sentence: Promise | None) -> Iterator[str]:
    if sentence is not None:
        yield str(sentence)


def _more(old: Iterable[str], new: Iterable[str], said: Callable[[str], str]) -> Iterator[str]:
    """A sentence for each that is new."""
    known = set(old)
    yield from (said(name) for name in new if name not in known)
