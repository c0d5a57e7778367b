"""The file of a paper, for who says why: marked with their name, written down before it leaves, nothing that runs."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.models import User
from compliance.models import Bundle, DecryptGrant, Seen, SightReason, SupportingDocument
from compliance.refusals import NotClaimed, NotOfThisBundle, OwnDocument, Refused, WaitsForSecondPerson
from compliance.services import grants, review, sights
from console.review import sight

#: Whoever made the file, it runs nothing, loads nothing, is not taken for another type and stays in no cache.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Drawn anew by us. A PDF is for a reader of the viewer's own: the browser's does not open in a sandbox.
_SHOWN = {"image/jpeg": "jpg", "image/png": "png"}
_SAVED = {"application/pdf": "pdf"}


def answer(request: HttpRequest, bundle: Bundle, user: User) -> HttpResponse:
    """The file that the form asks for; else a page that says why not. Call it outside of a transaction."""
    try:
        document, reason, note = _asked(request, bundle, user)
        grant = _granted(bundle, document, user, reason, note)
        octets = grants.view(grant, user=user, what=Seen.PREVIEW, seen_from=request.META.get("REMOTE_ADDR"))
    except Refused as refusal:
        status = 403 if isinstance(refusal, OwnDocument) else 409
        context = {"title": "The file is not shown", "refusal": str(refusal), "bundle": bundle}
        return TemplateResponse(request, "console/review/not_shown.html", context, status=status)
    return _file(document, octets)


def picture(request: HttpRequest, bundle: Bundle, user: User, sid: str) -> HttpResponse:
    """A paper of a bundle that this reviewer has, as a part of the page; in words where it can't be shown."""
    try:
        document = _paper(bundle, sid)
        if not sight.is_with(bundle, user):
            raise NotClaimed("To see it, claim the bundle first")
        octets = grants.view(grants.for_review(document, user), user=user, seen_from=request.META.get("REMOTE_ADDR"))
    except Refused as refusal:
        return HttpResponse(f"{refusal}.", status=409, content_type="text/plain", headers=HEADERS)
    return _file(document, octets)


def shows(document: SupportingDocument) -> bool:
    """Whether a page can show its file itself. Nothing here draws the pages of a PDF."""
    file = document.file
    return file is not None and file.erased_at is None and file.mime_type in _SHOWN


def _paper(bundle: Bundle, sid: str | None) -> SupportingDocument:
    """The paper of that SID, while it is in the bundle. Raises NotOfThisBundle."""
    papers = (each.item.document for each in review.standing(bundle))
    document = next((paper for paper in papers if paper and paper.sid == sid), None)
    if document is None:
        raise NotOfThisBundle("The paper is no longer in the bundle")
    return document


def _asked(request: HttpRequest, bundle: Bundle, user: User) -> tuple[SupportingDocument, SightReason, str]:
    """Which paper of the bundle, why, and the case. Raises NotOfThisBundle, ReasonNeeded, NotClaimed."""
    return _paper(bundle, request.POST.get("document")), *sight.why(request, bundle, user)


def _granted(bundle: Bundle, document: SupportingDocument, user: User, reason: SightReason, note: str) -> DecryptGrant:
    """Leave to look. Raises WaitsForSecondPerson, having asked for one, and what `grants.open_document` does."""
    if not sights.takes_two(bundle, reason):
        return grants.open_document(document, user, reason, note)
    let = sights.granted(document, user, reason)
    if let is None:
        sights.ask(document, user, reason, note)
        raise WaitsForSecondPerson
    return grants.open_document(document, user, reason, note, takes_two=True, let=let)


def _file(document: SupportingDocument, octets: bytes) -> HttpResponse:
    mime_type = document.file.mime_type if document.file else ""
    how, ending = ("inline", _SHOWN[mime_type]) if mime_type in _SHOWN else ("attachment", _SAVED[mime_type])
    named = {"Content-Disposition": f'{how}; filename="{document.sid}.{ending}"'}
    return HttpResponse(octets, content_type=mime_type, headers=HEADERS | named)
