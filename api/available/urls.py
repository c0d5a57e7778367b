"""Routes of the shop window."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from api.available import views
from api.available.payloads import PATH_NAMES
from api.paths import ACCOUNT


class CountryConverter(StringConverter):
    """ISO 3166-1 alpha-2, in either case."""

    regex = "[A-Za-z]{2}"


register_converter(CountryConverter, "country")

NUMBERS = f"{ACCOUNT}/AvailablePhoneNumbers"

urlpatterns = [
    path(f"{NUMBERS}.json", views.Countries.as_view()),
    path(f"{NUMBERS}/<country:country>.json", views.Country.as_view()),
    *(
        path(f"{NUMBERS}/<country:country>/{name}.json", views.Available.as_view(number_type=number_type))
        for number_type, name in PATH_NAMES.items()
    ),
]
