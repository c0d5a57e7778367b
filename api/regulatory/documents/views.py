"""SupportingDocuments (contract 3): papers, and the files of them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.errors import Refusal
from api.parameters import Format, Parameter, choice, text
from api.parsing import OrjsonParser
from api.regulatory.attributes import ATTRIBUTES
from api.regulatory.documents import payloads
from api.regulatory.words import hyphened
from api.uploads import FILE, MAX_OVERHEAD, UploadParser, content_of, is_upload
from api.views import Writable
from compliance.models import SupportingDocument
from compliance.rulebook.catalogue import catalogue
from compliance.services import documents
from compliance.vault.examination.reasons import TOO_BIG

LONGEST_NAME = 255


def _type(value: str) -> str:
    found = catalogue().document_type(value)
    if found is None:
        raise ValueError("there is no such type: see SupportingDocumentTypes")
    return found.machine_name


NAME = Parameter("FriendlyName", "friendly_name", text(LONGEST_NAME, min_length=1), code=22211)
TYPE = Parameter("Type", "type", Format(_type, {"type": "string"}), code=22210, required=True)
STATUS = Parameter("Status", "status", choice(*payloads.STATUSES), code=22209, help="Review decides it.")


class Owned(Writable):
    """Documents of the caller."""

    body: ClassVar[Any] = payloads.DocumentBody
    files = (FILE,)
    parser_classes = (FormParser, OrjsonParser, UploadParser)

    def longest_body(self, request: Request) -> int | None:
        return catalogue().files.max_bytes + MAX_OVERHEAD if is_upload(request) else None

    def too_long(self, request: Request) -> str:
        return TOO_BIG.format(most=catalogue().files.max_bytes) if is_upload(request) else ""

    def owned(self) -> QuerySet[SupportingDocument]:
        return SupportingDocument.objects.of(self.account).select_related("file").prefetch_related("addresses")

    def shown(self, row: SupportingDocument) -> payloads.DocumentBody:
        return payloads.document(row, self.account.sid)

    def one(self, sid: str) -> SupportingDocument:
        return get_object_or_404(self.owned(), sid=sid)


class Documents(Owned):
    """The list, and a new one, with its file or without."""

    records = "results"
    takes: ClassVar = {"POST": [NAME._replace(required=True), TYPE, ATTRIBUTES]}

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(self.owned(), page)
        return Response(paging.meta(request, page, self.records, rows, self.shown))

    def write(self, request: Request, **path: str) -> Response:
        given = {"attributes": {}} | self.given(request)
        row = documents.create(account=self.account, content=content_of(request), **given)
        return Response(self.shown(row), status=201)


class OneDocument(Owned):
    """One document: read, change, give it another file, delete."""

    takes: ClassVar = {"POST": [NAME, ATTRIBUTES, STATUS]}

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.shown(self.one(sid)))

    def write(self, request: Request, **path: str) -> Response:
        document, given = self.one(path["sid"]), self.given(request)
        if "status" in given:
            _refuse_status(document, given)
        row = documents.change(document=document, content=content_of(request), **given)
        return Response(self.shown(row))

    def delete(self, request: Request, sid: str) -> Response:
        documents.delete(document=self.one(sid))
        return Response(status=204)


def _refuse_status(document: SupportingDocument, given: dict[str, Any]) -> None:
    """Twilio has codes for a Status that a customer sends. It changes with the bundle's, so only the same one is."""
    if "attributes" in given:
        raise Refusal(22208)
    if given.pop("status") != hyphened(document.status):
        raise Refusal(22209, "Status follows the review of the bundle that the document is in")
