"""A card for each requirement: what is accepted, what it must show, what is there, and what is said of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext, ngettext

from compliance.evaluation.issuers import EU_MEMBERS, accepted_issuers
from compliance.evaluation.outcome import Note, Result
from compliance.evaluation.papers import ALWAYS_READ, wanted_fields
from compliance.models import DocumentStatus, SupportingDocument
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.rules import AcceptedDocument, DocumentRequirement
from compliance.services import evaluations
from portal.papers import said, words
from portal.papers.draft import Draft
from portal.papers.forms import Control, DetailsForm
from portal.papers.said import Said
from portal.papers.words import Text

OPEN, NEEDS_YOU, READY, APPROVED = "open", "needs", "ready", "approved"
LABELS: Mapping[str, Text] = {
    OPEN: words.OPEN,
    NEEDS_YOU: words.NEEDS_YOU,
    READY: words.READY,
    APPROVED: words.APPROVED,
}


class Choice(NamedTuple):
    """One of the kinds of paper that will do."""

    type: str
    name: str
    local_name: str
    shows: str
    is_chosen: bool


class Reusable(NamedTuple):
    """A paper that could serve here: an approved one of the account, or one that serves another requirement."""

    document: SupportingDocument
    name: str
    serves: str = ""


@dataclass(frozen=True)
class Card:
    """One requirement of a draft. `kind`: the accepted paper whose form is shown."""

    draft: Draft
    requirement: DocumentRequirement
    kind: AcceptedDocument
    form: DetailsForm
    refusal: str = ""

    @property
    def name(self) -> str:
        """The machine name of the requirement."""
        return self.requirement.requirement_name

    @property
    def title(self) -> str:
        """What must be proved."""
        return gettext(self.requirement.name)

    @property
    def document(self) -> SupportingDocument | None:
        """The paper that serves it now."""
        item = self.draft.papers.get(self.name)
        return item.document if item else None

    @property
    def shown(self) -> SupportingDocument | None:
        """The same, where it is of the kind whose form is shown."""
        paper = self.document
        return paper if paper and paper.type == self.kind.type else None

    @property
    def result(self) -> Result | None:
        """What the evaluation found."""
        return self.draft.results.get(self.name)

    @property
    def flags(self) -> list[Note]:
        """What a person will look at."""
        notes = self.draft.look.outcome.flags
        return [note for note in notes if note.requirement_name == self.name]

    @property
    def is_approved(self) -> bool:
        """Whether a reviewer has judged it well already."""
        return self.document is not None and self.document.status == DocumentStatus.APPROVED

    @property
    def state(self) -> str:
        """open, needs, ready or approved."""
        paper, result = self.document, self.result
        if paper is None or (paper.file_id is None and self._is_untouched(paper)):
            return OPEN if not (result and result.passed) else READY
        if result is not None and not result.passed:
            return NEEDS_YOU
        return APPROVED if self.is_approved else READY

    @property
    def state_label(self) -> Text:
        """The state in a word or two."""
        return LABELS[self.state]

    @property
    def choices(self) -> list[Choice]:
        """The kinds that will do, where there are several."""
        accepted = self.requirement.accepted
        return [self._choice(paper) for paper in accepted] if len(accepted) > 1 else []

    @property
    def wants_file(self) -> bool:
        """Whether the kind that is shown is a scan, and no mere record."""
        return self.kind.file_required

    @property
    def kind_name(self) -> str:
        """What the kind is called."""
        return words.paper_name(self.kind.type)

    @property
    def sample(self) -> Text:
        """What a good scan shows."""
        return words.sample(self.kind.type) if self.wants_file else ""

    @property
    def terms(self) -> Iterator[str]:
        """What else it must be: how old at most, issued by whom."""
        months = self.requirement.max_age_of(self.kind.type)
        if months is not None:
            yield ngettext("At most %(n)d month old.", "At most %(n)d months old.", months) % {"n": months}
        if issuer := self._issuer():
            yield gettext("Issued by %(whom)s.") % {"whom": issuer}
        if self.shows_address and self.wants_file and self._must_match():
            yield gettext("The address on it must be the one that you gave, word for word.")
        if self.requirement.sides:
            yield gettext("Show: %(sides)s.") % {"sides": gettext(self.requirement.sides)}

    @property
    def shows_address(self) -> bool:
        """Whether the kind must show the address."""
        return "address_sids" in self.kind.fields

    @property
    def controls(self) -> list[Control]:
        """The details that stand on it, with what is said of each once there is something."""
        result = self.result if self.shown and self.state != OPEN else None
        asked = (*wanted_fields(self.requirement, self.kind), "issuing_country")
        return [self.form.control(name, asked, result, self.flags) for name in self.form.fields]

    @property
    def of_whole(self) -> list[Said]:
        """What is said of the paper as a whole, and of its address."""
        result, told = self.result, []
        if self.refusal:
            told.append(Said(said.BAD, self.refusal))
        if result is None or self.state == OPEN or not self.shown:
            return told
        fields = set(self.form.fields)
        faults = [result.fault, *(each.fault for each in result.invalid if each.field not in fields)]
        told += [Said(said.BAD, said.in_words(fault)) for fault in faults if fault]
        told += [Said(said.LOOK, said.doubt(note)) for note in self.flags if note.field not in fields]
        return list(dict.fromkeys(told))

    def _is_untouched(self, paper: SupportingDocument) -> bool:
        """Made by the step before, with an address and nothing else."""
        return self.wants_file and set(paper.attributes) <= {"address_sids"}

    def _choice(self, paper: AcceptedDocument) -> Choice:
        country = self.draft.bundle.regulation.country
        return Choice(
            paper.type,
            words.paper_name(paper.type),
            words.local_name(paper.type, country),
            ", ".join(str(words.field_name(name)) for name in wanted_fields(self.requirement, paper)),
            paper.type == self.kind.type,
        )

    def _issuer(self) -> str:
        rule, country = self.requirement.issuing_country, self.draft.bundle.regulation.country
        if not rule:
            return ""
        accepted = accepted_issuers(rule, country, self.kind.type)
        if accepted is EU_MEMBERS:
            return gettext("a country of the European Union")
        return gettext(" or ").join(map(words.country_name, sorted(accepted)))

    def _must_match(self) -> bool:
        return self.requirement.must_match_document or self.draft.rules.address_must_match_document


def card(draft: Draft, requirement: DocumentRequirement, kind: str = "", data: Any = None, refusal: str = "") -> Card:
    """The card of a requirement. `kind`: the paper that was chosen; else the one that is there, else the first."""
    item = draft.papers.get(requirement.requirement_name)
    paper = item.document if item else None
    accepted = requirement.accepting(kind) or requirement.accepting(paper.type if paper else "")
    accepted = accepted or requirement.accepted[0]
    given = paper.attributes if paper else {}
    form = DetailsForm(
        fields_of(requirement, accepted, given),
        draft.look.rules,
        data=data,
        initial=_begin_with(draft, given),
        prefix=requirement.requirement_name,
    )
    return Card(draft, requirement, accepted, form, refusal)


def fields_of(requirement: DocumentRequirement, kind: AcceptedDocument, given: Mapping[str, Any]) -> list[str]:
    """The details of a paper: what it must show, how long it is valid, who issued it where that counts."""
    about = catalogue().document_type(kind.type)
    always = [name for name in ALWAYS_READ if name in given]
    if about and about.expires:
        always.append("expiration_date")
    if requirement.issuing_country:
        always.append("issuing_country")
    names = dict.fromkeys((*wanted_fields(requirement, kind), *always))
    return [name for name in names if name != "address_sids"]


def approved(draft: Draft, papers: Sequence[SupportingDocument], requirement: DocumentRequirement) -> list[Reusable]:
    """Those of the account's approved papers that would meet the requirement as they are."""
    about, held = draft.bundle.regulation, {item.document_id for item in draft.items}
    fit = (
        paper
        for paper in papers
        if paper.pk not in held
        and requirement.accepting(paper.type)
        and evaluations.would_serve(draft.look, about, paper, requirement.requirement_name)
    )
    return [Reusable(paper, words.paper_name(paper.type)) for paper in fit]


def given_elsewhere(draft: Draft, requirement: DocumentRequirement) -> list[Reusable]:
    """Papers with a file that serve other requirements of the draft, and would be accepted here."""
    titles = {each.requirement_name: gettext(each.name) for each in draft.wanted.documents}
    return [
        Reusable(item.document, words.paper_name(item.document.type), titles.get(name, name))
        for name, item in draft.papers.items()
        if item.document
        and item.document.file_id
        and name != requirement.requirement_name
        and requirement.accepting(item.document.type)
    ]


def _begin_with(draft: Draft, given: Mapping[str, Any]) -> dict[str, Any]:
    """What stands on the paper is most often what was said of the end user: it is written there to be compared."""
    item = draft.party
    party = item.end_user.attributes if item and item.end_user else {}
    return {**party, **given}
