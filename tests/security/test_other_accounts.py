"""Somebody else's is not there: every address with an argument, at each door, with Ada's rows and Mallory's rights."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from tests.security.routes import API, PORTAL, Route, at
from tests.security.world import MARK, World, browser, changed, every_row, signed

#: Whoever has the link may open it: it is signed.
BY_LINK = {"join/<str:token>", "passports/<str:link>"}
#: The same for everybody.
PUBLIC = {"docs/errors/<int:code>", "inventory/v1/ProviderCallbacks/<slug:slug>"}
#: For the operator's own account alone, whatever number it is about: 403 for everybody else.
OPERATORS = {"inventory/v1/Numbers/<e164:phone_number>/Blockers"}
NOBODYS = {"<country:country>", "<type_sid:sid>", "<regulation_sid:sid>"}
#: Of one person, not of an account: these have none.
PERSONAL = {"account/passkeys/<int:pk>/remove", "account/passkeys/<int:pk>/name"}


def owned(door: str) -> list[Route]:
    """Those whose last argument names something that somebody has."""
    others = BY_LINK | PUBLIC | PERSONAL | OPERATORS
    routes = [route for route in at(door) if route.arguments and route.pattern not in others]
    return [route for route in routes if not NOBODYS & set(route.arguments) or "account_sid" in route.pattern]


def shows_hers(answer: Any) -> bool:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return MARK in body.decode(errors="replace")


def test_every_page_of_the_portal_about_a_row_is_there_for_its_owner_alone(world: World) -> None:
    routes = owned(PORTAL)
    assert len(routes) > 40
    mallory, before, wrong = browser(world.mallory), every_row(), []
    for route in routes:
        path = route.path(world.hers)
        answers = [mallory.get(path), mallory.post(path), mallory.get(path, headers={"HX-Request": "true"})]
        codes = {answer.status_code for answer in answers if answer.headers.get("Location") != "/cart"}
        if not codes <= {404, 405} or 404 not in codes or any(map(shows_hers, answers)):
            wrong.append((path, [answer.status_code for answer in answers]))
    assert wrong == []
    assert changed(before, every_row()) == []


def test_each_of_those_pages_is_there_for_ada(world: World) -> None:
    """Else the test above would be content with addresses that lead nowhere."""
    ada = browser(world.ada)
    found = {route.pattern: ada.get(route.path(world.hers)).status_code for route in owned(PORTAL)}
    lost = {pattern: code for pattern, code in found.items() if code not in (200, 302, 405)}
    assert lost == {}


def test_no_list_of_mallorys_has_anything_of_adas(world: World) -> None:
    mallory = browser(world.mallory)
    lists = [route.path({}) for route in at(PORTAL) if not route.arguments]
    assert len(lists) > 30
    assert [path for path in lists if shows_hers(mallory.get(path))] == []
    assert not shows_hers(mallory.get("/papers", {"before": world.hers["<bundle_sid:sid>"]}))
    for name in ("after", "before", "account", "Account", "sid"):
        for value in (world.ada.sid, world.hers["<number_sid:sid>"], world.hers["find/passport/<int:e164>"]):
            assert not shows_hers(mallory.get("/numbers", {name: value})), (name, value)


@pytest.fixture
def branch(world: World) -> Account:
    """A subaccount of Ada's."""
    found: Account = Account.objects.get(parent=world.ada)
    return found


def calls(caller: Client, path: str) -> list[int]:
    return [caller.get(path).status_code, caller.post(path, {}).status_code, caller.delete(path).status_code]


def test_no_path_of_the_api_leads_to_another_account(world: World, branch: Account) -> None:
    """By the account in the path, and by the row's own SID below the caller's account; nor may a branch look up."""
    before, wrong = every_row(), []
    for stranger in (world.mallory, branch):
        caller, by_account = signed(stranger), world.hers
        by_row = {**world.hers, "<account_sid:account_sid>": stranger.sid}
        for route in owned(API):
            names_a_row = route.arguments[-1] not in {"<account_sid:account_sid>", *NOBODYS}
            for values in (by_account, by_row) if names_a_row else (by_account,):
                codes = set(calls(caller, route.path(values)))
                if not codes <= {404, 405} or 404 not in codes:
                    wrong.append((stranger, route.path(values), codes))
    assert wrong == []
    assert changed(before, every_row()) == []


def test_each_of_those_paths_answers_ada(world: World) -> None:
    ada = signed(world.ada)
    routes = [route for route in owned(API) if not NOBODYS & set(route.arguments)]
    found = {route.pattern: ada.get(route.path(world.hers)).status_code for route in routes}
    assert {pattern: code for pattern, code in found.items() if code not in (200, 405)} == {}
    assert sum(code == 200 for code in found.values()) > 30


def test_what_is_the_operators_is_refused_in_the_same_words_for_every_number(world: World) -> None:
    mallory, [pattern] = signed(world.mallory), OPERATORS
    numbers = (world.hers["<e164:phone_number>"], world.mallorys["<e164:phone_number>"], "+12025550199")
    answers = [mallory.get("/" + pattern.replace("<e164:phone_number>", number)) for number in numbers]
    assert {(answer.status_code, answer.content) for answer in answers} == {(403, answers[0].content)}


def test_a_session_signs_nothing_at_the_api(world: World) -> None:
    """What a browser sends by itself must not do: the API has no check against forged requests."""
    ada = browser(world.ada)
    codes = {path: ada.post(path, {}).status_code for path in (route.path(world.hers) for route in at(API))}
    assert {path: code for path, code in codes.items() if code not in (401, 403, 404, 405)} == {}
