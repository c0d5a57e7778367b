"""`/find`."""

from django.urls import path

from portal.find import views, waiting

urlpatterns = [
    path("", views.search, name="search"),
    path("/map", views.map_of_stock, name="map"),
    path("/towns", views.towns, name="towns"),
    path("/passport/<int:e164>", views.passport, name="find-passport"),
    path("/waitlist", waiting.waitlist, name="waitlist"),
    path("/waitlist/<str:sid>/cancel", waiting.cancel, name="waitlist-cancel"),
]
