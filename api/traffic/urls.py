"""Routes of the traffic events."""

from django.urls import path

from api.traffic import views

urlpatterns = [path("inventory/v1/TrafficEvents", views.TrafficEvents.as_view())]
