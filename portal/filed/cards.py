"""One card for each thing that a bundle is asked for: what was given, what became of it, and the form to correct it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.evaluation.outcome import Outcome, Result
from compliance.lifecycle import EDITABLE
from compliance.models import (
    Address,
    Bundle,
    BundleEntry,
    DocumentStatus,
    EndUser,
    EndUserType,
    ItemAssignment,
    SupportingDocument,
)
from compliance.services import verdicts
from compliance.services.verdicts import Judged, Told
from portal.filed import mending, words
from portal.filed.fields import in_one_line
from portal.filed.mending import MendingForm
from portal.papers.words import field_name, paper_name


class Stage(StrEnum):
    """Where an item is between its customer and a reviewer."""

    FIX = "fix"  # a reviewer rejected it
    LACKS = "lacks"  # the evaluation finds something
    MISSING = "missing"  # nothing was given
    READY = "ready"  # to be handed in
    CHANGED = "changed"  # rejected, corrected since, to be handed in again
    WITH_US = "with_us"
    APPROVED = "approved"
    REFUSED = "refused"  # rejected in a bundle that is with us again


MARKS = {
    Stage.FIX: words.PAPERS[DocumentStatus.REJECTED],
    Stage.LACKS: words.Mark(lazy("something is missing"), "stuck", "ending"),
    Stage.MISSING: words.Mark(lazy("not given yet"), "stuck", "ending"),
    Stage.READY: words.Mark(lazy("ready"), "going", "waiting"),
    Stage.CHANGED: words.Mark(lazy("corrected, ready"), "going", "waiting"),
    Stage.WITH_US: words.PAPERS[DocumentStatus.PENDING_REVIEW],
    Stage.APPROVED: words.PAPERS[DocumentStatus.APPROVED],
    Stage.REFUSED: words.PAPERS[DocumentStatus.REJECTED],
}
_SETTLED = {DocumentStatus.APPROVED: Stage.APPROVED, DocumentStatus.REJECTED: Stage.REFUSED}
#: These are open: the customer has to do something.
TO_DO = (Stage.FIX, Stage.LACKS, Stage.MISSING)


class Given(NamedTuple):
    """One thing that the customer gave."""

    label: str
    value: str


class Fault(NamedTuple):
    """Something that the evaluation finds: of which field (may be blank), why, and what to do."""

    field: str
    sentence: str
    hint: str


class Card(NamedTuple):
    """`title`: the requirement; `name`: what was given for it. Without `item` nothing was."""

    title: str
    name: str
    stage: Stage
    told: Told
    item: ItemAssignment | None
    given: Sequence[Given]
    faults: Sequence[Fault]
    addresses: Sequence[Address]
    form: MendingForm | None
    reusable: Sequence[SupportingDocument]

    @property
    def mark(self) -> words.Mark:
        """Of its stage."""
        return MARKS[self.stage]

    @property
    def is_to_do(self) -> bool:
        """Whether the customer has to do something about it."""
        return self.stage in TO_DO

    @property
    def paper(self) -> SupportingDocument | None:
        """The paper, where it is one."""
        return self.item.document if self.item else None


class Chosen(NamedTuple):
    """Of the item with this SID the customer wants another kind of paper, or has just sent a form."""

    item_sid: str = ""
    kind: str = ""
    form: MendingForm | None = None


def cards_of(bundle: Bundle, history: Sequence[BundleEntry], outcome: Outcome | None, chosen: Chosen) -> list[Card]:
    """In the order of the regulation; what it no longer asks for comes last."""
    by_sid = {_object(each.item).sid: each for each in verdicts.standing(bundle)}
    results = outcome.results if outcome and outcome.confirmed else ()  # what nobody confirmed fails nothing
    served = [(result, by_sid.pop(result.object_sid, None) if result.object_sid else None) for result in results]
    asked = [_card(bundle, history, result, each, chosen) for result, each in served]
    return [*asked, *(_card(bundle, history, None, each, chosen) for each in by_sid.values())]


def _card(
    bundle: Bundle, history: Sequence[BundleEntry], result: Result | None, judged: Judged | None, chosen: Chosen
) -> Card:
    title = _title(bundle, result, judged)
    if judged is None:
        return Card(title, "", Stage.MISSING, Told(""), None, (), _faults(result), (), None, ())
    item, held = judged.item, _object(judged.item)
    item.bundle = bundle
    told = verdicts.told_of(item, bundle, history)
    stage = _stage(bundle, told, judged, result)
    is_open = bundle.state in EDITABLE and stage != Stage.APPROVED
    form = _form(bundle, item, result, chosen) if is_open else None
    return Card(
        title=title,
        name=paper_name(held.type) if isinstance(held, SupportingDocument) else held.friendly_name,
        stage=stage,
        told=told,
        item=item,
        given=_given(held),
        faults=_faults(result) if is_open else (),
        addresses=list(item.document.addresses.all()) if item.document else (),
        form=form,
        reusable=mending.reusable(bundle, item, form.wanted) if form and stage in TO_DO else (),
    )


def _title(bundle: Bundle, result: Result | None, judged: Judged | None) -> str:
    if (judged and judged.item.end_user) or (result and result.object_type in EndUserType.values):
        return _("Who will use the numbers")
    if result:
        return _(result.requirement_friendly_name)
    names = words.requirement_names(bundle.regulation)
    return names.get(judged.item.requirement_name if judged else "", _("Another paper"))


def _stage(bundle: Bundle, told: Told, judged: Judged, result: Result | None) -> Stage:
    is_approved, was_rejected = told.status == DocumentStatus.APPROVED, told.status == DocumentStatus.REJECTED
    if bundle.state not in EDITABLE:
        return _SETTLED.get(DocumentStatus(told.status), Stage.WITH_US)
    if was_rejected and judged.verdict is not None:
        return Stage.FIX
    if result is not None and not result.passed:
        return Stage.LACKS
    return Stage.APPROVED if is_approved else Stage.CHANGED if was_rejected else Stage.READY


def _form(bundle: Bundle, item: ItemAssignment, result: Result | None, chosen: Chosen) -> MendingForm | None:
    is_chosen = chosen.item_sid == item.sid
    if is_chosen and chosen.form:
        return chosen.form
    name = result.requirement_name if result else ""
    return mending.form_of(item, mending.wanted_of(bundle, item, name, chosen.kind if is_chosen else ""))


def _faults(result: Result | None) -> list[Fault]:
    if result is None:
        return []
    whole = [Fault("", result.sentence, result.hint)] if result.sentence else []
    return whole + [Fault(str(field_name(each.field)), each.sentence, each.hint) for each in result.invalid]


def _given(held: EndUser | SupportingDocument) -> list[Given]:
    addresses = held.addresses.all() if isinstance(held, SupportingDocument) else []
    written = [Given(str(field_name(name)), text) for name, text in written_in(held.attributes)]
    return written + [Given(_("Address"), in_one_line(each)) for each in addresses]


def written_in(attributes: Any) -> list[tuple[str, str]]:
    """The attributes that hold something, addresses aside, as text; whatever JSON they are."""
    given = attributes if isinstance(attributes, dict) else {}
    return [(name, str(value)) for name, value in given.items() if name != "address_sids" and value]


def _object(item: ItemAssignment) -> EndUser | SupportingDocument:
    held = item.end_user or item.document
    assert held is not None  # noqa: S101 - a constraint: it is one or the other
    return held
