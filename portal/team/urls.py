"""`/team`."""

from django.urls import path

from portal.team import views

urlpatterns = [
    path("", views.team, name="team"),
    path("/invite", views.invite, name="invite"),
    path("/invitations/<int:pk>/revoke", views.revoke, name="revoke-invitation"),
    path("/members/<int:pk>/role", views.change_role, name="change-role"),
    path("/members/<int:pk>/remove", views.remove, name="remove-member"),
]
