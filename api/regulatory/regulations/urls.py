"""Routes of the regulations."""

from django.urls import path

from api.regulatory.regulations import views

urlpatterns = [
    path("Regulations", views.Regulations.as_view()),
    path("Regulations/<regulation_sid:sid>", views.OneRegulation.as_view()),
]
