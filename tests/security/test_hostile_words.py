"""What somebody wrote is text to whoever reads it: on pages, in files for spreadsheets, in letters, in headers."""

import csv
import re
from typing import Any

import pytest
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Invitation, Membership, Role, User
from compliance.models import Address, Bundle, EndUser, SupportingDocument
from inventory.models import Did
from tests.compliance.review import waiting
from tests.security.forms import elements, is_page
from tests.security.routes import PORTAL, at
from tests.security.world import World, browser, person, two_customers

#: Closes whatever it may stand in, and then makes an element and an attribute that no page of ours has.
EVIL = "\"'></title></script><probe onprobe=1> {{ 7|add:7 }}"
LEADING = ("href", "src", "action", "formaction", "hx-get", "hx-post")
LINK = "javascript:probe()"


@pytest.fixture
def evil(db: None) -> World:
    """Everything that a customer may name is named so; the database takes it, whatever forms would say."""
    world = two_customers(EVIL)
    given = {"first_name": EVIL, "business_website": LINK, EVIL: EVIL}
    EndUser.objects.update(friendly_name=EVIL)
    rows: list[EndUser | SupportingDocument] = [*EndUser.objects.all(), *SupportingDocument.objects.all()]
    for row in rows:
        row.attributes = {**row.attributes, **given}
        row.save(update_fields=["attributes"])
    Address.objects.update(customer_name=EVIL, street=EVIL, street_secondary=EVIL, city=EVIL, region=EVIL)
    Did.objects.update(friendly_name=EVIL[:64], voice_url=LINK, sms_url=LINK, status_callback=LINK)
    Invitation.objects.update(email='"><probe>@example.com')
    User.objects.filter(pk=person(world.ada, Role.MEMBER).pk).update(email='"><probe onprobe=1>@example.com')
    return world


def planted(answer: Any) -> list[Any]:
    """What the page has that only somebody else's words can have made."""
    if not is_page(answer):
        return []
    return [
        (tag, said)
        for tag, said in elements(answer)
        if tag == "probe"
        or "onprobe" in said
        or any(said.get(name, "").strip().startswith("javascript:") for name in LEADING)
    ]


def test_customers_read_it_as_text(evil: World) -> None:
    seen = 0
    for role in (Role.OWNER, Role.VIEWER):
        client = browser(evil.ada, role)
        for path in (each.path(evil.hers) for each in at(PORTAL)):
            answer = client.get(path)
            assert answer.status_code < 500, path
            assert planted(answer) == [], path
            seen += is_page(answer) and "&lt;probe" in answer.content.decode()
    assert seen > 30


def test_whoever_gets_the_link_of_an_invitation_reads_it_as_text(evil: World) -> None:
    answer = Client().get("/join/" + evil.hers["join/<str:token>"])
    assert "&lt;probe" in answer.content.decode()
    assert planted(answer) == []


@pytest.fixture
def staff(db: None) -> Client:
    """Everything is open to them."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("staff@example.com", "password"))
    return client


def pages_of_staff() -> list[str]:
    """Each list of the console, and the page of each row."""
    found = ["/console/", "/console/admin/logentry/audit/", "/console/inventory/quarantine/board/"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows = model._default_manager.order_by("-pk").values_list("pk", flat=True)[:6]
        found += [reverse(f"{name}_changelist"), *(reverse(f"{name}_change", args=[pk]) for pk in rows)]
    return found


def test_staff_read_it_as_text(evil: World, staff: Client) -> None:
    seen = 0
    bundle = Bundle.objects.get(account=evil.ada, state="pending_review")
    staff.post(f"/console/compliance/bundle/{bundle.pk}/claim/")
    for path in pages_of_staff():
        answer = staff.get(path)
        assert answer.status_code in (200, 302), path
        assert planted(answer) == [], path
        seen += is_page(answer) and "&lt;probe" in answer.content.decode()
    assert seen > 10
    for query in (EVIL, "javascript:probe()"):
        for path in ("/console/search/", "/console/inventory/phonenumber/", "/console/accounts/account/"):
            assert planted(staff.get(path, {"q": query, "s": query})) == [], path


def test_no_cell_of_a_file_is_a_formula(world: World) -> None:
    ada, starts = browser(world.ada), ("=", "+", "-", "@", "\t", "\r")
    for start in starts:
        Did.objects.filter(account=world.ada).update(friendly_name=f"{start}SUM(A1)", voice_url=f"{start}1")
        answer: Any = ada.get("/numbers/list.csv")
        lines = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines(keepends=True)))
        assert len(lines) == 1
        formulas = {name for name, cell in lines[0].items() if cell.startswith(starts)}
        assert formulas == {"number"}, "digits with a plus are a number to a spreadsheet"


def test_no_name_makes_a_header_of_a_letter(world: World) -> None:
    Account.objects.filter(pk=world.ada.pk).update(friendly_name="Ada\r\nBcc: all@example.com\r\n\r\nBuy")
    browser(world.ada).post("/team/invite", {"email": "new@example.com", "role": "viewer"})
    letter = mail.outbox[-1].message()
    assert (letter["To"], letter["Bcc"]) == ("new@example.com", None)
    assert "\n" not in mail.outbox[-1].subject
    for address in ("a@example.com\nBcc: b@example.com", "a@example.com, b@example.com", "a@example.com\x00"):
        answer = browser(world.ada).post("/team/invite", {"email": address, "role": "viewer"})
        assert answer.status_code == 422
    assert mail.outbox[-1].to == ["new@example.com"]


def test_files_are_handed_out_under_names_of_ours(evil: World) -> None:
    ada, found = browser(evil.ada), []
    for path in (each.path(evil.hers) for each in at(PORTAL)):
        if "Content-Disposition" in (answer := ada.get(path)).headers:
            found.append(path)
            assert re.fullmatch(r'attachment; filename="[\w.-]+"', answer["Content-Disposition"]), path
            assert answer["X-Content-Type-Options"] == "nosniff"
    assert len(found) >= 2


def test_a_member_sees_no_more_of_the_other_than_the_address(evil: World) -> None:
    shown = browser(evil.ada, Role.VIEWER).get("/team").content.decode()
    assert not any(each.user.password in shown for each in Membership.objects.select_related("user"))
    assert waiting.COMPANY["last_name"] not in shown
