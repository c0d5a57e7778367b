"""Every path of the API. Resources with a folder of their own bring their own routes."""

from django.urls import include, path, re_path

from api import callbacks, docs, outside, paths, views

paths.register()

urlpatterns = [
    path("", include("api.accounts.urls")),
    path("", include("api.addresses.urls")),
    path("", include("api.available.urls")),
    path("", include("api.bundles.urls")),
    path("", include("api.incoming.urls")),
    path("", include("api.privacy.urls")),
    path("", include("api.reservations.urls")),
    path("", include("api.lab.urls")),
    path("", include("api.traffic.urls")),
    path("", include("api.numbers.urls")),
    path("", include("api.stock_levels.urls")),
    path("", include("api.waitlist.urls")),
    path("v2/RegulatoryCompliance/", include("api.regulatory.documents.urls")),
    path("v2/RegulatoryCompliance/", include("api.regulatory.end_users.urls")),
    path("v2/RegulatoryCompliance/", include("api.regulatory.kinds.urls")),
    path("v2/RegulatoryCompliance/", include("api.regulatory.regulations.urls")),
    # where SDK users map Twilio's host for uploads
    path("numbers-upload/v2/RegulatoryCompliance/", include("api.regulatory.documents.urls")),
    path(
        "inventory/v1/ProviderCallbacks/<slug:slug>", callbacks.ProviderCallbacks.as_view(), name="provider-callbacks"
    ),
    path("docs/errors", docs.error_list, name="error-list"),
    path("docs/errors/<int:code>", docs.error_page, name="error-page"),
    path("docs/openapi.json", docs.openapi, name="openapi"),
    re_path(r"^(?:numbers-upload/)?v2/.+(?<!\.json)\.json$", views.without_suffix),
    re_path(outside.PATHS, views.NoSuchResource.as_view()),
]
