"""Routes of the waitlist."""

from django.urls import path

from api.waitlist import views

urlpatterns = [
    path("inventory/v1/Waitlist", views.Waitlist.as_view()),
    path("inventory/v1/Waitlist/<waitlist_sid:sid>", views.OneWaitlistEntry.as_view()),
]
