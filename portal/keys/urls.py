"""`/keys`."""

from django.urls import path

from portal.keys import views

urlpatterns = [
    path("", views.keys, name="keys"),
    path("/new", views.create, name="create-key"),
    path("/<str:sid>/name", views.rename, name="rename-key"),
    path("/<str:sid>/revoke", views.revoke, name="revoke-key"),
    path("/token", views.token, name="auth-token"),
    path("/token/second", views.make_second, name="make-second-token"),
    path("/token/promote", views.promote, name="promote-token"),
    path("/token/drop", views.drop, name="drop-second-token"),
]
