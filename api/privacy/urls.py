"""Routes of the rights of persons."""

from django.urls import path

from api.privacy import views

urlpatterns = [
    path("compliance/v1/EndUsers/<end_user_sid:sid>/Export", views.Export.as_view()),
    path("compliance/v1/EndUsers/<end_user_sid:sid>/Erasure", views.Erasures.as_view()),
]
