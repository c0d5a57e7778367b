"""Routes of the testing lab's door."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from api.lab import pages, views


class NumberConverter(StringConverter):
    """E.164 with its plus sign."""

    regex = r"\+[1-9][0-9]{6,14}"


register_converter(NumberConverter, "e164")

urlpatterns = [
    path("lab/v1/Passports/<e164:phone_number>", views.Passports.as_view()),
    path("lab/v1/Tests", views.Tests.as_view()),
    path("lab/v1/Tests/<test_sid:sid>", views.OneTest.as_view()),
    path("passports/<str:link>", pages.passport, name="passport-page"),
]
