"""One origin for all doors: the API, the staff console, the customer portal, and what operators ask."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health
from console.sign_in import sign_in

handler400 = "api.outside.bad_request"
handler403 = "config.lost.denied"
handler404 = "config.lost.not_found"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("console/login/", sign_in),  # before the theme's own, under whose name links look it up
    path("console/", include("console.urls")),
    path("console/", admin.site.urls),
    path("", include("api.urls")),
    path("", include("portal.entrance.urls")),
    path("", include("portal.urls")),
]
