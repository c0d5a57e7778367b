"""`/join/…`: the links of invitations."""

from django.urls import path

from portal.team import joining

urlpatterns = [path("<str:token>", joining.join, name="join")]
