"""The customer's pages. Paths have no trailing slash, as those of the API."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from portal import views
from portal.forms import SignInForm
from portal.policy import strict

app_name = "portal"
urlpatterns = [
    path("", strict(views.home), name="home"),
    path("numbers", strict(views.search), name="search"),
    path(
        "sign-in",
        strict(
            LoginView.as_view(
                template_name="portal/sign_in.html",
                authentication_form=SignInForm,
                next_page="portal:home",
                redirect_authenticated_user=True,
            )
        ),
        name="sign-in",
    ),
    path("sign-out", strict(LogoutView.as_view(next_page="portal:home")), name="sign-out"),
]
