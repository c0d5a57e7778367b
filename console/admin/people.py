"""Accounts, keys, people, and what staff did. No page here shows a secret, nor its digest."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Account, ApiKey, User
from console.read_only import ReadOnlyAdmin
from console.verbs import ACCOUNT_VERBS, VerbsAdmin

admin.site.unregister(Group)  # permissions are given to people; roles come with the full console
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


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Who may sign in to the pages."""

    list_display = ("email", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email",)
    fields = ("email", "first_name", "last_name", *list_display[1:])
    ordering = ("email",)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Every verb with its reason, every edit of a target or tariff."""

    list_display = ("action_time", "user", "object_repr", "shown_change")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message")
    fields = ("action_time", "user", "content_type", "object_repr", "shown_change")
    ordering = ("-pk",)

    @admin.display(description="change")
    def shown_change(self, entry: LogEntry) -> Any:
        """In words."""
        return entry.get_change_message()
