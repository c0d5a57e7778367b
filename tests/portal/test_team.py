"""A team: who may do what, who comes in by an invitation, and that somebody always owns the account."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Invitation, Membership, Role, User
from accounts.services import invitations
from tests.factories import DidFactory, UserFactory
from tests.portal.conftest import Join
from tests.portal.letters import newest_link

GRACE = "grace@example.com"


def member(shop: Account, role: str) -> Membership:
    return Membership.objects.get(account=shop, user__email=f"{role}@example.com")


def invite(owner: Client, email: str = GRACE, role: str = "member") -> str:
    """The path of the link that the letter brings."""
    assert owner.post("/team/invite", {"email": email, "role": role})["Location"] == "/team"
    assert mail.outbox[-1].to == [email]
    return newest_link()


@pytest.mark.parametrize("role", Role.values)
def test_everybody_sees_the_team_and_owners_only_the_ways_to_change_it(signed_in: Join, role: str) -> None:
    shown = signed_in(role).get("/team").content.decode()
    assert "owner@example.com" in shown
    assert ("Send the invitation" in shown) is (role == "owner")


@pytest.mark.parametrize("role", ["member", "viewer"])
@pytest.mark.parametrize("path", ["/team/invite", "/team/members/{}/role", "/team/members/{}/remove"])
def test_others_change_nothing_and_are_told_who_can(shop: Account, signed_in: Join, role: str, path: str) -> None:
    client, owner = signed_in(role), member(shop, "owner")
    answer = client.post(path.format(owner.pk), {"email": GRACE, "role": "owner"})
    assert answer.status_code == 403
    assert "mailto:owner@example.com" in answer.content.decode()
    assert (Invitation.objects.count(), Membership.objects.filter(role=Role.OWNER).get()) == (0, owner)


@pytest.mark.parametrize("path", ["/keys", "/keys/token"])
@pytest.mark.parametrize("role", ["member", "viewer"])
def test_keys_are_the_owners(signed_in: Join, role: str, path: str) -> None:
    assert signed_in(role).get(path).status_code == 403


def test_a_viewer_looks_at_everything(shop: Account, signed_in: Join) -> None:
    did = DidFactory.create(account=shop)
    assert did.number.number.national_format in signed_in("viewer").get("/numbers").content.decode()


def test_who_is_new_signs_up_by_the_link_and_is_in_the_team(shop: Account, signed_in: Join, client: Client) -> None:
    link = invite(signed_in("owner"), role="viewer")
    assert "/sign-up?next=" in client.get(link).content.decode()
    shown = client.get("/sign-up").content.decode()
    assert f'value="{GRACE}"' in shown
    assert "Company, or your own name" not in shown
    form = {"email": "mallory@example.com", "password1": "a long sentence", "next": link}
    assert client.post("/sign-up", form)["Location"] == link
    assert client.post(link)["Location"] == "/"
    assert Membership.objects.get(user__email=GRACE).role == Role.VIEWER
    assert Account.objects.count() == 1, "no account of their own"
    assert shop.sid in client.get("/").content.decode()


def test_who_has_signed_up_before_signs_in_and_acts_for_the_account_at_once(
    shop: Account, signed_in: Join, client: Client
) -> None:
    other = DidFactory.create(account__friendly_name="Grace's own").account
    grace = UserFactory.create(email=f"{uuid4()}@example.com")
    Membership.objects.create(user=grace, account=other)
    link = invite(signed_in("owner"), email=grace.email)
    client.get(link)
    signed = client.post("/sign-in", {"login": grace.email, "password": "password", "next": link})
    assert signed["Location"] == link
    client.post(link)
    assert shop.sid in client.get("/").content.decode()


def test_a_link_helps_once(signed_in: Join, client: Client) -> None:
    link = invite(signed_in("owner"))
    client.force_login(UserFactory.create(email=GRACE))
    assert client.post(link).status_code == 302
    assert client.post(link).status_code == 410
    assert client.get(link).status_code == 410


def test_a_link_helps_nobody_else(shop: Account, signed_in: Join, client: Client) -> None:
    link = invite(signed_in("owner"))
    client.force_login(UserFactory.create(email="mallory@example.com"))
    assert client.post(link)["Location"] == link
    assert "you are signed in as mallory@example.com" in client.get(link).content.decode()
    assert not Membership.objects.filter(user__email="mallory@example.com").exists()


def test_a_link_lasts_seven_days(signed_in: Join, client: Client) -> None:
    link = invite(signed_in("owner"))
    client.force_login(UserFactory.create(email=GRACE))
    sent = Invitation.objects.get().created_at
    with time_machine.travel(sent + timedelta(days=7, seconds=1), tick=False):
        assert client.get(link, follow=False).status_code == 410
    with time_machine.travel(sent + timedelta(days=6, hours=23), tick=False):
        assert client.post(link).status_code == 302


def test_a_link_that_was_taken_back_helps_nobody(signed_in: Join, client: Client) -> None:
    owner = signed_in("owner")
    link = invite(owner)
    owner.post(f"/team/invitations/{Invitation.objects.get().pk}/revoke")
    client.force_login(UserFactory.create(email=GRACE))
    assert client.post(link).status_code == 410
    assert f"The invitation of {GRACE} is taken back." in owner.get("/team").content.decode()
    assert GRACE not in owner.get("/team").content.decode()


def test_a_new_invitation_ends_the_one_before(signed_in: Join, client: Client) -> None:
    owner = signed_in("owner")
    first, second = invite(owner), invite(owner, role="viewer")
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 200)


@pytest.mark.parametrize("token", ["1", "1:forged", "x:y", "٣:abc"])
def test_a_forged_link_is_none_of_ours(client: Client, db: None, token: str) -> None:
    assert client.get(f"/join/{token}").status_code == 410


def test_who_is_a_member_is_not_invited_again(signed_in: Join) -> None:
    answer = signed_in("owner").post("/team/invite", {"email": "OWNER@example.com", "role": "viewer"})
    assert (answer.status_code, mail.outbox) == (409, [])


def test_nobody_fills_mailboxes_from_here(signed_in: Join, shop: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MAX_WAITING", 1)
    owner = signed_in("owner")
    invite(owner)
    assert owner.post("/team/invite", {"email": "other@example.com", "role": "viewer"}).status_code == 409


def test_an_owner_lets_others_do_more_and_less(shop: Account, signed_in: Join) -> None:
    owner, viewer = signed_in("owner"), signed_in("viewer")
    theirs = member(shop, "viewer")
    owner.post(f"/team/members/{theirs.pk}/role", {"role": "owner"})
    assert viewer.get("/keys").status_code == 200
    owner.post(f"/team/members/{theirs.pk}/remove")
    assert viewer.get("/keys").status_code == 403


def test_the_last_owner_stays(shop: Account, signed_in: Join) -> None:
    owner, mine = signed_in("owner"), member(shop, "owner")
    for path, form in (("role", {"role": "viewer"}), ("remove", {})):
        answer = owner.post(f"/team/members/{mine.pk}/{path}", form)
        assert answer.status_code == 409
        assert "An account keeps an owner" in answer.content.decode()
    mine.refresh_from_db()
    assert mine.role == Role.OWNER


def test_somebody_elses_team_is_not_there(signed_in: Join) -> None:
    others = Membership.objects.create(user=UserFactory.create(), account=DidFactory.create().account)
    waiting = Invitation.objects.create(
        account=others.account,
        email=GRACE,
        role=Role.VIEWER,
        invited_by=others.user,
        expires_at=timezone.now() + timedelta(days=1),
    )
    owner = signed_in("owner")
    for path in (f"members/{others.pk}/role", f"members/{others.pk}/remove", f"invitations/{waiting.pk}/revoke"):
        assert owner.post(f"/team/{path}", {"role": "viewer"}).status_code == 404
    assert User.objects.filter(memberships=others).exists()


def test_who_belongs_to_none_opens_one_and_no_more(client: Client, db: None) -> None:
    client.force_login(UserFactory.create(email=GRACE))
    nothing = client.get("/")
    assert (nothing.status_code, "/account/open" in nothing.content.decode()) == (403, True)
    assert client.post("/account/open", {"name": "Grace's own"})["Location"] == "/"
    assert client.post("/account/open", {"name": "Another"}).status_code == 409
    membership = Membership.objects.select_related("account").get(user__email=GRACE)
    assert (membership.role, membership.account.friendly_name, membership.account.is_trial) == (
        Role.OWNER,
        "Grace's own",
        True,
    )
