"""Routes of the end users."""

from django.urls import path

from api.regulatory.end_users import views

urlpatterns = [
    path("EndUsers", views.EndUsers.as_view()),
    path("EndUsers/<end_user_sid:sid>", views.OneEndUser.as_view()),
]
