"""Routes of accounts and keys."""

from django.urls import path

from api.accounts import views
from api.paths import ACCOUNT

urlpatterns = [
    path("2010-04-01/Accounts.json", views.Accounts.as_view()),
    path(f"{ACCOUNT}.json", views.OneAccount.as_view()),
    path(f"{ACCOUNT}/Balance.json", views.Balance.as_view()),
    path(f"{ACCOUNT}/Keys.json", views.Keys.as_view()),
    path(f"{ACCOUNT}/Keys/<key_sid:sid>.json", views.OneKey.as_view()),
    path(f"{ACCOUNT}/SigningKeys.json", views.Keys.as_view(records="signing_keys")),
    path(f"{ACCOUNT}/SigningKeys/<key_sid:sid>.json", views.OneKey.as_view()),
]
