"""Routes of the reservations."""

from django.urls import path

from api.reservations import views

urlpatterns = [
    path("inventory/v1/Reservations", views.Reservations.as_view()),
    path("inventory/v1/Reservations/<reservation_sid:sid>", views.OneReservation.as_view()),
]
