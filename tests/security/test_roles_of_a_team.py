"""Signed out, a viewer, a member, removed, deactivated: what each meets at every page of the portal."""

import re
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Account, Membership, Role, User
from accounts.services import memberships
from inventory.models import Did
from tests.factories import DidFactory
from tests.security.routes import PORTAL, Route, at
from tests.security.world import World, browser, changed, every_row, person

#: Of the person and of nobody's account: who one is, what protects it, what one reads it in.
PERSONAL = ("sign-", "account/", "act-for", "language", "join/")
#: For everybody, signed in or not.
OPEN = ("", "find", "find/map", "find/towns", "find/passport/<int:e164>")
OF_A_PERSON = re.compile(r'action="/(sign-out|act-for|language)"')
FORM = re.compile(r'<form\b[^>]*method="post".*?</form>', re.DOTALL)


def of_an_account() -> list[Route]:
    return [each for each in at(PORTAL) if not each.pattern.startswith(PERSONAL) and each.pattern not in OPEN]


def test_a_viewer_sends_nothing_that_is_done(world: World) -> None:
    viewer, before = browser(world.ada, Role.VIEWER), every_row()
    codes = {path: viewer.post(path).status_code for path in (each.path(world.hers) for each in of_an_account())}
    assert len(codes) > 60
    assert {path: code for path, code in codes.items() if code not in (403, 405)} == {}
    assert changed(before, every_row()) == []


def test_a_viewer_is_offered_no_deed_on_the_pages_of_numbers(world: World) -> None:
    viewer, member = browser(world.ada, Role.VIEWER), browser(world.ada, Role.MEMBER)
    over = world.hers["numbers/<slug:sid>/take-back"]
    for path in (
        "/numbers",
        "/numbers?state=released",
        f"/numbers/{world.hers['<number_sid:sid>']}",
        f"/numbers/{over}",
    ):
        for client, may in ((viewer, False), (member, True)):
            forms = [form for form in FORM.findall(client.get(path).content.decode()) if not OF_A_PERSON.search(form)]
            assert any("<button" in form for form in forms) is may, path


def test_strangers_are_led_to_sign_in_from_every_page(world: World, client: Client) -> None:
    wrong = []
    for path in (each.path(world.hers) for each in of_an_account()):
        for answer in (client.get(path), client.post(path)):
            location = answer.headers.get("Location", "")
            if answer.status_code != 405 and not location.startswith("/sign-in?next=") and location != "/cart":
                wrong.append((path, answer.status_code, location))
    assert wrong == []


def came_back(world: World, door: str) -> tuple[int, str]:
    """The page that Ada comes to who signs in there."""
    form = {"login": person(world.ada, Role.OWNER).email, "password": "password"}
    answer = Client(raise_request_exception=False).post(door, form, follow=True)
    return answer.status_code, answer.request["PATH_INFO"]


def test_who_sent_something_while_signed_out_comes_back_to_the_page_it_was_sent_from(world: World) -> None:
    """What was sent can't be asked for: it used to end on a bare 405."""
    page, stranger = "/numbers/" + world.hers["<number_sid:sid>"], Client()
    for path in (each.path(world.hers) for each in of_an_account()):
        answer = stranger.post(path, headers={"Referer": f"http://testserver{page}?a=b"})
        if answer.status_code != 405:
            assert answer["Location"] == "/sign-in?next=" + quote(f"{page}?a=b"), path
    assert came_back(
        world, stranger.post(f"{page}/protect", headers={"Referer": f"http://testserver{page}"})["Location"]
    ) == (
        200,
        page,
    )


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/numbers", "//evil.example", "http://testserver:81/x", "x:y"]
)
def test_without_a_page_of_ours_one_comes_back_to_the_first_one(world: World, referer: str) -> None:
    path = f"/numbers/{world.hers['<number_sid:sid>']}/protect"
    door = Client().post(path, headers={"Referer": referer})["Location"]
    assert came_back(world, door) == (200, "/")


def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(world: World) -> None:
    """Else the form to sign in would stand inside the page."""
    path = f"/papers/{world.hers['<bundle_sid:sid>']}/news"
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/papers/{world.hers['<bundle_sid:sid>']}"}
    answer = Client().post(path, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert came_back(world, answer["HX-Redirect"]) == (200, f"/papers/{world.hers['<bundle_sid:sid>']}")


def test_who_is_removed_is_shut_out_at_once(world: World) -> None:
    grace = Membership.objects.get(account=world.ada, role=Role.MEMBER)
    client, page = browser(world.ada, Role.MEMBER), "/numbers/" + world.hers["<number_sid:sid>"]
    assert client.get(page).status_code == 200
    memberships.remove(membership=grace)
    for path in (each.path(world.hers) for each in of_an_account()):
        answers = [
            answer for answer in (client.get(path), client.post(path)) if answer.headers.get("Location") != "/cart"
        ]
        assert {answer.status_code for answer in answers} <= {403, 405}, path


def test_who_may_not_sign_in_any_more_is_out_at_once(world: World) -> None:
    client = browser(world.ada, Role.OWNER)
    User.objects.filter(pk=person(world.ada, Role.OWNER).pk).update(is_active=False)
    for path in (each.path(world.hers) for each in of_an_account()):
        assert client.get(path).status_code in (302, 405), path
    answer = Client().post("/sign-in", {"login": person(world.ada, Role.OWNER).email, "password": "password"})
    assert answer["Location"] == "/sign-in/inactive"


@pytest.mark.parametrize(("role", "may"), [(Role.VIEWER, False), (Role.MEMBER, True)], ids=["viewer", "member"])
def test_who_only_looks_at_the_parent_moves_none_of_its_familys_numbers(world: World, role: str, may: bool) -> None:
    """The move is the parent's deed, whatever one may do in the branch."""
    branch = Account.objects.get(parent=world.ada)
    did = DidFactory.create(account=branch)
    user = person(world.ada, role)
    Membership.objects.create(user=user, account=branch, role=Role.OWNER)
    client = browser(world.ada, role)
    client.post("/act-for", {"account": branch.sid})
    path = f"/numbers/{did.sid}/move"
    client.post(path, {"to": world.ada.sid})
    assert Did.objects.get(pk=did.pk).account == (world.ada if may else branch)
