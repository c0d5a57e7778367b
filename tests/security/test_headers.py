"""What every answer tells the browser: whose scripts run, who may frame it, what is kept, where one is sent."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Role, User
from tests.security.forms import elements, is_page
from tests.security.routes import CONSOLE, PORTAL, at
from tests.security.world import World, browser, person

LEADING = ("href", "action", "formaction")
EVIL = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    "\x00//evil.example",
]


def is_safe(answer: Any) -> bool:
    headers = answer.headers
    return (
        "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        and "base-uri 'none'" in headers["Content-Security-Policy"]
        and "object-src" not in headers["Content-Security-Policy"]
        and "unsafe-eval" not in headers["Content-Security-Policy"]
        and headers["X-Frame-Options"] == "DENY"
        and headers["X-Content-Type-Options"] == "nosniff"
        and headers["Referrer-Policy"] == "same-origin"
        and headers["Cross-Origin-Opener-Policy"] == "same-origin"
        and "camera=()" in headers["Permissions-Policy"]
        and {"private", "no-store"} <= set(headers["Cache-Control"].replace(" ", "").split(","))
    )


def test_every_page_of_a_customer_is_for_them_alone(world: World) -> None:
    ada, seen = browser(world.ada), 0
    for path in (each.path(world.hers) for each in at(PORTAL)):
        answer = ada.get(path)
        if is_page(answer):
            assert is_safe(answer), (path, dict(answer.headers))
            seen += 1
        assert answer.status_code in (301, 302, 405) or "no-store" in answer["Cache-Control"], path
    assert seen > 40


def test_every_page_of_staff_is_for_them_alone(db: None) -> None:
    staff, seen = Client(), 0
    staff.force_login(User.objects.create_superuser("staff@example.com", "password"))
    for path in (each.path({}) for each in at(CONSOLE) if not each.arguments):
        answer = staff.get(path)
        if is_page(answer):
            assert is_safe(answer), (path, dict(answer.headers))
            seen += 1
    assert seen > 80


def test_pages_for_everybody_may_be_kept(client: Client, db: None) -> None:
    assert "Cache-Control" not in client.get("/").headers


@pytest.mark.parametrize("evil", EVIL, ids=["site", "no scheme", "backslash", "script", "no slashes", "nul"])
def test_nobody_is_led_to_another_site(world: World, evil: str) -> None:
    ada, form = person(world.ada, Role.OWNER), {"password": "password"}
    for path, more in (
        ("/sign-in", {"login": ada.email}),
        ("/act-for", {"account": world.ada.sid}),
        ("/language", {"language": "de"}),
    ):
        client = browser(world.ada) if path == "/act-for" else Client(raise_request_exception=False)
        for sent in (
            client.post(path, {**form, **more, "next": evil}),
            client.post(f"{path}?next={evil}", {**form, **more}),
        ):
            location = sent.headers.get("Location", "/")
            assert location.startswith("/") and not location.startswith(("//", "/\\")), path
    address = f"/papers/addresses/{world.hers['<papers_address:sid>']}"
    links = [
        said.get(name, "") for _, said in elements(browser(world.ada).get(address, {"next": evil})) for name in LEADING
    ]
    assert evil not in links


def test_a_host_that_is_not_ours_is_refused_and_makes_no_link(world: World) -> None:
    for path in ("/", "/sign-in", "/account/forgotten", "/docs/openapi.json", "/console/"):
        answer = Client(raise_request_exception=False).get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, b"evil.example" in answer.content) == (400, False), path
    client = browser(world.ada)
    client.post(
        "/team/invite", {"email": "x@example.com", "role": "viewer"}, headers={"X-Forwarded-Host": "evil.example"}
    )
    assert "evil.example" not in str(mail.outbox[-1].body)


def test_an_error_page_says_nothing_of_the_inside(world: World) -> None:
    client = browser(world.ada)
    for answer in (
        client.get("/no-such-page"),
        client.get("/numbers/nothing"),
        client.post("/find"),
        client.get("/console/x/"),
    ):
        shown = answer.content.decode()
        assert not any(
            word in shown for word in ("Traceback", "Resolver404", "urlconf", "settings", "portal.urls", "Exception")
        )


def test_a_form_that_came_too_late_says_what_to_do(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person(world.ada, Role.OWNER))
    answer = strict.post("/cart/buy")
    assert answer.status_code == 403
    assert "Open the page again, and send it once more." in answer.content.decode()
    assert "verification failed" not in answer.content.decode()
