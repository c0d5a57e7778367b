"""Whatever is sent in a path, a query or a field is answered: refused or taken for what it is, never with 500, and
never for more than the form has."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Membership, Role, User
from inventory.models import Did, PhoneNumber, WaitlistEntry
from tests.security.forms import forms, is_page
from tests.security.routes import API, CONSOLE, PORTAL, Route, at, filled_with
from tests.security.world import World, browser, changed, every_row, signed

SQL = "1' OR '1'='1'; DROP TABLE accounts_account; --"
VALUES = [
    "\x00",
    SQL,
    "9" * 40,
    "-1",
    "\u202e" + "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "x" * 70_000,
]
NAMES = (
    *("q", "o", "p", "page", "before", "after", "country", "type", "locality", "contains", "number", "search", "s"),
    *("state", "next", "for", "account", "e", "all", "sort", "order_by", "at", "kind", "step", "requirement", "e164"),
)


def failed(answers: dict[str, Any]) -> dict[str, int]:
    return {path: answer.status_code for path, answer in answers.items() if answer.status_code >= 500}


@pytest.fixture
def staff(db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("staff@example.com", "password"))
    return client


def test_no_query_breaks_a_page_of_the_portal(world: World) -> None:
    ada, stranger = browser(world.ada), Client(raise_request_exception=False)
    paths = [each.path(world.hers) for each in at(PORTAL)]
    for value in VALUES[:3]:
        query = dict.fromkeys(NAMES, value)
        assert failed({path: ada.get(path, query) for path in paths}) == {}, value
        assert failed({path: stranger.get(path, query) for path in ("/", "/find", "/find/map", "/find/towns")}) == {}


def test_no_search_of_strangers_breaks(db: None) -> None:
    stranger, real = Client(raise_request_exception=False), {"country": "US", "type": "local"}
    for name in ("contains", "locality", "page", "area_code", "near", "capability", "town", "sort"):
        assert failed({value: stranger.get("/find", {**real, name: value}) for value in VALUES}) == {}, name


def test_no_query_breaks_a_list_of_the_console(staff: Client) -> None:
    lists = [each.path({}) for each in at(CONSOLE) if not each.arguments and not each.pattern.endswith("/add/")]
    assert len(lists) > 60
    queries = dict.fromkeys(("q", "o", "at", "after", "country"), "\x00"), {"q": SQL, "o": "9" * 40, "before": SQL}
    for query in queries:
        assert failed({path: staff.get(path, query) for path in lists if "logout" not in path}) == {}, query


def test_no_argument_breaks_a_path(world: World, staff: Client) -> None:
    for door, client in ((PORTAL, browser(world.ada)), (CONSOLE, staff), (API, signed(world.ada))):
        routes = [each for each in at(door) if each.arguments and not each.pattern.endswith(("/history/", "/delete/"))]
        for text in ("%00", "9" * 40):
            paths = {filled_with(text, each) for each in routes}
            assert failed({path: client.get(path) for path in paths}) == {}, text


def filled_in(world: World, client: Client) -> list[tuple[str, dict[str, str]]]:
    """What each form of the portal's pages would send, and where; what a page only has a button for is left out."""
    found: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}
    for path in (each.path(world.hers) for each in at(PORTAL)):
        answer = client.get(path)
        for form in forms(answer) if is_page(answer) else []:
            target = form.action.partition("#")[0] or path
            fields = {name: value for name, value in form.fields.items() if name != "csrfmiddlewaretoken"}
            if form.method == "post" and fields:
                found.setdefault((target, ",".join(sorted(fields))), (target, fields))
    return list(found.values())


def test_no_field_breaks_a_form(world: World) -> None:
    """NUL in one field after the other, for it is told of the first; of the rest one in all fields at once."""
    ada, wrong = browser(world.ada), []
    all_of_them = filled_in(world, ada)
    assert len(all_of_them) > 25
    for target, fields in all_of_them:
        nul = [{**fields, name: "\x00"} for name in fields]
        wrong += [
            (target, sent)
            for sent in (*nul, *(dict.fromkeys(fields, value) for value in VALUES[1:]))
            if ada.post(target, sent).status_code >= 500
        ]
    assert wrong == []


MORE = {
    "state": "available",
    "account": "1",
    "account_id": "1",
    "is_staff": "on",
    "is_superuser": "on",
    "role": "owner",
    "price": "0",
    "monthly_price": "0",
    "status": "approved",
    "reviewed_by": "1",
    "is_trial": "",
    "is_operator": "on",
    "valid_until": "2099-01-01",
    "quantity": "-5",
    "served": "9",
    "sid": "AC" + "0" * 32,
    "holder": "1",
    "user": "1",
}


def test_fields_that_a_form_does_not_have_change_nothing(world: World) -> None:
    """Mass assignment: what is written is what the form or the service names."""
    ada, did = browser(world.ada, Role.MEMBER), Did.objects.get(sid=world.hers["<number_sid:sid>"])
    before = every_row()
    state = PhoneNumber.objects.get(pk=did.number_id).state
    ada.post(f"/numbers/{did.sid}", {"friendly_name": "Front", "voice_receive_mode": "voice", **MORE})
    ada.post(f"/papers/addresses/{world.hers['<papers_address:sid>']}", {"friendly_name": "Home", **MORE})
    ada.post(
        f"/papers/{world.hers['<bundle_sid:sid>']}/check", {"friendly_name": "P", "email": "a@example.com", **MORE}
    )
    ada.post(f"/papers/{world.hers['<bundle_sid:sid>']}/you", {"first_name": "E", **MORE})
    ada.post("/find/waitlist", {"country": "US", "type": "local", "mode": "notify", **MORE})
    did.refresh_from_db()
    assert (did.account, did.number.state) == (world.ada, state)
    assert not User.objects.filter(is_staff=True).exists()
    touched = set(changed(before, every_row()))
    assert touched.isdisjoint(
        {"accounts.Account", "accounts.User", "accounts.Membership", "inventory.PhoneNumber", "inventory.Tariff"}
    )
    assert not WaitlistEntry.objects.filter(quantity__lt=1).exists()


def test_who_signs_up_gets_no_more_rights_than_others(client: Client, db: None) -> None:
    form = {"name": "Ada's", "email": "new@example.com", "password1": "a long sentence"}
    client.post("/sign-up", {**form, **MORE, "is_active": "on", "groups": "1", "next": "/console/"})
    user = User.objects.get(email="new@example.com")
    assert (user.is_staff, user.is_superuser, user.groups.count()) == (False, False, 0)


def test_ids_of_somebody_else_in_a_form_are_not_there(world: World) -> None:
    """Hidden fields, choices and ticks: what the form did not offer is refused, or nothing."""
    ada, theirs = browser(world.ada), world.mallorys
    before, own = every_row("sessions.Session"), world.hers
    bundle = own["<bundle_sid:sid>"]
    asked = [
        ("/act-for", {"account": world.mallory.sid}),
        ("/numbers/together", {"do": "give-back", "did": theirs["<number_sid:sid>"], "sure": "yes"}),
        ("/numbers/together", {"do": "protect", "did": theirs["<number_sid:sid>"], "sure": "yes"}),
        (f"/numbers/{own['<number_sid:sid>']}/move", {"to": world.mallory.sid}),
        (f"/papers/{bundle}/clone", {"target": world.mallory.sid}),
        (f"/papers/{bundle}/addresses", {"address": theirs["<address_sid:sid>"]}),
        (f"/papers/{bundle}/documents/business_address_info/reuse", {"document": theirs["<document_sid:sid>"]}),
        ("/cart/buy", {"only": PhoneNumber.objects.get(holds__reservation__sid=theirs["<reservation_sid:sid>"]).e164}),
    ]
    for path, form in asked:
        assert ada.post(path, form).status_code in (200, 302, 404, 409, 422), path
    assert [
        model for model in changed(before, every_row("sessions.Session")) if model.startswith(("inv", "acc", "comp"))
    ] == []


def test_no_number_of_the_api_is_negative_huge_or_sql(world: World) -> None:
    caller = signed(world.ada)
    lists = [each.path(world.hers) for each in at(API) if _is_list(each)]
    assert len(lists) > 15
    names = ("PageSize", "Page", "PageToken", "FriendlyName", "AreaCode", "Contains", "Status", "Country", "NearNumber")
    for value in VALUES[:3]:
        for path in lists:
            queries = [dict.fromkeys(names[3:], value), *({name: value} for name in names[:3])]
            assert [query for query in queries if caller.get(path, query).status_code >= 500] == [], path


def _is_list(route: Route) -> bool:
    return not route.arguments or route.arguments[-1] in ("<account_sid:account_sid>", "<country:country>")


def test_prices_are_ours(world: World) -> None:
    """There is no field for one: whatever is sent, what is billed is the tariff's."""
    ada = browser(world.ada)
    held = PhoneNumber.objects.get(holds__reservation__sid=world.hers["<reservation_sid:sid>"])
    ada.post("/cart/buy", {"only": held.e164, "price": "0", "monthly_price": str(Decimal("-1")), "quantity": "-1"})
    assert Did.objects.filter(account=world.ada, number=held, ended_at=None).exists()
    assert Account.objects.get(pk=world.ada.pk).is_trial is False
    assert Membership.objects.filter(account=world.ada).count() == 3
