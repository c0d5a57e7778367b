"""The ways through the console: a number from every page, the side bar, the crumbs, and pages that are not there."""

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.test import Client

from accounts.models import User
from console.searching import in_palette
from console.theme import UNFOLD
from inventory.models import PhoneNumber
from tests.factories import NumberFactory, UserFactory


@pytest.fixture
def number(db: None) -> PhoneNumber:
    row: PhoneNumber = NumberFactory.create(e164=14155550110)
    return row


def clerk(*codenames: str) -> Client:
    user = UserFactory.create(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_a_number_is_found_from_every_page_by_its_last_digits(staff: Client, number: PhoneNumber) -> None:
    assert 'role="search" aria-label="Find a number"' in staff.get("/console/").content.decode()
    assert "Find a number" not in clerk("view_tariff").get("/console/").content.decode()
    shown = staff.get("/console/inventory/phonenumber/", {"q": "0110"}).content.decode()
    assert f"/console/inventory/phonenumber/{number.pk}/change/" in shown


def test_the_palette_finds_numbers_for_who_may_see_them(number: PhoneNumber, staff_user: User) -> None:
    request = HttpRequest()
    request.user = staff_user
    assert [(each.title, each.description, each.link) for each in in_palette(request, "0110")] == [
        ("+1 415-555-0110", "United States, local", f"/console/inventory/phonenumber/{number.pk}/change/")
    ]
    request.user = UserFactory.create(is_staff=True)
    assert in_palette(request, "0110") == []


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/console/inventory/quarantine/board/", "Quarantine board"),
        ("/console/inventory/quarantine/", "Quarantine"),
        ("/console/testing_lab/suiterun/scorecard/", "Scorecard"),
        ("/console/", "The yard"),
    ],
)
def test_the_side_bar_marks_one_page_and_opens_its_group(staff: Client, path: str, title: str) -> None:
    shown = " ".join(staff.get(path).content.decode().split())
    marked = shown.split('aria-current="page">')[1:]
    assert len(marked) == 1
    assert f"<span>{title}</span>" in marked[0][:200]
    groups = {item["link"]: group for group in UNFOLD["SIDEBAR"]["navigation"] for item in group["items"]}
    assert shown.count('<details class="ny-group" open>') == bool(groups[path].get("collapsible"))


def test_who_may_not_stays_in_the_console(number: PhoneNumber, client: Client) -> None:
    viewer = clerk("view_phonenumber")
    page = f"/console/inventory/phonenumber/{number.pk}"
    for path, status in ((f"{page}/do/block/", 403), ("/console/nowhere/", 404), (f"{page}/do/burn/", 403)):
        answer = viewer.get(path)
        assert answer.status_code == status
        assert "To the yard" in answer.content.decode()
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    outside = viewer.get("/nowhere")
    assert outside.status_code == 404
    assert "To the yard" not in outside.content.decode()
    client.force_login(UserFactory.create())
    assert "To the yard" not in client.get("/console/nowhere/").content.decode()


def test_a_page_says_where_it_is(staff: Client, number: PhoneNumber) -> None:
    for path in ("change/", "do/block/"):
        shown = staff.get(f"/console/inventory/phonenumber/{number.pk}/{path}").content.decode()
        assert ">+14155550110</a>" in shown
    somebody = UserFactory.create(email="ada@example.com")
    assert ">ada@example.com</a>" in staff.get(f"/console/accounts/user/{somebody.pk}/change/").content.decode()


def test_no_list_counts_its_table(staff: Client, number: PhoneNumber) -> None:
    shown = staff.get("/console/inventory/phonenumber/", {"country": "US", "_facets": "True"}, follow=True)
    assert not shown.context["cl"].add_facets  # our own template offers none, but anybody may ask for them


def test_one_and_many_are_told_apart(staff: Client) -> None:
    from console.home.fires import Fire, Gravity

    assert Fire(Gravity.NOW, 1, "SKUs are sold out", "").said == "SKU is sold out"
    assert Fire(Gravity.NOW, 2, "SKUs are sold out", "").said == "SKUs are sold out"
