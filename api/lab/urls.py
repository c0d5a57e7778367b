"""Routes of the testing lab's door."""

from django.urls import path

from api.lab import pages, views

urlpatterns = [
    path("lab/v1/Passports/<e164:phone_number>", views.Passports.as_view()),
    path("lab/v1/Tests", views.Tests.as_view()),
    path("lab/v1/Tests/<test_sid:sid>", views.OneTest.as_view()),
    path("passports/<str:link>", pages.passport, name="passport-page"),
]
