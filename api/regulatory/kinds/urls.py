"""Routes of the two catalogues."""

from django.urls import URLPattern, path

from api.regulatory.kinds.payloads import DOCUMENT_TYPES, END_USER_TYPES, Catalogue
from api.regulatory.kinds.views import Kinds, OneKind


def _of(catalogue: Catalogue) -> list[URLPattern]:
    shown = {"catalogue": catalogue, "body": catalogue.body}
    return [
        path(catalogue.path, Kinds.as_view(records=catalogue.records, **shown)),
        path(f"{catalogue.path}/<type_sid:sid>", OneKind.as_view(**shown)),
    ]


urlpatterns = [*_of(END_USER_TYPES), *_of(DOCUMENT_TYPES)]
