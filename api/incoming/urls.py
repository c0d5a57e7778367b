"""Routes of the numbers in service."""

from django.urls import path

from api.incoming import views
from api.paths import ACCOUNT
from numbering.types import NumberType

NUMBERS = f"{ACCOUNT}/IncomingPhoneNumbers"
SUBLISTS = {"Local": NumberType.LOCAL, "Mobile": NumberType.MOBILE, "TollFree": NumberType.TOLL_FREE}

urlpatterns = [
    path(f"{NUMBERS}.json", views.IncomingNumbers.as_view()),
    *(
        path(f"{NUMBERS}/{name}.json", views.IncomingNumbers.as_view(number_type=number_type))
        for name, number_type in SUBLISTS.items()
    ),
    path(f"{NUMBERS}/<number_sid:sid>.json", views.OneIncomingNumber.as_view()),
    path(f"{NUMBERS}/<number_sid:sid>/AssignedAddOns.json", views.AddOns.as_view()),
]
