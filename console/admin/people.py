"""Accounts, keys, people and their roles. No page here shows a secret, nor its digest."""

from collections.abc import Mapping
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import Account, ApiKey, RoleChange, User
from accounts.roles import StaffRole
from accounts.services import staff_roles
from console import account_panel
from console.read_only import ReadOnlyAdmin
from console.verbs import ACCOUNT_VERBS, ReasonForm, Verb, VerbsAdmin

admin.site.unregister(Group)  # what a role may do is the table of console.roles, and no form's
for theirs in (EmailAddress, Authenticator, UserSession):  # on the person's own page of security, and nowhere else
    admin.site.unregister(theirs)


@admin.register(Account)
class AccountAdmin(VerbsAdmin):
    """Customers of the API."""

    list_display = ("friendly_name", "sid", "status", "parent", "is_trial", "is_test", "is_operator", "created_at")
    list_filter = ("status", "is_trial", "is_test", "is_operator")
    list_select_related = ("parent",)
    search_fields = ("sid", "friendly_name")
    fields = ("sid", "friendly_name", "status", "suspended_by_operator", *list_display[3:], "updated_at")
    ordering = ("-pk",)
    verbs = ACCOUNT_VERBS
    change_form_before_template = "console/account.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With its people, numbers, papers and keys."""
        context |= account_panel.context(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Without the secrets: they are not even read."""
        return super().get_queryset(request).defer("auth_token", "auth_token_digest", "parent__auth_token")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Second credentials of accounts."""

    list_display = ("sid", "friendly_name", "account", "created_at")
    search_fields = ("sid", "account__sid")
    fields = ("sid", "friendly_name", "account", "created_at", "updated_at")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        """Likewise."""
        found = super().get_queryset(request).select_related("account")
        return found.defer("secret_digest", "account__auth_token", "account__auth_token_digest")


def _gives(user: User, given: Mapping[str, Any], actor: str) -> object:
    roles = [StaffRole(name) for name in given["roles"]]
    kept = [role for role in staff_roles.roles_of(user) if role not in staff_roles.may_give(given["user"])]
    return staff_roles.give(user=user, roles={*roles, *kept}, by=given["user"], reason=given["reason"])


class RolesForm(ReasonForm):
    """Which of the roles that the asker may give the person has."""

    roles = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: the person has no way into the console any more.",
    )
    field_order = ("roles", "reason")


ROLE_VERBS = (
    Verb(
        "roles",
        "Give roles",
        "The roles count from the next page on that the person opens. Who had none before can then sign in here.",
        lambda user: user.is_active and not user.is_superuser,
        _gives,
        form=RolesForm,
    ),
)


@admin.register(User)
class UserAdmin(VerbsAdmin):
    """Who may sign in to the pages; staff by their roles."""

    about = "Everybody with a password: customers, and staff. What staff may do is said by their roles."
    list_display = ("email", "shown_roles", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email",)
    fields = ("email", "shown_roles", "first_name", "last_name", *list_display[2:])
    ordering = ("email", "pk")
    verbs = ROLE_VERBS

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With their roles."""
        return super().get_queryset(request).prefetch_related("groups")

    def verb_form(self, request: HttpRequest, row: Model, verb: Verb) -> ReasonForm:
        """With the roles that are the asker's to give, those ticked that the person has."""
        form, asker = super().verb_form(request, row, verb), cast(User, request.user)
        mine, field = staff_roles.may_give(asker), cast(forms.MultipleChoiceField, form.fields["roles"])
        field.choices = [(role.value, f"{role.value.capitalize()}: {role.label}") for role in StaffRole if role in mine]
        form.initial["roles"] = [role.value for role in staff_roles.roles_of(cast(User, row))]
        return form

    @admin.display(description="roles")
    def shown_roles(self, user: User) -> str:
        """By name."""
        names = {group.name for group in user.groups.all()}
        return ", ".join(role.value for role in StaffRole if role in names)


@admin.register(RoleChange)
class RoleChangeAdmin(ReadOnlyAdmin):
    """The newest first."""

    about = "Who gave which roles to whom, and why. Nothing here is ever changed."
    list_display = ("at", "user", "by", "shown_before", "shown_after", "reason")
    list_select_related = ("user", "by")
    search_fields = ("user__email",)
    fields = ("at", "user", "by", "shown_before", "shown_after", "reason")
    ordering = ("-pk",)

    @admin.display(description="before")
    def shown_before(self, change: RoleChange) -> str:
        """By name."""
        return ", ".join(change.before) or "none"

    @admin.display(description="after")
    def shown_after(self, change: RoleChange) -> str:
        """By name."""
        return ", ".join(change.after) or "none"
