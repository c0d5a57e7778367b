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
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.rules import DocumentRequirement, EndUserRules
from compliance.services import documents, drafting, rulebooks
from portal.filed import fields
from portal.papers.words import paper_name

MOST_REUSED = 8
_ACCEPT = ",".join(("application/pdf", "image/jpeg", "image/png"))


class Accepted(NamedTuple):
    """A kind of paper that would do, and what it is called."""

    type: str
    name: str
    is_this: bool


class MendingForm(forms.Form):
    """The fields of one item. `kind`: which kind of paper it is to be; another one than it is, is another paper."""

    def __init__(self, item: ItemAssignment, wanted: "Wanted", data: Any = None, files: Any = None) -> None:
        held = item.end_user or item.document
        attributes = held.attributes if held and isinstance(held.attributes, dict) else {}
        super().__init__(
            data,
            files,
            prefix=item.sid,
            label_suffix="",
            initial=fields.initial_of(attributes),
            use_required_attribute=False,
        )
        self.item, self.wanted, self.before = item, wanted, attributes
        self.fields |= fields.form_fields(wanted.fields, item.bundle.account, required=wanted.required)
        if item.document:
            self.fields["file"] = _file_field(has_one=item.document.file_id is not None and not wanted.is_other_kind)

    def save(self) -> bool:
        """Do it by the services; False: one of them refused, and the form says why."""
        written = {name: value for name, value in self.cleaned_data.items() if name != "file"}
        file = self.cleaned_data.get("file")
        try:
            self._save(fields.attributes_of(written), file.read() if file else None)
        except Refused as refusal:
            self.add_error("file" if file else None, str(refusal))
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


class Wanted(NamedTuple):
    """What is asked of an item: field names, those that must be given, and for a paper which kinds would do."""

    requirement: str = ""
    type: str = ""
    fields: Sequence[str] = ()
    required: Sequence[str] = ()
    kinds: Sequence[Accepted] = ()
    is_other_kind: bool = False


def wanted_of(bundle: Bundle, item: ItemAssignment, requirement_name: str, kind: str = "") -> Wanted:
    """By the rules in force. `requirement_name`: which it serves, by the evaluation; `kind`: the customer's choice."""
    version, about = rulebooks.in_force(bundle.regulation), bundle.regulation
    rules = rulebooks.rules_of(version).of(about.number_type).of(about.end_user_type) if version else EndUserRules()
    if item.document is None:
        return Wanted(fields=rules.listed, required=rules.fields)
    name = requirement_name or item.requirement_name
    requirement = next((each for each in rules.documents if each.requirement_name == name), None)
    return _of_paper(item.document, requirement, kind)


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
    asked = accepted.fields if accepted else ()
    names = [*asked, *(name for name in _dates(chosen, requirement) if name not in asked)]
    given = [name for name in paper.attributes if name in catalogue().fields and name not in names]
    kinds = [Accepted(each, paper_name(each), each == chosen) for each in dict.fromkeys(types)]
    is_other = chosen != paper.type
    return Wanted(
        requirement.requirement_name if requirement else "",
        chosen,
        [*names, *([] if is_other else given)],
        asked,
        kinds,
        is_other,
    )


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
