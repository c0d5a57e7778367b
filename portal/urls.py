"""The customer's pages. Paths have no trailing slash, as those of the API."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from portal.acting import act_for
from portal.home import views as home
from portal.sign_in import SignInForm

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("find", include("portal.find.urls")),
    path("papers", include("portal.papers.urls")),
    path("", include("portal.numbers.urls")),
    path("papers", include("portal.filed.urls")),
    path("act-for", act_for, name="act-for"),
    path("language", set_language, name="language"),
    path(
        "sign-in",
        LoginView.as_view(
            template_name="portal/sign_in.html",
            authentication_form=SignInForm,
            next_page="portal:home",
            redirect_authenticated_user=True,
        ),
        name="sign-in",
    ),
    path("sign-out", LogoutView.as_view(next_page="portal:home"), name="sign-out"),
]
