"""Giving roles to people: by who may, to others, and never so that nobody is left who may."""

from collections.abc import Collection

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q

from accounts.models import RoleChange, User
from accounts.refusals import LastAdmin, NotTheirsToGive, OwnRoles
from accounts.roles import GIVES, StaffRole


def roles_of(user: User) -> list[StaffRole]:
    """The roles that the person has, in the order of `StaffRole`."""
    names = set(user.groups.values_list("name", flat=True))
    return [role for role in StaffRole if role in names]


def may_give(user: User) -> frozenset[StaffRole]:
    """The roles that this person may give and take; a superuser all of them."""
    if user.is_superuser and user.is_active:
        return frozenset(StaffRole)
    return frozenset[StaffRole]().union(*(GIVES.get(role, frozenset()) for role in roles_of(user)))


def give(*, user: User, roles: Collection[StaffRole], by: User, reason: str) -> RoleChange | None:
    """Let the person have these roles and no others; who has one is staff, who has none is not. None if that is so.

    Raises OwnRoles, NotTheirsToGive, LastAdmin.
    """
    if user.pk == by.pk:
        raise OwnRoles
    with transaction.atomic():
        admins = _lock_admins()
        before, after = set(roles_of(user)), set(roles)
        if before == after:
            return None
        if not before ^ after <= may_give(by) or user.is_superuser:
            raise NotTheirsToGive
        if StaffRole.ADMIN in before - after and admins == {user.pk}:
            raise LastAdmin
        _write(user, after)
        return RoleChange.objects.create(
            user=user, by=by, before=_in_order(before), after=_in_order(after), reason=reason
        )


def _lock_admins() -> set[int]:
    """Who may give every role now. Two who each take the role from the other wait for each other at its row."""
    Group.objects.select_for_update().get_or_create(name=StaffRole.ADMIN)
    people = User.objects.filter(Q(groups__name=StaffRole.ADMIN, is_staff=True) | Q(is_superuser=True), is_active=True)
    return set(people.values_list("pk", flat=True))


def _write(user: User, roles: Collection[StaffRole]) -> None:
    """The groups; and whether the console is open to the person at all."""
    groups = [Group.objects.get_or_create(name=role)[0] for role in roles]
    user.groups.remove(*Group.objects.filter(name__in=StaffRole.values))
    user.groups.add(*groups)
    user.is_staff = bool(roles)
    User.objects.filter(pk=user.pk).update(is_staff=user.is_staff)


def _in_order(roles: Collection[StaffRole]) -> list[str]:
    return [role.value for role in StaffRole if role in roles]
