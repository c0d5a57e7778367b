"""A passport as a page for people, that prints on one sheet. Who has the signed link needs no credentials."""

import string
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.timesince import timeuntil
from django.views.decorators.http import require_safe

from api.lab.payloads import by_code, next_due
from inventory.models import PhoneNumber
from numbering.countries import name_of
from numbering.types import Capability
from testing_lab.models import Outcome, Passport, Result
from testing_lab.services import passports

#: In the order in which a reader looks for them.
GROUPS = {"V": "Voice", "E": "Emergency", "S": "Messages", "M": "Pictures", "F": "Fax"}
CAPABILITIES = {"Voice": Capability.VOICE, "SMS": Capability.SMS, "MMS": Capability.MMS, "Fax": Capability.FAX}

#: It has its style sheet in itself, so that it can be kept and sent as one file; and nothing else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Line(NamedTuple):
    """One test on the page; `mark` is the letter of its evidence at the foot of the page."""

    result: Result
    title: str
    limit: str
    mark: str


@require_safe
def passport(request: HttpRequest, link: str) -> HttpResponse:
    """A link that is not ours, has expired, or whose number has changed hands is answered with the same 404."""
    number = passports.linked(link)
    paper = passports.of_number(number) if number else None
    if number is None or paper is None:
        answer = render(request, "api/passport_ended.html", {"lifetime": _lifetime(timezone.now())}, status=404)
    else:
        answer = render(request, "api/passport.html", _page(paper, number))
        answer["Content-Security-Policy"] = POLICY
    answer["X-Robots-Tag"] = "noindex"
    patch_cache_control(answer, private=True, no_store=True)
    return answer


def _page(paper: Passport, number: PhoneNumber) -> dict[str, Any]:
    results = sorted(passports.results_of(paper.run), key=_place)
    marks = _marks(results)
    judged = [each for each in results if each.outcome not in (Outcome.NOT_APPLICABLE, Outcome.NOT_PERFORMED)]
    return {
        "paper": paper,
        "number": number,
        "country": name_of(number.country),
        "groups": list(_groups(results, marks)),
        "evidence": [(mark, sid) for sid, mark in marks.items()],
        "passed": sum(each.outcome == Outcome.PASS for each in judged),
        "judged": len(judged),
        "capabilities": list(_capabilities(paper, number)),
        "next_due": next_due(paper),
        "lifetime": _lifetime(paper.issued_at),
    }


def _lifetime(since: datetime) -> str:
    """How long a link made then is good for, in words."""
    return timeuntil(since + settings.PASSPORT_LINK_LIFETIME, since)


def _place(result: Result) -> tuple[int, str]:
    return "".join(GROUPS).find(result.code[:1]), result.code


def _marks(results: Sequence[Result]) -> dict[str, str]:
    """A letter for each piece of evidence: tests that read one call share it."""
    sids = dict.fromkeys(each.evidence.sid for each in results if each.evidence)
    return dict(zip(sids, string.ascii_lowercase, strict=False))


def _groups(results: Sequence[Result], marks: dict[str, str]) -> Iterator[tuple[str, list[Line]]]:
    for letter, title in GROUPS.items():
        lines = [_line(each, marks) for each in results if each.code.startswith(letter)]
        if lines:
            yield title, lines


def _line(result: Result, marks: dict[str, str]) -> Line:
    known = by_code().get(result.code)
    mark = marks.get(result.evidence.sid, "") if result.evidence else ""
    limit = result.limit.replace("<=", "\N{LESS-THAN OR EQUAL TO}").replace(">=", "\N{GREATER-THAN OR EQUAL TO}")
    return Line(result, known.title if known else "", limit, mark)


def _capabilities(paper: Passport, number: PhoneNumber) -> Iterator[tuple[str, list[bool]]]:
    """Each with whether it is declared, tested, observed."""
    masks = (paper.declared, paper.tested, number.observed_capabilities)
    for name, bit in CAPABILITIES.items():
        yield name, [bool(mask & bit) for mask in masks]
