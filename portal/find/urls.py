"""`/find`."""

from django.urls import path

from portal.find import views

urlpatterns = [path("", views.search, name="search")]
