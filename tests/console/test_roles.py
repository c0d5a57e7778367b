"""Who may do what: the table of roles, the pages that give them, and what each role meets at every address."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import RoleChange, User
from accounts.refusals import LastAdmin, NotTheirsToGive, OwnRoles
from accounts.roles import GIVES, StaffRole
from accounts.services import staff_roles
from console import roles
from tests.factories import UserFactory

CONSOLES = sorted(model._meta.label_lower for model in admin.site._registry)


@pytest.fixture
def groups(db: None) -> None:
    roles.install()


def person(email: str, *given: StaffRole) -> User:
    user: User = UserFactory.create(email=email, is_staff=bool(given))
    user.groups.set(Group.objects.filter(name__in=given))
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def assigned() -> set[str]:
    return {name for role in StaffRole for name in roles.own(role)}


def test_every_permission_of_the_table_is_one_and_every_custom_one_has_a_role(groups: None) -> None:
    found = Permission.objects.select_related("content_type")
    known = {f"{permission.content_type.app_label}.{permission.codename}" for permission in found}
    assert assigned() <= known
    ours = {name for name in known if not re.search(r"\.(add|change|delete|view)_[a-z]+$", name)}
    assert ours - assigned() == set()


@pytest.mark.parametrize("label", CONSOLES)
def test_each_list_of_the_console_is_seen_by_some_role(label: str) -> None:
    """A page that is new needs a decision: put its model into the table."""
    app, model = label.split(".")
    assert f"{app}.view_{model}" in assigned()


#: By role: the models that it may add to, change or delete. Whoever widens a right changes this line too.
WRITES = {
    StaffRole.VIEWER: 0,
    StaffRole.OPERATOR: 7 + 14,
    StaffRole.REVIEWER: 0,
    StaffRole.LEAD: 9 + 10,
    StaffRole.ADMIN: 3,
}


@pytest.mark.parametrize("role", StaffRole, ids=str)
def test_rights_to_write_are_counted(role: StaffRole) -> None:
    writes = {name for name in roles.own(role) if re.search(r"\.(add|change|delete)_", name)}
    assert len(writes) == WRITES[role]
    consoles = {label.replace(".", ".*_") for label in CONSOLES}
    assert {re.sub(r"\.[a-z]+_", ".*_", name) for name in writes} <= consoles


def test_no_line_says_again_what_an_included_role_has() -> None:
    for role in StaffRole:
        theirs = set().union(*(roles.of(other) for other in roles.INCLUDES[role]))
        again = roles.own(role) & theirs
        assert {name for name in again if role != StaffRole.LEAD} == set()


def test_only_an_admin_may_erase(groups: None) -> None:
    may = {role for role in StaffRole if "compliance.delete_enduser" in roles.of(role)}
    assert may == {StaffRole.ADMIN}
    assert not any(name.split(".")[1].startswith("delete_") for name in assigned() - {"compliance.delete_enduser"})


def test_the_command_makes_the_groups_as_the_table_says_however_often(groups: None) -> None:
    group = Group.objects.get(name=StaffRole.VIEWER)
    group.permissions.add(Permission.objects.get(codename="delete_enduser"))
    for _ in range(2):
        call_command("roles", verbosity=0)
    labels = group.permissions.values_list("content_type__app_label", "codename")
    assert {f"{app}.{codename}" for app, codename in labels} == roles.of(StaffRole.VIEWER)


def counted() -> dict[str, Any]:
    """Every row of everything but sessions."""
    models = [model for model in apps.get_models() if model._meta.app_label != "sessions"]
    return {model._meta.label: sorted(map(str, model._default_manager.values_list())) for model in models}


def addresses() -> list[str]:
    """Every address of the console, with 1 for what stands in it."""
    found = []
    for pattern in get_resolver().url_patterns:
        if str(pattern.pattern) == "console/":
            found = list(_within(pattern, "/console/"))
    assert len(found) > 200
    return sorted(set(found))


def _within(resolver: Any, before: str) -> Any:
    for pattern in resolver.url_patterns:
        route = str(pattern.pattern).replace("\\Z", "").strip("^$")
        address = before + re.sub(r"\(\?P<[^>]+>[^)]*\)|<[^>]+>", "1", route)
        if hasattr(pattern, "url_patterns"):
            yield from _within(pattern, address)
        else:
            yield address


#: Open to whoever is signed in as staff, and nothing but their own affair.
OWN = {"login", "logout", "password_change", "jsi18n", "r", "search"}


def test_a_viewer_changes_nothing_at_any_address_of_the_console(groups: None, everything: dict[str, str]) -> None:
    viewer = client_of(person("viewer@example.com", StaffRole.VIEWER))
    taken, before = [], counted()
    for address in addresses():
        if OWN & set(address.split("/")) or address == "/console/":
            continue
        answer = viewer.post(address, {"reason": "to see whether it is let", "verb": "block"})
        if answer.status_code >= 500:
            taken.append((address, answer.status_code))
    assert taken == []
    assert counted() == before


@pytest.mark.parametrize("role", StaffRole, ids=str)
def test_each_role_opens_the_lists_it_may_see_and_no_others(
    groups: None, everything: dict[str, str], role: StaffRole
) -> None:
    client, may = client_of(person("somebody@example.com", role)), roles.of(role)
    wrong = []
    for model, page in admin.site._registry.items():
        app, name = model._meta.app_label, model._meta.model_name
        needs = "compliance.review_bundle" if name == "bundle" else f"{app}.view_{name}"
        status = client.get(reverse(f"admin:{app}_{name}_changelist")).status_code
        if status != (200 if needs in may else 403):
            wrong.append((page, status))
    assert wrong == []


def test_a_lead_gives_roles_with_a_reason_and_it_is_on_record(groups: None) -> None:
    lead, new = person("lead@example.com", StaffRole.LEAD), person("new@example.com")
    where = f"/console/accounts/user/{new.pk}/do/roles/"
    shown = client_of(lead).get(where).content.decode()
    assert 'value="operator"' in shown
    assert 'value="admin"' not in shown
    client_of(lead).post(where, {"roles": ["operator", "viewer"], "reason": "joins the night shift"})
    new.refresh_from_db()
    change = RoleChange.objects.get()
    assert (new.is_staff, staff_roles.roles_of(new)) == (True, [StaffRole.VIEWER, StaffRole.OPERATOR])
    assert (change.by, change.before, change.after) == (lead, [], ["viewer", "operator"])


def test_a_lead_does_not_take_a_role_that_is_not_theirs_to_give(groups: None) -> None:
    lead, boss = person("lead@example.com", StaffRole.LEAD), person("boss@example.com", StaffRole.ADMIN)
    client_of(lead).post(f"/console/accounts/user/{boss.pk}/do/roles/", {"roles": ["viewer"], "reason": "mischief"})
    assert staff_roles.roles_of(boss) == [StaffRole.VIEWER, StaffRole.ADMIN]
    with pytest.raises(NotTheirsToGive):
        staff_roles.give(user=boss, roles=[], by=lead, reason="mischief")


def test_nobody_changes_their_own_roles(groups: None) -> None:
    lead = person("lead@example.com", StaffRole.LEAD)
    with pytest.raises(OwnRoles):
        staff_roles.give(user=lead, roles=[StaffRole.LEAD, StaffRole.VIEWER], by=lead, reason="why not")
    answer = client_of(lead).post(
        f"/console/accounts/user/{lead.pk}/do/roles/", {"roles": ["operator"], "reason": "why not"}, follow=True
    )
    assert "Nobody changes their own roles" in answer.content.decode()
    assert staff_roles.roles_of(lead) == [StaffRole.LEAD]


def test_the_last_administrator_stays(groups: None) -> None:
    one, other = person("one@example.com", StaffRole.ADMIN), person("other@example.com", StaffRole.ADMIN)
    staff_roles.give(user=other, roles=[StaffRole.VIEWER], by=one, reason="moves on")
    other.is_superuser = False
    deputy = person("deputy@example.com", StaffRole.ADMIN)
    User.objects.filter(pk=deputy.pk).update(is_active=False)
    with pytest.raises(LastAdmin):
        staff_roles.give(user=one, roles=[], by=deputy, reason="a coup")


def test_an_operator_gives_nothing(groups: None) -> None:
    operator, new = person("operator@example.com", StaffRole.OPERATOR), person("new@example.com")
    assert client_of(operator).get(f"/console/accounts/user/{new.pk}/do/roles/").status_code == 403
    assert staff_roles.may_give(operator) == frozenset()
    assert StaffRole.OPERATOR not in GIVES
    with pytest.raises(NotTheirsToGive):
        staff_roles.give(user=new, roles=[StaffRole.VIEWER], by=operator, reason="a friend")


def test_who_loses_every_role_is_shut_out_at_once(groups: None) -> None:
    boss, gone = person("boss@example.com", StaffRole.ADMIN), person("gone@example.com", StaffRole.OPERATOR)
    client = client_of(gone)
    assert client.get("/console/").status_code == 200
    staff_roles.give(user=gone, roles=[], by=boss, reason="left the firm")
    assert client.get("/console/").status_code == 302
