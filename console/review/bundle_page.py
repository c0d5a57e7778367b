"""A bundle's page: what the regulation asks, what the customer gave, what the machine found, what reviewers said.

Personal data stand on it only for who has the bundle, and of these only what the regulation asks for; all of it for who
says why. That they were shown is written down first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.utils import timezone

from accounts.models import User
from compliance.lifecycle import WAITING
from compliance.models import (
    Address,
    Bundle,
    BundleView,
    Evaluation,
    HeldDecision,
    ItemAssignment,
    ItemVerdict,
    SightReason,
)
from compliance.rulebook.catalogue import Reason, catalogue
from compliance.rulebook.rules import EndUserRules, NumberTypeRules
from compliance.services import decisions, letters, notices, review, rulebooks
from compliance.services.verdicts import OUR_WORDS, Judged
from console.review import paper_file, sight
from console.review.timer import timer

#: Of every paper, whatever the regulation lists: they decide whether it counts.
OF_EVERY_PAPER = ("issue_date", "expiration_date", "issuing_country")


@dataclass(frozen=True)
class Shown:
    """Which of the personal data stand on the page: those that the regulation asks for, those beyond."""

    asked: bool
    beyond: bool


@dataclass(frozen=True)
class Card:
    """An item as it is judged, by name: `serves`, what the paper is to prove; `details`, what the regulation asks for;
    `beyond`, what else was given. The last two are empty where they may not be shown.
    """

    item: ItemAssignment
    name: str
    serves: str
    verdict: ItemVerdict | None
    details: Sequence[tuple[str, str]]
    beyond: Sequence[tuple[str, str]]
    addresses: Sequence[Address]
    findings: Sequence[dict[str, Any]]
    flags: Sequence[dict[str, Any]]
    passed: Sequence[str]

    @property
    def has_file(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.item.document and self.item.document.file)

    @property
    def has_picture(self) -> bool:
        """Whether the page shows it itself."""
        return self.item.document is not None and paper_file.shows(self.item.document)


@dataclass(frozen=True)
class Held:
    """A decision that can still be taken back, for so many seconds."""

    decision: HeldDecision
    about: str
    seconds: int


def held_by(user: User) -> list[Held]:
    """What this reviewer may still take back, the newest first."""
    now = timezone.now()
    return [
        Held(each, letters.about(each.bundle), max(0, ceil((each.takes_effect_at - now).total_seconds())))
        for each in decisions.of_reviewer(user)
    ]


def context(bundle: Bundle, user: User, *, everything: bool = False) -> dict[str, Any]:
    """What the template needs. `everything`: who looks has said why, and sees also what nobody asked for."""
    mine = sight.is_with(bundle, user)
    shown = Shown(asked=mine or everything, beyond=everything)
    rules = _rules(bundle)
    asked = rules.of(bundle.regulation.end_user_type) if rules else None
    evaluation = bundle.evaluations.order_by("-pk").first()
    judged = review.standing(bundle)
    last = bundle.held_decisions.select_related("decided_by").order_by("-pk").first()
    return {
        "bundle": bundle,
        "about": letters.about(bundle),
        "rules": rules,
        "asked": asked,
        "papers": _papers(asked) if asked else (),
        "where": catalogue().address_scopes[rules.address_scope] if rules else "",
        "evaluation": evaluation,
        "rest": list(_found(evaluation, "")) + list(_flags(evaluation, "")),
        "cards": [_card(each, rules, bundle, evaluation, shown) for each in judged],
        "open_verdicts": sum(each.verdict is None for each in judged),
        "judged": sum(each.verdict is not None for each in judged),
        "timer": timer(bundle.due_at),
        "held": held_by(user),
        "decision": last,
        "letter": _letter(bundle, judged),
        "mine": mine,
        "may_judge": mine and not (last and last.is_open),
        "shown": shown,
        "waits": bundle.state in WAITING,
        "sight_reasons": [choice for choice in SightReason.choices if mine or choice[0] != sight.NEEDS_CLAIM],
        "reasons": review.reasons().values(),
        "ledger": bundle.ledger.order_by("-pk"),
        "notices": bundle.notices.order_by("-pk"),
    }


@dataclass(frozen=True)
class Wording:
    """What the customer will read of an item that is about to be rejected; `is_ours`: no reviewer writes it anew."""

    item: str
    reason: Reason
    is_ours: bool


def wording(item: str, code: str) -> Wording | None:
    """The words that belong to a code; None for one that there is not."""
    reason = review.reasons().get(code)
    return Wording(item, reason, code in OUR_WORDS) if reason else None


def note_look(bundle: Bundle, user: User, seen_from: str | None, **more: Any) -> None:
    """Write down that the personal data of a bundle were shown; `more`: everything, for which reason and case."""
    BundleView.objects.create(bundle=bundle, user=user, seen_from=seen_from, **more)


def _letter(bundle: Bundle, judged: Sequence[Judged]) -> str:
    """What the customer reads if the bundle is rejected by these verdicts; blank where none of them is a no."""
    if not any(each.is_rejected for each in judged):
        return ""
    return letters.body(bundle, notices.rejection((each.item, each.verdict) for each in judged))


def _papers(asked: EndUserRules) -> list[tuple[Any, str]]:
    """Each requirement of papers, with the kinds that are accepted."""
    return [(each, ", ".join(letters.name_of(paper.type) for paper in each.accepted)) for each in asked.documents]


def _rules(bundle: Bundle) -> NumberTypeRules | None:
    country = rulebooks.current(bundle.regulation.country)
    return country.of(bundle.regulation.number_type) if country else None


def _card(
    judged: Judged, rules: NumberTypeRules | None, bundle: Bundle, evaluation: Evaluation | None, shown: Shown
) -> Card:
    item = judged.item
    thing: Any = item.end_user or item.document
    addresses = list(item.document.addresses.all()) if item.document else []
    end_user_rules = rules.of(bundle.regulation.end_user_type) if rules else EndUserRules()
    asked = list(_asked_of(item, end_user_rules))
    return Card(
        item=item,
        name=letters.name_of(item.document.type if item.document else None),
        serves=_serves(evaluation, thing.sid, end_user_rules),
        verdict=judged.verdict,
        details=_details(thing.attributes, asked) if shown.asked else (),
        beyond=_details(thing.attributes, _beyond(thing.attributes, asked)) if shown.beyond else (),
        addresses=addresses if shown.asked else (),
        findings=list(_found(evaluation, thing.sid)),
        flags=list(_flags(evaluation, thing.sid, *(each.sid for each in addresses))),
        passed=list(_passed(evaluation, thing.sid)),
    )


def _serves(evaluation: Evaluation | None, sid: str, asked: EndUserRules) -> str:
    """The requirement that the evaluation held a paper against; blank for the end user and for what serves none."""
    names = {each.requirement_name: each.name for each in asked.documents}
    held = [
        result["requirement_name"]
        for result in (evaluation.results if evaluation else ())
        if result["object_sid"] == sid
    ]
    return ", ".join(names[each] for each in held if each in names)


def _asked_of(item: ItemAssignment, asked: EndUserRules) -> Iterable[str]:
    """The fields that count, in the regulation's order."""
    if item.document is None:
        return (*asked.fields, *asked.optional_fields)
    accepted = [requirement.accepting(item.document.type) for requirement in asked.documents]
    listed = [field for paper in accepted if paper for field in paper.fields if field != "address_sids"]
    return dict.fromkeys([*listed, *OF_EVERY_PAPER])


def _beyond(attributes: dict[str, Any], asked: Iterable[str]) -> Iterable[str]:
    """The addresses of a paper are shown as such."""
    return (name for name in attributes if name not in {*asked, "address_sids"})


def _details(attributes: dict[str, Any], fields: Iterable[str]) -> list[tuple[str, str]]:
    known = catalogue()
    return [(known.field(name).friendly_name, str(attributes[name])) for name in fields if attributes.get(name)]


def _found(evaluation: Evaluation | None, sid: str) -> Iterable[dict[str, Any]]:
    """What is wrong with an object, or, without a SID, with what is missing."""
    for result in evaluation.results if evaluation else ():
        if (result["object_sid"] or "") == sid:
            yield from (fault for fault in (result, *result["invalid"]) if fault["reason"])


def _passed(evaluation: Evaluation | None, sid: str) -> Iterable[str]:
    """What the machine held against the rules and found right: by name, each once."""
    results = [each for each in (evaluation.results if evaluation else ()) if each["object_sid"] == sid]
    names = [found["friendly_name"] for result in results for found in result.get("valid", ())]
    return dict.fromkeys(name for name in names if name)


def _flags(evaluation: Evaluation | None, *sids: str) -> Iterable[dict[str, Any]]:
    """What a person must look at, of an object or, of a paper, of an address on it too."""
    known = catalogue()
    for note in evaluation.flags if evaluation else ():
        if note["object_sid"] in sids:
            yield note | {"friendly_name": known.field(note["field"]).friendly_name if note["field"] else ""}
