"""Routes of single numbers of the stock."""

from django.urls import path

from api.numbers import views

urlpatterns = [
    path("inventory/v1/Numbers/<e164:phone_number>", views.NumberAtAnInstant.as_view()),
    path("inventory/v1/Numbers/<e164:phone_number>/Blockers", views.Blockers.as_view()),
    path("inventory/v1/Numbers/<e164:phone_number>/UnwantedTraffic", views.UnwantedTrafficOfNumber.as_view()),
]
