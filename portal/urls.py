"""The customer's pages. Paths have no trailing slash, as those of the API."""

from django.urls import include, path

from portal.acting import act_for
from portal.entrance import urls as entrance
from portal.home import views as home
from portal.language import choose
from portal.security import views as security
from portal.team import opening

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("find", include("portal.find.urls")),
    path("papers", include("portal.papers.urls")),
    path("", include("portal.numbers.urls")),
    path("papers", include("portal.filed.urls")),
    path("cart", include("portal.cart.urls")),
    path("act-for", act_for, name="act-for"),
    path("language", choose, name="language"),
    path("sign-in", entrance.sign_in, name="sign-in"),
    path("sign-up", entrance.sign_up, name="sign-up"),
    path("sign-out", entrance.sign_out, name="sign-out"),
    path("account/security", security.overview, name="security"),
    path("account/open", opening.open_own, name="open-account"),
    path("join/", include("portal.team.join_urls")),
    path("team", include("portal.team.urls")),
    path("keys", include("portal.keys.urls")),
]
