"""Routes of the addresses."""

from django.urls import path

from api.addresses import views
from api.paths import ACCOUNT

urlpatterns = [
    path(f"{ACCOUNT}/Addresses.json", views.Addresses.as_view()),
    path(f"{ACCOUNT}/Addresses/<address_sid:sid>.json", views.OneAddress.as_view()),
    path(f"{ACCOUNT}/Addresses/<address_sid:sid>/DependentPhoneNumbers.json", views.DependentNumbers.as_view()),
]
