"""Hostile words in a real browser: no script runs on the pages that show them, and the policy has nothing to report."""

import pytest
from django.test import Client

from accounts.models import Role, User
from compliance.models import Address, Bundle, EndUser
from inventory.models import Did
from tests.browser.conftest import Visit
from tests.security.world import person, two_customers

pytestmark = pytest.mark.django_db(transaction=True)

#: As long as the shortest of the fields takes, and one for those that take more.
EVIL = "\"'></title><img src=x onerror=ran=1 id=planted>"
MORE = "\"'></title><script>window.ran=1</script><b id=planted>"


def test_nothing_runs_that_a_customer_wrote(visit: Visit) -> None:
    world = two_customers(EVIL)
    EndUser.objects.update(friendly_name=MORE, attributes={"first_name": MORE, "business_website": "javascript:ran=1"})
    Address.objects.update(customer_name=MORE, street=MORE, city=MORE)
    Did.objects.update(friendly_name=MORE, voice_url="javascript:window.ran=1")
    staff = User.objects.create_superuser("staff@example.com", "password")
    bundle = Bundle.objects.get(account=world.ada, state="pending_review")
    reviewer = Client()
    reviewer.force_login(staff)
    reviewer.post(f"/console/compliance/bundle/{bundle.pk}/claim/")
    of_staff = (
        "",
        f"compliance/bundle/{bundle.pk}/change/",
        f"accounts/account/{world.ada.pk}/change/",
        "accounts/account/",
    )
    of_customers = (
        "/",
        "/numbers",
        "/team",
        "/keys",
        "/papers",
        "/papers/people",
        "/papers/addresses",
        "/find/waitlist",
    )
    for user, paths in (
        (staff, [f"/console/{path}" for path in of_staff]),
        (person(world.ada, Role.OWNER), list(of_customers)),
    ):
        for path in paths:
            page = visit(path, user)
            assert page.evaluate("window.ran") is None, path
            assert page.locator("#planted, img[src=x]").count() == 0, path
