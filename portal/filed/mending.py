"""Correcting one item of a bundle, in place: an end user's details, a paper's details and its file.

The services raise the item's revision, which ends a verdict on it; what was approved and is not touched stays approved,
and what another bundle holds too gets a row of its own.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.models import Bundle, DocumentStatus, ItemAssignment, SupportingDocument
from compliance.refusals import Refused
from compliance.rulebook.catalogue import FileRules, catalogue
from compliance.rulebook.rules import CountryRules, DocumentRequirement, EndUserRules
from compliance.services import documents, drafting, rulebooks
from compliance.vault.intake import FILE
from portal.filed import fields
from portal.papers.forms import DetailsForm
from portal.papers.words import paper_name
from portal.refusing import in_words

MOST_REUSED = 8
_ACCEPT = ",".join(("application/pdf", "image/jpeg", "image/png"))


class Accepted(NamedTuple):
    """A kind of paper that would do, and what it is called."""

    type: str
    name: str
    is_this: bool


class Wanted(NamedTuple):
    """What is asked of an item: field names, and for a paper for which requirement it is and which kinds would do.
    `is_other_kind`: another kind than the paper is, which makes it another paper."""

    requirement: str = ""
    type: str = ""
    fields: Sequence[str] = ()
    kinds: Sequence[Accepted] = ()
    is_other_kind: bool = False


class MendingForm(DetailsForm):
    """The fields of one item. They take whatever is written: what is wrong with it, the evaluation says beside it."""

    def __init__(self, item: ItemAssignment, wanted: Wanted, rules: CountryRules, data: Any = None) -> None:
        held = item.end_user or item.document
        attributes = held.attributes if held and isinstance(held.attributes, dict) else {}
        names = [name for name in wanted.fields if name != fields.ADDRESS]
        super().__init__(names, rules, data=data, initial=fields.initial_of(attributes))
        self.item, self.wanted, self.before = item, wanted, attributes
        self.auto_id = f"{item.sid}-%s"  # several such forms stand on a page
        if fields.ADDRESS in wanted.fields:
            self.fields[fields.ADDRESS] = fields.address_field(item.bundle.account)
        if item.document:  # first: most often it is the file that is put right
            has_one = item.document.file_id is not None and not wanted.is_other_kind
            self.fields = {FILE: _file_field(has_one=has_one), **self.fields}

    @property
    def limits(self) -> FileRules:
        """What a file may be."""
        return catalogue().files

    def save(self, content: bytes | None) -> bool:
        """Do it by the services, with the file's content; False: one of them refused, and the form says why."""
        written = {name: value for name, value in self.cleaned_data.items() if name != FILE}
        try:
            self._save(fields.attributes_of(written), content)
        except Refused as refusal:
            self.add_error(None if content is None else FILE, in_words(refusal))
            return False
        return True

    def _save(self, written: dict[str, Any], content: bytes | None) -> None:
        item, wanted = self.item, self.wanted
        if item.end_user:
            drafting.set_end_user(bundle=item.bundle, attributes=written)
        elif item.document and wanted.requirement:
            drafting.give(
                bundle=item.bundle,
                requirement_name=wanted.requirement,
                type=wanted.type,
                attributes=written,
                content=content,
                served_by=item.document.sid,
            )
        elif item.document:
            attributes = fields.merged(self.before, written)
            documents.change(document=item.document, attributes=attributes, content=content)


def wanted_of(bundle: Bundle, item: ItemAssignment, requirement_name: str, kind: str = "") -> Wanted:
    """By the rules in force. `requirement_name`: which it serves, by the evaluation; `kind`: the customer's choice."""
    version, about = rulebooks.in_force(bundle.regulation), bundle.regulation
    rules = rulebooks.rules_of(version).of(about.number_type).of(about.end_user_type) if version else EndUserRules()
    if item.document is None:
        return Wanted(fields=rules.listed)
    name = requirement_name or item.requirement_name
    requirement = next((each for each in rules.documents if each.requirement_name == name), None)
    return _of_paper(item.document, requirement, kind)


def form_of(item: ItemAssignment, wanted: Wanted, data: Any = None) -> MendingForm | None:
    """The form of an item; None where nobody wrote the rules of its country."""
    rules = rulebooks.current(item.bundle.regulation.country)
    return MendingForm(item, wanted, rules, data) if rules else None


def reusable(bundle: Bundle, item: ItemAssignment, wanted: Wanted) -> list[SupportingDocument]:
    """Approved papers of the account that would do in its place, the newest first."""
    if item.document is None:
        return []
    kinds = [each.type for each in wanted.kinds]
    rows = SupportingDocument.objects.of(bundle.account).filter(type__in=kinds, status=DocumentStatus.APPROVED)
    here = bundle.items.filter(ended_at=None, document__isnull=False).values("document")
    return list(rows.exclude(pk__in=here).order_by("-pk")[:MOST_REUSED])


def _of_paper(paper: SupportingDocument, requirement: DocumentRequirement | None, kind: str) -> Wanted:
    types = [each.type for each in requirement.accepted] if requirement else [paper.type]
    chosen = kind if kind in types else paper.type
    accepted = requirement.accepting(chosen) if requirement else None
    given = [name for name, value in paper.attributes.items() if value and name in catalogue().fields]
    is_other = chosen != paper.type
    shown = [*(accepted.fields if accepted else ()), *_dates(chosen, requirement), *([] if is_other else given)]
    kinds = [Accepted(each, paper_name(each), each == chosen) for each in dict.fromkeys(types)]
    name = requirement.requirement_name if requirement else ""
    return Wanted(name, chosen, list(dict.fromkeys(shown)), kinds, is_other)


def _dates(kind: str, requirement: DocumentRequirement | None) -> list[str]:
    """The days that count for such a paper, whether or not the regulation lists them."""
    found = catalogue().document_type(kind)
    ages = requirement is not None and requirement.max_age_of(kind) is not None
    return [*(["issue_date"] if ages else []), *(["expiration_date"] if found and found.expires else [])]


def _file_field(*, has_one: bool) -> forms.Field:
    label = lazy("Put another file in its place") if has_one else lazy("The file")
    rules = catalogue().files
    hint = _("PDF, JPEG or PNG, at most %(mb)s MB, the whole paper, all sides. It is sealed as soon as it arrives.")
    return forms.FileField(
        label=label,
        required=False,
        help_text=hint % {"mb": rules.max_bytes // 1024**2},
        widget=forms.FileInput(attrs={"accept": _ACCEPT}),
    )
