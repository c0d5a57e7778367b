"""What a reviewer does on a bundle's page: each deed is one service of the compliance room."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from compliance.models import Bundle
from compliance.refusals import NothingHeld, Refused
from compliance.services import decisions, letters, review
from compliance.services.verdicts import Judged

LONGEST = 500  # characters of a sentence, as in the table

Deed = Callable[[Bundle, HttpRequest], str]


def user_of(request: HttpRequest) -> Any:
    """Who is signed in: one of our users, which the stubs can't know."""
    return request.user


def _claim(bundle: Bundle, request: HttpRequest) -> str:
    review.claim(bundle, user_of(request))
    return "Claimed"


def _take_over(bundle: Bundle, request: HttpRequest) -> str:
    review.take_over(bundle, user_of(request), reason=_given(request, "reason"))
    return "Taken over"


def _give_back(bundle: Bundle, request: HttpRequest) -> str:
    review.give_back(bundle, user_of(request), reason=_given(request, "reason"))
    return "Given back"


def _judge(bundle: Bundle, request: HttpRequest) -> str:
    """One item: the button that was pressed says how."""
    judged = review.standing(bundle)
    item = next((each.item for each in judged if each.item.sid == request.POST.get("item")), None)
    if item is None:
        raise Refused("the item is no longer in the bundle")
    approved = request.POST.get("verdict") == "approve"
    words = {} if approved else {name: _given(request, name) for name in ("reason", "sentence", "fix_hint")}
    review.judge(bundle, item, user=user_of(request), approved=approved, **words)
    name = letters.name_of(item.document.type if item.document else None)
    return f"{'Approved' if approved else 'Rejected'}: {name}. {_left(judged, item.pk)}"


def _left(judged: list[Judged], just_judged: int) -> str:
    left = sum(each.verdict is None and each.item.pk != just_judged for each in judged)
    return f"{left} of {len(judged)} items to go" if left else "All items are judged: decide"


def _decide(bundle: Bundle, request: HttpRequest) -> str:
    """Held for half a minute; the bar of held decisions says so, and takes it back."""
    provisionally = request.POST.get("decision") == "provisionally"
    reason = _given(request, "reason")[:300]
    held = decisions.hold(bundle, user_of(request), provisionally=provisionally, reason=reason)
    return f"Decided: {held.get_decided_display()}"


def _undo(bundle: Bundle, request: HttpRequest) -> str:
    held = decisions.of_reviewer(user_of(request)).filter(bundle=bundle).first()
    if held is None:
        raise NothingHeld("there is no decision of yours to take back: it has taken effect already")
    decisions.take_back(held, user_of(request))
    return "The decision is taken back, and nobody was told: decide again when you are sure"


DEEDS: dict[str, Deed] = {
    "claim": _claim,
    "take_over": _take_over,
    "give_back": _give_back,
    "judge": _judge,
    "decide": _decide,
    "undo": _undo,
}


def _given(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name, "")).strip()[:LONGEST]
