"""Nothing changes because somebody looked, nor because another site made a browser send something."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from accounts.roles import StaffRole
from console import roles
from tests.security.forms import elements, is_page
from tests.security.routes import CONSOLE, PORTAL, at
from tests.security.world import World, browser, changed, every_row

#: What an address of the console stands for where nothing else fits: the first row of whatever it is.
FIRST = {
    "<int:pk>": "1",
    "<path:object_id>": "1",
    "<path:content_type_id>": "1",
    "<slug:verb>": "block",
    "<slug:sid>": "EV" + "0" * 32,
    "<str:sid>": "RD" + "0" * 32,
    "<int:recording>": "1",
}
#: Looks that are written down, and what the session's own list of devices says.
WRITTEN = ("compliance.BundleView", "compliance.DocumentView", "usersessions.UserSession")


def strict(client: Client) -> Client:
    """The same browser, at a server that checks for forged requests."""
    unguarded = Client(enforce_csrf_checks=True, raise_request_exception=False)
    unguarded.cookies = client.cookies
    return unguarded


@pytest.fixture
def admin(db: None) -> Client:
    """A member of staff with every role."""
    roles.install()
    user = User.objects.create_user("admin@example.com", "password", is_staff=True)
    user.groups.set(Group.objects.filter(name=StaffRole.ADMIN))
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def codes_of(client: Client, paths: list[str], **how: Any) -> dict[str, int]:
    return {path: client.post(path, **how).status_code for path in paths}


def test_a_forged_request_is_refused_at_every_page_of_the_portal(world: World) -> None:
    forged, before = strict(browser(world.ada)), every_row()
    codes = codes_of(forged, [route.path(world.hers) for route in at(PORTAL)])
    assert len(codes) > 90
    assert {path: code for path, code in codes.items() if code not in (403, 405)} == {}
    assert changed(before, every_row()) == []


def test_strangers_too_need_the_token_to_sign_in_or_up(db: None) -> None:
    """Else somebody is signed in as somebody else without knowing."""
    forged = Client(enforce_csrf_checks=True)
    doors = ("/sign-in", "/sign-up", "/sign-in/passkey", "/account/forgotten", "/language", "/sign-out")
    assert codes_of(forged, list(doors)) == dict.fromkeys(doors, 403)


def with_tokens(answer: Any) -> list[str]:
    """What would send a token in an address: forms that are asked for by GET, and buttons that ask so."""
    method, has_token, found = "get", False, []
    for tag, said in elements(answer) if is_page(answer) else []:
        if tag == "form":
            method, has_token = said.get("method", "get").lower(), False
        is_token = said.get("name") == "csrfmiddlewaretoken"
        has_token = has_token or (is_token and tag == "input")
        if (is_token and method == "get") or (has_token and said.get("formmethod", "").lower() == "get"):
            found.append(f"{tag} {said}")
    return found


def test_no_address_carries_a_token(world: World) -> None:
    """An address is kept by browsers, by logs and by whoever it is passed on to."""
    asked = {"country": "US", "type": "local", "who": "business"}
    for client in (browser(world.ada), Client()):
        pages = {each.path(world.hers): client.get(each.path(world.hers), asked) for each in at(PORTAL)}
        assert {path: found for path, page in pages.items() if (found := with_tokens(page))} == {}


@pytest.mark.parametrize(
    "form",
    [
        "<form><input name=csrfmiddlewaretoken>",
        '<form method="GET"><button name=csrfmiddlewaretoken>',
        '<form method="post"><input name=csrfmiddlewaretoken><button formmethod="get">',
    ],
    ids=["a form", "a button", "a button of a form that is sent"],
)
def test_such_an_address_would_be_found(form: str) -> None:
    assert with_tokens(HttpResponse(form)) != []


def test_a_forged_request_is_refused_at_every_page_of_the_console(admin: Client) -> None:
    before, forged = every_row(), strict(admin)
    codes = codes_of(forged, [route.path(FIRST) for route in at(CONSOLE)], data={"reason": "forged"})
    assert len(codes) > 400
    assert {path: code for path, code in codes.items() if code not in (302, 403, 404, 405)} == {}
    assert changed(before, every_row()) == []


def test_looking_at_every_page_of_the_portal_changes_nothing(world: World) -> None:
    ada, before = browser(world.ada), every_row(*WRITTEN)
    for method in (ada.get, ada.head, ada.options):
        codes = {path: method(path).status_code for path in (route.path(world.hers) for route in at(PORTAL))}
        assert {path: code for path, code in codes.items() if code >= 500} == {}
    assert changed(before, every_row(*WRITTEN)) == []


def test_nobody_is_signed_out_by_a_link(world: World) -> None:
    ada = browser(world.ada)
    for path in ("/sign-out", "/console/logout/"):
        ada.get(path)
        ada.get(path, headers={"HX-Request": "true"})
    assert ada.get("/numbers").status_code == 200
    ada.post("/sign-out")
    assert ada.get("/numbers")["Location"].startswith("/sign-in")
